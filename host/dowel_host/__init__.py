"""The receiver of the electronic dowel: links, client, replay, the virtual board, command line."""

__version__ = "0.1.0"
