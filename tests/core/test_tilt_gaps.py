"""Samples that are missing: bridged where that is honest, begun anew where it is not."""

import numpy as np
import pytest

from core.movement import errors_deg, moving, random_movement, run, still, turning
from dowel.core import flags
from dowel.core.tilt import Tilt

SECOND = 208


def without(movement, start, count):
    """The movement with `count` samples missing from `start` on: blocks and truth."""
    keep = np.ones(len(movement.ticks), bool)
    keep[start : start + count] = False
    return movement.block(keep), movement.up[keep]


@pytest.mark.parametrize("lost", [1, 2, 5, 20, 40])
def test_a_short_gap_is_bridged_counted_and_flagged(lost):
    movement = turning((0, 0, 1), 300, 2 * SECOND, up=(1, 0, 0))
    block, up = without(movement, SECOND, lost)
    tilt = Tilt()
    out = run(tilt, block)
    assert tilt.gaps == 1
    assert tilt.restarts == 0
    assert list(np.flatnonzero(out[:, 3] & flags.GAP)) == [SECOND]
    assert not (out[:, 3] & flags.RESTART).any()
    assert errors_deg(out, up)[SECOND - 5 :].max() < 1.0


def test_a_gap_in_changing_movement_is_bridged_with_both_sides():
    # Rate grows by 500 degrees/s^2: the mean of both sides is what was missed.
    rate = np.zeros((2 * SECOND, 3))
    rate[SECOND:, 2] = np.arange(SECOND) * 500 / SECOND
    movement = moving(rate, np.zeros_like(rate), (1, 0, 0))
    block, up = without(movement, SECOND + 50, 20)
    error = errors_deg(run(Tilt(), block), up)
    whole = errors_deg(run(Tilt(), movement.block()), movement.up)
    assert error.max() < whole.max() + 0.7  # one side alone would be off by 2.5


def test_a_long_gap_begins_anew_and_keeps_the_bias():
    movement = random_movement(5, 20 * SECOND)
    movement.gyr[:, 0] += 20
    block, up = without(movement, 10 * SECOND, 5 * SECOND)
    before = Tilt()
    run(before, block[: 16 * 10 * SECOND])
    tilt = Tilt()
    out = run(tilt, block)
    assert tilt.gaps == tilt.restarts == 1
    assert list(np.flatnonzero(out[:, 3] & flags.RESTART)) == [10 * SECOND]
    assert out[10 * SECOND, 3] & flags.GAP
    assert errors_deg(out, up)[11 * SECOND :].max() < 6.0
    assert abs(tilt.bias_udps(0) - before.bias_udps(0)) < 300_000


def test_after_a_blackout_a_still_sensor_is_right_at_once():
    first, then = still((1, 0, 0), 2 * SECOND), still((0, -1, 2), SECOND)
    then.ticks = then.ticks + 7 * 40000
    tilt = Tilt()
    run(tilt, first.block())
    error = errors_deg(run(tilt, then.block()), then.up)
    assert tilt.restarts == 1
    assert error.max() < 0.1


def test_a_counter_that_runs_backwards_begins_anew():
    movement = still((1, 0, 0), SECOND)
    movement.ticks = movement.ticks + 100_000
    movement.ticks[100:] -= 100_000
    tilt = Tilt()
    run(tilt, movement.block())
    assert (tilt.gaps, tilt.restarts) == (1, 1)


@pytest.mark.parametrize("start", [(1 << 30) - 5000, (1 << 32) - 5000, (1 << 31) - 5000])
def test_the_counter_may_wrap(start):
    movement = turning((0, 1, 1), 100, SECOND)
    expected = run(Tilt(), movement.block())
    movement.ticks = movement.ticks + start
    tilt = Tilt()
    assert (run(tilt, movement.block()) == expected).all()
    assert tilt.gaps == 0


def test_jitter_of_a_few_ticks_is_no_gap():
    movement = turning((0, 1, 1), 100, SECOND)
    rng = np.random.default_rng(1)
    movement.ticks = movement.ticks + rng.integers(-12, 13, SECOND)
    tilt = Tilt()
    run(tilt, movement.block())
    assert tilt.gaps == 0


def test_clipped_samples_on_both_sides_of_a_gap_count_once_each():
    movement = still((0, 0, 1), SECOND)
    movement.gyr[100:130, 0] = 32767
    tilt = Tilt()
    run(tilt, without(movement, 105, 20)[0])
    assert tilt.saturated == 10
