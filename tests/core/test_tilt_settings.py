"""What the filter is told before it starts: the gyro's scale and the bias of last time."""

import numpy as np
import pytest

from core.movement import DPS_PER_COUNT, Movement, errors_deg, random_movement, run, still, turning
from dowel.core.tilt import Tilt

SECOND = 208
ONE = 65536
WORD_DPS = 2.7792e-6  # of bias_words


def without_rest(movement: Movement) -> Movement:
    """The movement without its first 3 s."""
    gyr, acc, up, ticks = (
        part[3 * SECOND :] for part in (movement.gyr, movement.acc, movement.up, movement.ticks)
    )
    return Movement(gyr, acc, up, ticks)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("percent", [-2.9, -0.35, 1.0, 2.9])
def test_each_axis_turns_by_its_own_scale(axis, percent):
    direction = np.eye(3)[axis]
    movement = turning(direction, 300, SECOND // 2, up=np.roll(direction, 1))
    movement.acc[:] = movement.acc[0]
    scale = [ONE] * 3
    scale[axis] = round(ONE * (1 + percent / 100))
    tilt = Tilt()
    tilt.set_scale(*scale)
    out = run(tilt, movement.block())[14, :3]
    turned = np.degrees(np.arccos(out @ movement.up[0] / np.linalg.norm(out)))
    nominal = np.degrees(np.arccos(movement.up[14] @ movement.up[0]))
    assert turned / nominal == pytest.approx(1 + percent / 100, abs=0.0015)
    assert tilt.scale == tuple(scale)


def test_scale_and_clock_go_together_in_either_order():
    first, second = Tilt(), Tilt()
    first.trim(30)
    first.set_scale(ONE + 300, ONE - 300, ONE)
    second.set_scale(ONE + 300, ONE - 300, ONE)
    second.trim(30)
    assert first.state == second.state


def test_a_scale_set_while_samples_come_holds_from_the_next_one_on():
    movement = turning((0, 0, 1), 300, SECOND, up=(1, 0, 0))
    changed, nominal = Tilt(), Tilt()
    for tilt in (changed, nominal):
        run(tilt, movement.block(slice(0, 20)))
    changed.set_scale(ONE, ONE, ONE + 1900)
    after = [run(tilt, movement.block(slice(20, 21)))[0, :3] for tilt in (changed, nominal)]
    assert changed.gaps == changed.restarts == 0
    assert (after[0] != after[1]).any()


@pytest.mark.parametrize(("told", "taken"), [(0, 63570), (1 << 20, 67502), (64000, 64000)])
def test_a_scale_no_chip_has_is_kept_within_three_percent(told, taken):
    tilt = Tilt()
    tilt.set_scale(told, told, told)
    assert tilt.scale == (taken,) * 3


def test_the_bias_of_last_time_is_used_at_once():
    movement = random_movement(4, 20 * SECOND)
    movement.gyr[:, :] += np.array((15, -20, 10))
    movement = without_rest(movement)
    first = Tilt()
    run(first, still((0, 1, 0), 20 * SECOND, np.array((15, -20, 10)) * DPS_PER_COUNT).block())
    told, untold = Tilt(), Tilt()
    bx, by, bz = first.bias_words
    told.set_bias(bx, by, bz, 30)
    rms = [
        np.sqrt(np.mean(errors_deg(run(tilt, movement.block()), movement.up)[SECOND:] ** 2))
        for tilt in (told, untold)
    ]
    assert rms[0] < 0.7 * rms[1]


@pytest.mark.parametrize("seed", [21, 22, 23, 24])
def test_without_rest_a_bias_is_learnt_within_a_minute_of_movement(seed):
    movement = without_rest(random_movement(seed, 63 * SECOND, rate_dps=60.0, force_g=0.1))
    movement.gyr[:] += np.array((15, -12, 20), np.int16)
    tilt = Tilt()
    error = errors_deg(run(tilt, movement.block()), movement.up)
    left = np.array(tilt.bias_words) * WORD_DPS - np.array((15, -12, 20)) * DPS_PER_COUNT
    left -= movement.up[-1] * (left @ movement.up[-1])  # about up itself nobody can tell
    assert np.linalg.norm(left) < 0.15
    assert np.sqrt(np.mean(error[20 * SECOND :] ** 2)) < 0.3


def test_doubt_is_told_and_read_in_millidegrees_per_second():
    tilt = Tilt()
    assert tilt.doubt_mdps(0) == pytest.approx(500, abs=1)
    for doubt_mdps in (0, 20, 100, 499):
        tilt.set_bias(1, 2, 3, doubt_mdps)
        assert [tilt.doubt_mdps(axis) for axis in range(3)] == pytest.approx(
            [doubt_mdps] * 3, abs=1
        )
    tilt.set_bias(1 << 29, -(1 << 29), 0, 10_000)
    assert tilt.doubt_mdps(1) == pytest.approx(500, abs=1)
    assert tilt.bias_words == (1081000, -1081000, 0)


def test_rest_takes_the_doubt_away_and_movement_without_rest_lessens_it():
    rested, moved = Tilt(), Tilt()
    run(rested, still((0, 1, 0), 10 * SECOND).block())
    run(moved, random_movement(6, 30 * SECOND).block(slice(3 * SECOND, None)))
    assert max(rested.doubt_mdps(axis) for axis in range(3)) < 100
    assert max(moved.doubt_mdps(axis) for axis in range(3)) < 350


def test_a_wrong_bias_told_with_doubt_is_found_out_in_movement():
    movement = random_movement(8, 60 * SECOND)
    movement = without_rest(movement)
    tilt = Tilt()
    tilt.set_bias(round(0.5 / WORD_DPS), 0, 0, 500)
    run(tilt, movement.block())
    assert abs(tilt.bias_words[0] * WORD_DPS) < 0.15
