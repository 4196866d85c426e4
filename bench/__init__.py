"""The benchmarks: each runs ours beside its peer in one run, and prints a ratio with the settings of both."""
