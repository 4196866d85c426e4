"""Adapters to the network: the HTTP client, the embedded server."""
