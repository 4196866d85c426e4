"""Clips: a stretch of the signed archive as a plain MP4 file, with its sources named."""
