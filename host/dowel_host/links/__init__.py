"""Ways to a device: each carries the same messages."""
