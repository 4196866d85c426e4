"""Adapters to the places where signed files are put: folders and HTTP stores."""
