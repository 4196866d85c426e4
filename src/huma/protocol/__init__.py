"""The core: the documents and rules of huma/1. No I/O, clock, randomness, logging or async; time is an argument."""
