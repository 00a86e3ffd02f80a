"""Sinks to start from; docs/own-sink.md explains them, and the tests run them."""
