"""The recorder: what goes on the air, kept in files on this machine."""
