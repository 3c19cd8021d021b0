"""The one function that Adafruit's packages import from MicroPython."""


def const(value):
    """Return the value: only MicroPython's compiler does more."""
    return value
