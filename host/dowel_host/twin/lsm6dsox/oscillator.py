"""The chip's own clock: it drives samples and timestamps alike.

Unit here: `span`, one nominal microsecond of the chip is 10**9 span. With integers only, times
stay exact for any clock error and any length of run.
"""

from __future__ import annotations

from . import registers as reg

_SPAN_PER_US = 10**9
TICK_SPAN = reg.TICK_US * _SPAN_PER_US
_COUNTER_MASK = 0xFFFF_FFFF


class Oscillator:
    """Relation of the board's time to the chip's; a `clock_error` of 0.01 runs 1 % fast."""

    def __init__(self, clock_error: float) -> None:
        """Take the error of the rate; raises ValueError where INTERNAL_FREQ_FINE cannot hold it.

        Source of the step and its sign: ST's formula of ODR_actual (registers.py, FREQ_FINE_STEP).
        """
        self.freq_fine = round(clock_error / reg.FREQ_FINE_STEP)
        if not -128 <= self.freq_fine <= 127:
            raise ValueError(f"clock error {clock_error} is beyond INTERNAL_FREQ_FINE's +-19 %")
        self._span_per_board_us = _SPAN_PER_US + round(clock_error * _SPAN_PER_US)

    def span_at(self, board_us: int) -> int:
        """Return what the chip's clock has run when the board's shows `board_us`."""
        return board_us * self._span_per_board_us

    def board_us_at(self, span: int) -> int:
        """Return the first whole microsecond of the board at which the chip has run `span`."""
        return -(-span // self._span_per_board_us)

    def board_us_between(self, span: int) -> float:
        """Return how long, in us of the board's time, the chip needs for `span`."""
        return span / self._span_per_board_us


class TimestampCounter:
    """TIMESTAMP0 to 3: a uint32 of ticks of 25 us (chip time), which can stand still."""

    def __init__(self, oscillator: Oscillator) -> None:
        self._oscillator = oscillator
        self._running = False
        self._zero_span = 0  # the chip's clock when the counter was 0, while running
        self._held_span = 0  # what the counter had reached, while standing still

    def run(self, running: bool, now_us: int) -> None:
        """Let the counter run or stand still from board time `now_us` on."""
        if running != self._running:
            span = self._oscillator.span_at(now_us)
            if running:
                self._zero_span = span - self._held_span
            else:
                self._held_span = span - self._zero_span
            self._running = running

    def reset(self, now_us: int) -> None:
        """Set the counter to 0 at board time `now_us`."""
        self._held_span = 0
        self._zero_span = self._oscillator.span_at(now_us)

    def read(self, now_us: int) -> int:
        """Return the counter, whole ticks modulo 2**32."""
        if not self._running:
            return self._held_span // TICK_SPAN & _COUNTER_MASK
        return (self._oscillator.span_at(now_us) - self._zero_span) // TICK_SPAN & _COUNTER_MASK

    def nearest_tick(self, span: int) -> int:
        """Return the tick nearest to the moment at which the chip's clock has run `span`.

        It may be negative or beyond 2**32: whoever stamps takes it modulo 2**32.
        """
        return (span - self._zero_span + TICK_SPAN // 2) // TICK_SPAN
