"""Velocity of a window hangs on each error as its derivatives say."""

from dataclasses import replace

import numpy as np
import pytest

from bench.velocity import WINDOW_S, windows
from dowel_host.recording import ACC_G_PER_LSB

NONE = np.zeros(3)
# 1 s in the middle of the third window.
BROKEN_AT = int(2.5 * WINDOW_S * 208)
COUNT_M_S2 = ACC_G_PER_LSB * 9.80665


@pytest.fixture(scope="module")
def moved(simulated, sensor):
    return sensor(simulated(76, seed=5))


def first(sensor, scale_error=NONE, bias=NONE):
    return next(iter(windows(sensor, scale_error, bias)))


@pytest.mark.parametrize("axis", range(3))
def test_derivative_by_scale(moved, axis):
    error = np.eye(3)[axis] * 1e-5
    change = (first(moved, error).velocity - first(moved, -error).velocity) / 2e-5
    expected = first(moved).scale[:, axis]
    assert change == pytest.approx(expected, abs=0.02 * np.abs(expected).max())


@pytest.mark.parametrize("axis", range(3))
def test_derivative_by_bias(moved, axis):
    bias = np.eye(3)[axis] * 1e-5
    change = (first(moved, bias=bias).velocity - first(moved, bias=-bias).velocity) / 2e-5
    expected = first(moved).own[:, axis]
    assert change == pytest.approx(expected, abs=0.02 * np.abs(expected).max())


@pytest.mark.parametrize("axis", range(3))
def test_derivative_by_the_accelerometers_offset(moved, axis):
    # What an offset adds to the reading has to be taken off: opposite signs.
    offset = moved.acc.copy()
    offset[:, axis] += 1
    change = first(replace(moved, acc=offset)).velocity - first(moved).velocity
    assert change / COUNT_M_S2 == pytest.approx(-first(moved).shared[:, 3 + axis], abs=1e-6)


def test_a_common_scale_of_the_accelerometer_is_not_asked_for(moved):
    assert first(moved).shared[:, :3].sum(axis=1) == pytest.approx(0, abs=1e-9)


def test_gravity_and_first_velocity_explain_a_sensor_that_only_turns(simulated, sensor):
    window = first(sensor(simulated(20, rate_dps=0.0)))
    both, *_ = np.linalg.lstsq(window.own[:, 3:], window.velocity)
    left = window.velocity - window.own[:, 3:] @ both
    assert np.sqrt(np.mean(left**2)) < 0.2
    assert np.linalg.norm(both[3:]) == pytest.approx(9.8, abs=0.1)


def test_a_window_with_a_clipped_sample_is_left_out(moved):
    for name in ("gyr", "acc"):
        counts = getattr(moved, name).copy()
        counts[BROKEN_AT, 1] = -32768
        clipped = replace(moved, **{name: counts})
        assert len(list(windows(clipped, NONE, NONE))) == 4
    assert len(list(windows(moved, NONE, NONE))) == 5


def test_a_window_with_a_gap_is_left_out(moved):
    later = moved.t_us + np.where(np.arange(len(moved.t_us)) > BROKEN_AT, 10_000, 0)
    assert len(list(windows(replace(moved, t_us=later), NONE, NONE))) == 4


def test_a_recording_shorter_than_a_window_has_none(simulated, sensor):
    assert list(windows(sensor(simulated(12)), NONE, NONE)) == []
