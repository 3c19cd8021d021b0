"""The battery's voltage, through a divider on an ADC pin."""

from machine import ADC, Pin

# Voltage of a lithium cell at rest (mV) and its charge (%), straight lines in between. Source: the
# usual curve of LiCoO2 cells at a tenth of C; good to some 10 %.
_CHARGE = ((4200, 100), (4000, 80), (3850, 60), (3750, 40), (3680, 20), (3500, 5), (3300, 0))


class Battery:
    """A single lithium cell on an ADC pin."""

    def __init__(self, pin, divider):
        self._adc = ADC(Pin(pin), atten=ADC.ATTN_11DB)
        self._divider = divider

    def millivolts(self):
        """Voltage of the cell, mV."""
        return self._adc.read_uv() // 1000 * self._divider

    def percent(self):
        """Charge of the cell, 0 to 100 %, from its voltage at rest."""
        millivolts = self.millivolts()
        for index in range(1, len(_CHARGE)):
            low_mv, low = _CHARGE[index]
            high_mv, high = _CHARGE[index - 1]
            if millivolts >= low_mv:
                above = min(millivolts, high_mv) - low_mv
                return low + (high - low) * above // (high_mv - low_mv)
        return 0
