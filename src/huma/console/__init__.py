"""The technician's console: what a broadcast says of itself, for a page, for Prometheus and for commands."""
