"""Test vectors, shared by every implementation, and what makes them."""
