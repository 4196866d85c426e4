"""Makers of vectors: fixed seeds, the same bytes every time."""
