"""The broadcaster: takes segments, logs, signs and publishes them."""
