"""Sources that never end: for a board that stays on longer than what it is worn for."""

from __future__ import annotations

from dowel_host.twin.source import Counts, RecordingSource

# As long as a source claims to last, us: a hundred years. Nobody waits for its end; an end is
# asked for all the same, to count the samples.
FOREVER_US = 100 * 366 * 86_400 * 1_000_000


class Looping:
    """A recording over and over, its first sample one step behind its last.

    At the seam the sensor is where the recording began, without having turned: right where it
    begins and ends in one posture.
    """

    def __init__(self, source: RecordingSource) -> None:
        self._source = source
        times = source.t_us
        self._first_us = int(times[0])
        step_us = int(times[-1] - times[-2]) if len(times) > 1 else 1
        self._period_us = source.duration_us - self._first_us + step_us

    @property
    def duration_us(self) -> int:
        """For ever, us."""
        return FOREVER_US

    def at(self, t_us: float) -> Counts:
        """Measure at t_us from the start of the first round, in reference counts."""
        return self._source.at(self._first_us + t_us % self._period_us)


class Held:
    """A recording once; then the sensor stays as it is, without turning any more."""

    def __init__(self, source: RecordingSource) -> None:
        self._source = source

    @property
    def duration_us(self) -> int:
        """For ever, us."""
        return FOREVER_US

    def at(self, t_us: float) -> Counts:
        """Measure at t_us from the recording's start, in reference counts."""
        counts = self._source.at(t_us)
        if t_us <= self._source.duration_us:
            return counts
        return (0.0, 0.0, 0.0, *counts[3:])
