"""SRT in, by Debian's libsrt in a small process of its own: it is C that reads what strangers send."""
