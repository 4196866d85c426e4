"""Adapters to keys and trust documents on disk: an event as its holders keep it."""
