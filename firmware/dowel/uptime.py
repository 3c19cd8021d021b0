"""Milliseconds since boot for instants on the microsecond clock, exact and without big
integers.
"""

import time


class Uptime:
    """Follows time.ticks_us() past its wrap at 2**30 us (18 minutes).

    Call advance() more often than that.
    """

    def __init__(self):
        # The stubs make ticks a type of its own; here it is where the count of ms begins.
        self._ms: int = time.ticks_ms()  # pyright: ignore[reportAttributeAccessIssue]
        self._us = time.ticks_us()  # the instant that _ms names

    def advance(self):
        """Move the reference up to now. No allocation."""
        elapsed_ms = time.ticks_diff(time.ticks_us(), self._us) // 1000
        self._ms += elapsed_ms
        self._us = time.ticks_add(self._us, elapsed_ms * 1000)

    def now_ms(self):
        """Uptime in ms."""
        return self.ms_at(time.ticks_us())

    def ms_at(self, us):
        """Uptime in ms at us (ticks_us, within 8 minutes of the reference). No allocation."""
        return self._ms + time.ticks_diff(us, self._us) // 1000
