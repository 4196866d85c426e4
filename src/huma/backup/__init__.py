"""Back-ups: an event's folder in one file that opens only with a passphrase, and the way back."""
