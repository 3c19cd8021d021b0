"""The name that Adafruit's packages import from CircuitPython for their annotations."""


class I2C:
    """Never used: the test hands over a bus of its own."""
