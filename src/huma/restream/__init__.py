"""Outputs beside the signed path: the programme sent on to platforms that know nothing of signatures."""
