"""Adapters to the places where signed files are put: folders, HTTP stores, object stores."""
