"""Huma: a live stream that proves itself, so that any stranger may carry it."""

__version__ = "0.1.0"
