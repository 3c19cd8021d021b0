"""When a chip takes its samples, and the bytes of each.

Two kinds of instants. A recording on a chip without clock error is sampled at the recording's own
instants, so that its counts come out unchanged. Otherwise the chip samples at instants of its
own, one each period of its clock, and the source is interpolated there.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from typing import Protocol, TypeGuard

import numpy as np
import numpy.typing as npt

from dowel_host.twin.source import Counts, SampledSource, Source

from . import registers as reg
from .oscillator import TICK_SPAN, Oscillator

ROW_BYTES = 12
"""gx gy gz ax ay az, little-endian int16, as in the output registers and in FIFO words."""

_AS_RECORDED_TOLERANCE = 0.02
"""How far a recording's rate may be from the chip's and still set the instants, as a fraction.

Small: a recording at 208.00 Hz would not pass for the chip's 208.33 Hz. Large: a recording
of another rate would be played at a rate that the chip was not set to.
"""
_BLOCK = 1024
"""Samples of a recording that are converted at a time: numpy's overhead against waiting."""

_pack_row = struct.Struct("<6h").pack


class Instants(Protocol):
    """The moments at which samples are due, counted from 0."""

    origin_span: int
    """The chip's clock at the moment from which `ticks` counts."""

    def __len__(self) -> int:
        """Return how many samples the source lasts for."""
        ...

    def due_us(self, i: int) -> int:
        """Return when sample `i` is due, us of the board's time."""
        ...

    def ticks(self, i: int) -> int:
        """Return how many ticks after the origin sample `i` is stamped."""
        ...

    def source_us(self, i: int) -> float:
        """Return the moment of sample `i` on the source's time, us."""
        ...


class RecordedInstants:
    """A recording's own instants: sample i at start + t_us[i]."""

    def __init__(self, source: SampledSource, oscillator: Oscillator, start_us: int) -> None:
        self.origin_span = oscillator.span_at(start_us)
        self._start_us = start_us
        self._t_us: list[int] = source.t_us.tolist()

    def __len__(self) -> int:
        """Return the number of samples of the recording."""
        return len(self._t_us)

    def first_from(self, board_us: int) -> int:
        """Return the first sample that is due at `board_us` or later."""
        return bisect_left(self._t_us, board_us - self._start_us)

    def due_us(self, i: int) -> int:
        """Return when sample `i` is due, us of the board's time."""
        return self._start_us + self._t_us[i]

    def ticks(self, i: int) -> int:
        """Return how many ticks after the start sample `i` is stamped."""
        return self._t_us[i] // reg.TICK_US

    def source_us(self, i: int) -> float:
        """Return the moment of sample `i` on the source's time, us."""
        return self._t_us[i]


class OwnInstants:
    """The chip's own instants: one each `period` ticks of its clock, the first at the origin."""

    def __init__(
        self, oscillator: Oscillator, origin_span: int, period: int, start_us: int, end_us: int
    ) -> None:
        self.origin_span = origin_span
        self._oscillator = oscillator
        self._period = period
        self._lead_span = origin_span - oscillator.span_at(start_us)
        last_span = oscillator.span_at(end_us) - origin_span
        self._count = max(0, last_span // (period * TICK_SPAN) + 1)

    def __len__(self) -> int:
        """Return how many samples the source lasts for."""
        return self._count

    def due_us(self, i: int) -> int:
        """Return when sample `i` is due, us of the board's time."""
        return self._oscillator.board_us_at(self.origin_span + i * self._period * TICK_SPAN)

    def ticks(self, i: int) -> int:
        """Return how many ticks after the first one sample `i` is stamped."""
        return i * self._period

    def source_us(self, i: int) -> float:
        """Return the moment of sample `i` on the source's time, us."""
        return self._oscillator.board_us_between(self._lead_span + i * self._period * TICK_SPAN)


def plays_as_recorded(source: Source, clock_error: float, period: int) -> TypeGuard[SampledSource]:
    """Tell whether the chip samples at the recording's instants: no clock error, same rate."""
    if clock_error != 0 or not isinstance(source, SampledSource) or len(source.t_us) < 2:
        return False
    nominal_us = period * reg.TICK_US
    recorded_us = float(np.median(np.diff(source.t_us)))
    return abs(recorded_us - nominal_us) <= _AS_RECORDED_TOLERANCE * nominal_us


class Scale:
    """Reference counts to the chip's counts, for the two full scales that are set."""

    def __init__(self, gyro: float, accel: float) -> None:
        """Take the chip's counts per reference count, of each sensor."""
        self._gyro = gyro
        self._accel = accel
        self._factors = np.array([gyro] * 3 + [accel] * 3)

    def row(self, counts: Counts) -> bytes:
        """Convert one sample; values beyond int16 saturate."""
        gx, gy, gz, ax, ay, az = counts
        g, a = self._gyro, self._accel
        return _pack_row(
            _saturated(gx * g),
            _saturated(gy * g),
            _saturated(gz * g),
            _saturated(ax * a),
            _saturated(ay * a),
            _saturated(az * a),
        )

    def rows(self, counts: npt.NDArray[np.float64]) -> bytes:
        """Convert (m, 6) samples at once, with the same result as `row` of each."""
        scaled = np.rint(counts * self._factors)
        return np.clip(scaled, -32768, 32767).astype("<i2").tobytes()


def _saturated(value: float) -> int:
    return max(-32768, min(32767, round(value)))


class Rows:
    """The bytes of each sample: the one place that all measured values pass.

    What the board itself adds to a measurement, such as the shaking of its motor, belongs in
    front of the scale; while it acts, samples must not be converted in advance.
    """

    def __init__(self, source: Source, instants: Instants, scale: Scale) -> None:
        self._source = source
        self._sampled = source if isinstance(source, SampledSource) else None
        self._instants = instants
        self._scale = scale
        self._block = b""
        self._block_start = 0
        self._block_end = 0

    def set_scale(self, scale: Scale) -> None:
        """Use another full scale from the next sample on."""
        self._scale = scale
        self._block_end = 0

    def __getitem__(self, i: int) -> bytes:
        """Return the 12 bytes of sample `i`."""
        sampled = self._sampled
        if sampled is None:
            return self._scale.row(self._source.at(self._instants.source_us(i)))
        if not self._block_start <= i < self._block_end:
            self._convert_from(sampled, i)
        at = (i - self._block_start) * ROW_BYTES
        return self._block[at : at + ROW_BYTES]

    def _convert_from(self, source: SampledSource, first: int) -> None:
        end = min(first + _BLOCK, len(self._instants))
        t_us = np.array([self._instants.source_us(i) for i in range(first, end)])
        self._block = self._scale.rows(source.interpolate(t_us))
        self._block_start, self._block_end = first, end
