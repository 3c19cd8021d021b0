"""Names that Adafruit's packages use in annotations."""


class I2CDeviceDriver:
    """Stands for any driver."""
