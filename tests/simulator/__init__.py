"""A broadcaster, its mirrors and a viewer in virtual time. It signs for real; only the clock and the wires are made up."""
