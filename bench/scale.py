"""Learns a gyro's scale per axis on recordings, from gravity alone: no truth is looked at.

The scale is that which leaves the least velocity over all windows of all recordings of a sensor
(velocity.py), by weighted least squares. A window's weight follows from the velocity that is left
in it; what else is wrong in it stays its own.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.linalg import inv, solve

from bench.ours import SCALE_ONE, Scale
from bench.trial import Floats, Sensor
from bench.velocity import Window, windows

# What is known beforehand, as standard deviations. Small: the data has to insist; large: noise
# gets in where movement says little.
_SCALE_PRIOR = 0.01  # ST: +-1 % typical
_SCALE_MAX = 0.03  # the core takes no more
# An axis is corrected if its scale is known better than this. Small: needs long recordings;
# large: an axis that hardly turned gets a guess.
_SURE = 0.003
_ACC_SCALE_PRIOR = 0.01
_ACC_OFFSET_PRIOR_M_S2 = 0.05  # 5 mg; ST: +-20 typical
# By how much the scale seems to differ from window to window, as axes that are not square to each
# other and a warming chip make it: without this a few quiet windows outvote all others.
_SCALE_SPREAD = 0.001
# Bias of a window against that of the recording's rests; and where there is no rest, against 0.
_BIAS_SPREAD_RAD_S = np.radians(0.1)
_BIAS_PRIOR_RAD_S = np.radians(1.0)
# Velocity left in a window is never trusted to be less, m/s: errors that no window shows.
_VELOCITY_FLOOR = 0.05
_VELOCITY_START = 0.3

# Rest of a second: turn and force vary less than this, and turn is a possible bias.
_REST_RAD_S = np.radians(0.7)
_REST_M_S2 = 0.15
_REST_BIAS_RAD_S = np.radians(3.0)
_REST_SECONDS = 3  # fewer say nothing

_ROUNDS = 3  # of linearising anew
_REWEIGHTINGS = 5


@dataclass(frozen=True, eq=False)
class Learnt:
    """error: share by which each axis reads too little, (3,); deviation: how sure that is."""

    error: Floats
    deviation: Floats
    recordings: int

    @property
    def scale(self) -> Scale:
        """For Tilt.set_scale: 2^-16 of what the data sheet says; nominal where not sure enough."""
        sure = np.where(self.deviation < _SURE, self.error, 0.0)
        error = np.clip(sure, -_SCALE_MAX, _SCALE_MAX)
        x, y, z = (int(axis) for axis in np.rint(SCALE_ONE * (1 + error)))
        return x, y, z


@dataclass(eq=False)
class _Evidence:
    """What one recording says: normal equations of the nine shared unknowns."""

    sensor: Sensor
    bias: Floats
    bias_deviation: float
    windows: list[Window]
    velocity_left: list[float]
    matrix: Floats
    vector: Floats


class ScaleOfSensor:
    """What the recordings of one sensor say about its gyro's scale."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self._evidence = [_begin(sensor) for sensor in sensors]
        self._point = np.zeros(3)  # where all is linear
        for round_ in range(_ROUNDS):
            if round_:
                self._point = self._point + self._solution(self._evidence)[0][:3]
            self._look_again()

    def learnt(self, *, without: Collection[str] = ()) -> Learnt:
        """Return the scale; leave out recordings whose name or samples (digest) are given."""
        kept = [
            one
            for one in self._evidence
            if one.sensor.name not in without and one.sensor.digest not in without
        ]
        solution, covariance = self._solution(kept)
        deviation = np.sqrt(np.diag(covariance)[:3])
        return Learnt(self._point + solution[:3], deviation, len(kept))

    def _look_again(self) -> None:
        for one in self._evidence:
            one.windows = list(windows(one.sensor, self._point, one.bias))
            one.velocity_left = [_VELOCITY_START] * len(one.windows)
        for _ in range(_REWEIGHTINGS):
            for one in self._evidence:
                _sum_up(one)
            solution = self._solution(self._evidence)[0]
            for one in self._evidence:
                one.velocity_left = [
                    _velocity_left(window, left, solution, one.bias_deviation)
                    for window, left in zip(one.windows, one.velocity_left, strict=True)
                ]
        for one in self._evidence:
            _sum_up(one)

    def _solution(self, evidence: Iterable[_Evidence]) -> tuple[Floats, Floats]:
        deviations = [_SCALE_PRIOR] * 3 + [_ACC_SCALE_PRIOR] * 3 + [_ACC_OFFSET_PRIOR_M_S2] * 3
        prior = np.diag(np.array(deviations) ** -2.0)
        # The prior is about the whole error, not about what is left at this point.
        matrix, vector = prior.copy(), prior @ np.append(self._point, np.zeros(6))
        for one in evidence:
            matrix += one.matrix
            vector = vector + one.vector
        return -solve(matrix, vector), inv(matrix)


def learn_by_site(sensors: Iterable[Sensor]) -> dict[str, ScaleOfSensor]:
    """Learn for each site: recordings in which a sensor has the same site are of one sensor."""
    by_site: dict[str, list[Sensor]] = {}
    for sensor in sensors:
        by_site.setdefault(sensor.site, []).append(sensor)
    return {site: ScaleOfSensor(own) for site, own in by_site.items()}


def _begin(sensor: Sensor) -> _Evidence:
    bias = _bias_at_rest(sensor)
    known = bias is not None
    return _Evidence(
        sensor=sensor,
        bias=bias if bias is not None else np.zeros(3),
        bias_deviation=float(_BIAS_SPREAD_RAD_S if known else _BIAS_PRIOR_RAD_S),
        windows=[],
        velocity_left=[],
        matrix=np.zeros((9, 9)),
        vector=np.zeros(9),
    )


def _bias_at_rest(sensor: Sensor) -> Floats | None:
    second = int(sensor.rate_hz)
    count = len(sensor.gyr) // second
    gyr = sensor.gyr_rad_s[: count * second].reshape(count, second, 3)
    acc = sensor.acc_m_s2[: count * second].reshape(count, second, 3)
    turn: Floats = gyr.mean(axis=1)
    still = (gyr.std(axis=1).max(axis=1) < _REST_RAD_S) & (
        acc.std(axis=1).max(axis=1) < _REST_M_S2
    )
    still &= np.abs(turn).max(axis=1) < _REST_BIAS_RAD_S
    if still.sum() < _REST_SECONDS:
        return None
    # The middle one: a second in which something began to move does no harm.
    return np.sort(turn[still], axis=0)[int(still.sum()) // 2]


def _own_part(window: Window, left: float, bias_deviation: float) -> tuple[Floats, Floats]:
    """What is a window's own, derivatives and prior: bias, v(0), g, deviation from the scale."""
    own = np.concatenate([window.own, window.scale], axis=1)
    prior = np.zeros(12)
    prior[:3] = (left / bias_deviation) ** 2
    prior[3:9] = 1e-9  # as good as none
    prior[9:] = (left / _SCALE_SPREAD) ** 2
    return own, np.diag(prior)


def _sum_up(evidence: _Evidence) -> None:
    evidence.matrix, evidence.vector = np.zeros((9, 9)), np.zeros(9)
    for window, left in zip(evidence.windows, evidence.velocity_left, strict=True):
        own, prior = _own_part(window, left, evidence.bias_deviation)
        common = np.concatenate([window.scale, window.shared], axis=1)
        both = np.column_stack([common, window.velocity])
        # Without what the window's own unknowns can explain.
        rest = both - own @ solve(own.T @ own + prior, own.T @ both)
        evidence.matrix += common.T @ rest[:, :9] / left**2
        evidence.vector = evidence.vector + common.T @ rest[:, 9] / left**2


def _velocity_left(window: Window, left: float, solution: Floats, bias_deviation: float) -> float:
    own, prior = _own_part(window, left, bias_deviation)
    common = np.concatenate([window.scale, window.shared], axis=1)
    velocity = window.velocity + common @ solution
    rest = velocity - own @ solve(own.T @ own + prior, own.T @ velocity)
    return max(_VELOCITY_FLOOR, float(np.sqrt(np.mean(rest**2))))
