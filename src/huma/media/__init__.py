"""Adapters to pictures and sound: sources, encoders, the test programme, fragmented MP4."""
