"""Right soon: after power-on in any orientation, after a blackout, after long clipping."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.movement import Movement, errors_deg, moving, random_movement, run, still
from dowel.core import flags
from dowel.core.tilt import Tilt

SECOND = 208


def direction(seed):
    return np.random.default_rng(seed).normal(size=3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 30))
def test_any_still_orientation_is_known_within_a_second(seed):
    movement = still(direction(seed), SECOND + 1, bias_dps=direction(seed + 1))  # 2.5 at most
    assert errors_deg(run(Tilt(), movement.block()), movement.up)[-1] < 1.0


def test_a_start_in_strong_acceleration_takes_the_mean():
    movement = still((0, 1, 0), SECOND)
    movement.acc[:32, 0] = 12000  # 2.9 g one way, then the other
    movement.acc[32:64, 0] = -12000
    movement.acc[64:96, 0] = 12000
    movement.acc[96:128, 0] = -12000
    assert errors_deg(run(Tilt(), movement.block()), movement.up)[127] < 3.0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1 << 30))
def test_after_five_seconds_of_nothing_another_orientation_is_known(seed):
    first, then = still(direction(seed), 2 * SECOND), still(direction(seed + 1), SECOND)
    then.ticks = then.ticks + 7 * 40000
    tilt = Tilt()
    run(tilt, first.block())
    assert errors_deg(run(tilt, then.block()), then.up).max() < 2.0


def clipped_second(seed):
    """Rest, a second of 1500 degrees/s (the chip shows 1147), rest of 3 s."""
    rate = np.zeros((6 * SECOND, 3))
    axis = np.eye(3)[seed % 3]
    rate[2 * SECOND : 3 * SECOND] = 1500 * axis
    return moving(rate, np.zeros_like(rate), direction(seed))


@pytest.mark.parametrize("seed", range(6))
def test_after_a_second_of_clipping_rest_is_known_at_once(seed):
    movement = clipped_second(seed)
    tilt = Tilt()
    out = run(tilt, movement.block())
    error = errors_deg(out, movement.up)
    assert error[3 * SECOND + 5 :].max() < 2.0
    assert list(np.flatnonzero(out[:, 3] & flags.RESTART)) == [3 * SECOND]
    assert tilt.gaps == tilt.restarts == 0


@pytest.mark.parametrize("seed", range(4))
def test_after_a_second_of_clipping_movement_is_followed_again(seed):
    movement = random_movement(seed, 20 * SECOND)
    movement.gyr[9 * SECOND : 10 * SECOND, seed % 3] = 32767
    error = errors_deg(run(Tilt(), movement.block()), movement.up)
    assert error[13 * SECOND :].max() < 2.0


def test_short_clipping_does_not_begin_anew():
    movement = still((0, 1, 0), 3 * SECOND)
    movement.gyr[SECOND : SECOND + 60, 0] = 32767
    assert not (run(Tilt(), movement.block())[:, 3] & flags.RESTART).any()


@pytest.mark.parametrize("clock", [0.9, 1.1])
def test_a_clock_ten_percent_off_changes_nothing_but_time(clock):
    """The chip samples faster or slower and turns less or more in each step; it says so."""
    movement = random_movement(3, 10 * SECOND)
    freq_fine = round((clock - 1) / 0.0015)
    shown = (movement.gyr * (1 + 0.0015 * freq_fine)).round().astype(np.int16)
    off, right = Tilt(), Tilt()
    off.trim(freq_fine)
    other = Movement(shown, movement.acc, movement.up, movement.ticks)
    expected = run(right, movement.block())[:, :3].astype(float)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert errors_deg(run(off, other.block()), expected).max() < 0.2
