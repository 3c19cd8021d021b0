"""The battery's voltage, through a divider on an ADC pin."""

from machine import ADC, Pin


class Battery:
    """A single lithium cell on an ADC pin."""

    def __init__(self, pin, divider):
        self._adc = ADC(Pin(pin), atten=ADC.ATTN_11DB)
        self._divider = divider

    def millivolts(self):
        """Voltage of the cell, mV."""
        return self._adc.read_uv() // 1000 * self._divider
