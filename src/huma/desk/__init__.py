"""The organiser's desk: keeps the trust documents fresh."""
