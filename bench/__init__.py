"""Measures the tilt filter beside its peers: error on recordings, cost in instructions."""
