"""The viewer's session: events in, commands out (spec/client.md, steps M and S). No I/O, no clock, no chance of its own."""
