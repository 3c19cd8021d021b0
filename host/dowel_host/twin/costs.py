"""Board time that each thing takes: one table, each line with its source.

A cost is in microseconds, with jitter: a uniform share of it, drawn from the board's seed. Twice a
cost here must be seen in the latencies, or they are an artefact; a test does that.
"""

import random
from dataclasses import dataclass, fields, replace

TICK_US = 10_000  # FreeRTOS, 100 Hz: sleeps and polls end on it (micropython#5994)


@dataclass(frozen=True)
class Costs:
    """Microseconds on an ESP32-S3 at 240 MHz; jitter as a share (0.1: +-10 %)."""

    # 680 us for 8 bytes at 400 kHz (micropython PR 8718): 430 us and 22.5 us a byte on the wire.
    i2c_transaction_us: float = 430.0
    i2c_byte_us: float = 22.5
    # 4,000 instructions a sample (until they are counted) x CPI 3 / 240 MHz; charged with the
    # burst.
    filter_sample_us: float = 4000 * 3 / 240
    # Prepares a buffer and wakes the host task; estimate from idf figures of 90 kB/s.
    notify_us: float = 500.0
    # The handler runs on the host task, takes the GIL, builds a tuple; estimate.
    ble_event_us: float = 1000.0
    # W25Q class: 45 ms typical, 65 ms (Adafruit_SPIFlash #140), 80 ms (micropython#3782).
    flash_erase_us: float = 60_000.0
    # 0.7 ms for a page of 256 bytes (W25Q data sheet, typical).
    flash_program_byte_us: float = 700 / 256
    flash_read_us: float = 20.0
    # A call into the driver: two empty bytecode calls of 12 us each, rounded.
    adc_us: float = 20.0
    pwm_us: float = 20.0
    pin_us: float = 12.0
    # Jitter of each: GIL, caches and interrupts. Source: none for MicroPython; a tenth is a guess,
    # small on purpose.
    jitter: float = 0.1

    def doubled(self, name: str) -> "Costs":
        """These costs with one of them twice as large."""
        return replace(self, **{name: 2 * getattr(self, name)})

    @classmethod
    def names(cls) -> list[str]:
        """Names of the costs, without the jitter."""
        return [field.name for field in fields(cls) if field.name != "jitter"]


class CostMeter:
    """Draws the jittered cost of each call from a seed."""

    def __init__(self, costs: Costs, seed: int) -> None:
        self.costs = costs
        self._random = random.Random(seed)

    def draw_us(self, cost_us: float) -> int:
        """Return cost_us with its jitter, whole microseconds."""
        spread = self.costs.jitter
        return round(cost_us * (1.0 + spread * (2.0 * self._random.random() - 1.0)))

    def i2c_us(self, count: int) -> int:
        """Cost of a transaction that moves count bytes of payload (address and register come on
        top).
        """
        wire = self.costs.i2c_byte_us * (count + 3)
        return self.draw_us(self.costs.i2c_transaction_us + wire)
