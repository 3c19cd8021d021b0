"""Puts the firmware on a board, over MicroPython's raw REPL."""
