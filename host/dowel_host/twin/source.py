"""What a simulated sensor measures: recordings and functions of time, and when they begin.

Unit of every source: reference counts, 35 mdps/LSB for the gyroscope and 0.244 mg/LSB for the
accelerometer (the scale of the recordings), in the order gx gy gz ax ay az, sensor axes.
A source may exceed int16: a chip set to +-16 g or 2000 dps can still measure that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

REFERENCE_GYRO_UDPS = 35_000
"""Gyroscope, micro-degrees per second per reference count."""
REFERENCE_ACCEL_UG = 244
"""Accelerometer, micro-g per reference count."""

LEAD_IN_US = 10_000
"""From the first FIFO that starts to store until the source's time zero, us.

Small: the second sensor, configured a few I2C transactions later, misses the first samples.
Large: a longer wait before anything moves. 10 ms is about 20 transactions of 0.45 ms.
"""

Counts = tuple[float, float, float, float, float, float]
"""gx gy gz ax ay az in reference counts."""


class SourceError(ValueError):
    """A recording's arrays cannot be played; `why` says which and what is wrong."""

    def __init__(self, why: str) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


class Source(Protocol):
    """Something that can be measured at any moment from 0 to `duration_us`."""

    @property
    def duration_us(self) -> int:
        """Time of the last moment that can be measured, us from the source's start."""
        ...

    def at(self, t_us: float) -> Counts:
        """Measure at `t_us` (us from the source's start), in reference counts."""
        ...


@runtime_checkable
class SampledSource(Source, Protocol):
    """A source that consists of samples at instants of its own."""

    @property
    def t_us(self) -> npt.NDArray[np.int64]:
        """Instants of the samples, (n,), us from the source's start, increasing."""
        ...

    def interpolate(self, t_us: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Measure at many moments: (m,) us to (m, 6) reference counts."""
        ...


class RecordingSource:
    """A recording of one sensor: samples at their instants, linear in between."""

    def __init__(self, t_us: npt.ArrayLike, gyr: npt.ArrayLike, acc: npt.ArrayLike) -> None:
        """Take t_us (n,) us, gyr and acc (n, 3) int16 at 35 mdps/LSB and 0.244 mg/LSB.

        Raises SourceError when shapes, values or times do not make a recording.
        """
        times = np.asarray(t_us)
        if times.ndim != 1 or len(times) == 0:
            raise SourceError(f"t_us must be a list of times, not of shape {times.shape}")
        if times[0] < 0 or np.any(np.diff(times) <= 0):
            raise SourceError("t_us must start at 0 or later and increase from sample to sample")
        columns = [_int16_columns(name, a, len(times)) for name, a in (("gyr", gyr), ("acc", acc))]
        self._t_us = times.astype(np.int64)
        self._counts = np.hstack(columns)

    @property
    def t_us(self) -> npt.NDArray[np.int64]:
        """Instants of the samples, (n,), us from the source's start."""
        return self._t_us

    @property
    def counts(self) -> npt.NDArray[np.int16]:
        """The samples, (n, 6), reference counts."""
        return self._counts

    @property
    def duration_us(self) -> int:
        """Instant of the last sample, us from the source's start."""
        return int(self._t_us[-1])

    def at(self, t_us: float) -> Counts:
        """Interpolate linearly at `t_us` us, in reference counts; the ends are held."""
        row = self.interpolate(np.array([t_us], dtype=np.float64))[0]
        gx, gy, gz, ax, ay, az = row.tolist()
        return gx, gy, gz, ax, ay, az

    def interpolate(self, t_us: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Interpolate linearly at (m,) us, giving (m, 6) reference counts."""
        columns = [np.interp(t_us, self._t_us, self._counts[:, axis]) for axis in range(6)]
        return np.column_stack(columns)


class CallableSource:
    """A function of time, for simulated people and for tests."""

    def __init__(self, f: Callable[[float], Counts], duration_us: int) -> None:
        """Take f(t_us) -> (gx, gy, gz in deg/s, ax, ay, az in g) and its length in us.

        f is asked once for each sample, in order of time and not before the sample is due.
        """
        self._f = f
        self._duration_us = duration_us

    @property
    def duration_us(self) -> int:
        """Last moment that is measured, us from the source's start."""
        return self._duration_us

    def at(self, t_us: float) -> Counts:
        """Ask the function at `t_us` us and convert to reference counts."""
        gx, gy, gz, ax, ay, az = self._f(t_us)
        gyro = 1e6 / REFERENCE_GYRO_UDPS
        accel = 1e6 / REFERENCE_ACCEL_UG
        return gx * gyro, gy * gyro, gz * gyro, ax * accel, ay * accel, az * accel


class Scene:
    """When the sources of one board begin; shared by the chips of that board."""

    def __init__(self, start_us: int | None = None) -> None:
        """Begin at board time `start_us`; None: soon after the first FIFO starts to store."""
        self.start_us = start_us

    def fifo_started(self, now_us: int) -> None:
        """Note that a FIFO stores from board time `now_us` on; only the first one counts."""
        if self.start_us is None:
            self.start_us = now_us + LEAD_IN_US


def _int16_columns(name: str, values: npt.ArrayLike, n: int) -> npt.NDArray[np.int16]:
    """Return values as (n, 3) int16, or say what is wrong with them."""
    array: npt.NDArray[Any] = np.asarray(values)
    if array.shape != (n, 3):
        raise SourceError(f"{name} must have shape ({n}, 3) like t_us, not {array.shape}")
    counts = array.astype(np.int16)
    if not np.array_equal(counts, array):
        raise SourceError(f"{name} holds values that are no int16 counts")
    return counts
