"""The electronic dowel's firmware."""

VERSION = "0.1.0"
