"""One sensor's tilt: right in every orientation, through movement, and at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.movement import (
    DPS_PER_COUNT,
    UP_PER_G,
    errors_deg,
    moving,
    random_movement,
    run,
    still,
    turning,
)
from dowel.core import flags
from dowel.core.tilt import BURST_MAX, Tilt

SECOND = 208
DIRECTIONS = [
    (0, 1, 0),
    (0, -1, 0),
    (1, 0, 0),
    (-1, 0, 0),
    (0, 0, 1),
    (0, 0, -1),
    (1, 1, 1),
    (-3, 2, -1),
]


@pytest.mark.parametrize("up", DIRECTIONS)
def test_a_still_sensor_is_right_from_the_first_sample_on(up):
    movement = still(up, 2 * SECOND)
    out = run(Tilt(), movement.block())
    assert errors_deg(out, movement.up).max() < 0.05
    length = np.linalg.norm(out[:, :3], axis=1)
    assert abs(length - UP_PER_G).max() < 0.002 * UP_PER_G


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, -2, 3)])
@pytest.mark.parametrize("rate_dps", [30, -300, 900])
def test_turning_is_followed_at_the_chip_s_own_scale(axis, rate_dps):
    # The accelerometer reads the direction at the start all the time: only the gyro can tell.
    movement = turning(axis, rate_dps, SECOND // 2, up=(2, 1, -2))
    movement.acc[:] = movement.acc[0]
    out = run(Tilt(), movement.block())
    # Before the first correction, after 16 samples.
    turned = np.degrees(np.arccos(np.clip(movement.up[14] @ movement.up[0], -1, 1)))
    assert errors_deg(out, movement.up)[14] < 0.003 * turned + 0.02


@pytest.mark.parametrize("seed", range(6))
def test_movement_about_all_axes_is_followed(seed):
    movement = random_movement(seed, 20 * SECOND)
    error = errors_deg(run(Tilt(), movement.block()), movement.up)
    assert np.sqrt(np.mean(error[5 * SECOND :] ** 2)) < 1.0


def test_wrong_scale_or_swapped_axes_would_show():
    movement = random_movement(1, 20 * SECOND)
    right = errors_deg(run(Tilt(), movement.block()), movement.up).max()
    halved, swapped = random_movement(1, 20 * SECOND), random_movement(1, 20 * SECOND)
    halved.gyr //= 2
    swapped.gyr = swapped.gyr[:, [1, 0, 2]]
    for wrong in (halved, swapped):
        assert errors_deg(run(Tilt(), wrong.block()), wrong.up).max() > 5 * right


@settings(max_examples=30)
@given(st.integers(0, 1 << 30), st.floats(10, 900))
def test_no_orientation_is_special(seed, rate_dps):
    """Turning about any axis from any direction: no pole, no jump."""
    rng = np.random.default_rng(seed)
    movement = turning(rng.normal(size=3), rate_dps, 2 * SECOND, up=rng.normal(size=3))
    out = run(Tilt(), movement.block())
    assert errors_deg(out, movement.up).max() < 1.0
    step = np.linalg.norm(np.diff(out[:, :3], axis=0), axis=1) / UP_PER_G
    assert step.max() < np.radians(rate_dps) / SECOND * 1.05 + 0.002


@pytest.mark.parametrize("bias_dps", [(0.5, -0.3, 0.8), (-2.0, 1.5, 0.0)])
def test_bias_is_learnt_at_rest(bias_dps):
    tilt = Tilt()
    run(tilt, still((1, 2, 3), 10 * SECOND, bias_dps).block())
    learnt = [tilt.bias_udps(axis) / 1e6 for axis in range(3)]
    exact = np.rint(np.asarray(bias_dps) / DPS_PER_COUNT) * DPS_PER_COUNT
    assert abs(learnt - exact).max() < 0.01


def test_no_turn_slower_than_a_bias_is_taken_for_one_while_the_force_moves():
    # 4 degrees/s, as in a very slow hinge: the accelerometer tells it from rest.
    movement = turning((0, 0, 1), 4, 15 * SECOND, up=(0, 1, 0))
    tilt = Tilt()
    error = errors_deg(run(tilt, movement.block()), movement.up)
    assert abs(tilt.bias_udps(2)) < 300_000
    assert error.max() < 1.0


def test_half_of_the_bias_is_learnt_in_two_minutes_of_movement():
    movement = random_movement(3, 120 * SECOND)
    movement.gyr[:, 2] += 15  # 0.5 degrees/s, from the start
    movement = type(movement)(*(part[4 * SECOND :] for part in vars(movement).values()))
    tilt = Tilt()
    run(tilt, movement.block())
    assert tilt.bias_udps(2) / 1e6 == pytest.approx(15 * DPS_PER_COUNT, abs=0.25)


def test_rest_is_flagged_and_movement_is_not():
    movement = random_movement(2, 6 * SECOND)
    seen = run(Tilt(), movement.block())[:, 3] & flags.REST
    assert seen[: int(1.6 * SECOND)].sum() == 0  # not yet
    assert seen[int(1.8 * SECOND)] == flags.REST
    assert seen[3 * SECOND :].sum() == 0


def test_samples_at_the_end_of_the_range_are_counted_and_flagged():
    movement = still((0, 1, 0), SECOND)
    movement.gyr[50:55, 1] = 32767
    movement.gyr[70, 2] = -32768
    movement.acc[90, 0] = 32760
    movement.acc[91, 0] = 32759
    movement.gyr[100] = (16384, 16383, 8192)  # their bits together look like a full scale
    tilt = Tilt()
    seen = np.flatnonzero(run(tilt, movement.block())[:, 3] & flags.SATURATED)
    assert list(seen) == [50, 51, 52, 53, 54, 70, 90]
    assert tilt.saturated == 7


def test_after_a_clipped_turn_gravity_is_found_again_soon():
    # 1500 degrees/s for 0.2 s, of which the chip shows 1147: 70 degrees are lost.
    rate = np.zeros((5 * SECOND, 3))
    rate[2 * SECOND : 2 * SECOND + 42, 2] = 1500
    movement = moving(rate, np.zeros_like(rate), (1, 1, 0))
    tilt = Tilt()
    error = errors_deg(run(tilt, movement.block()), movement.up)
    assert error.max() > 40
    assert tilt.saturated == 42
    assert error[-1] < 2.0


@pytest.mark.parametrize("freq_fine", [-46, -10, 10, 46])
def test_a_chip_s_fast_or_slow_clock_is_allowed_for(freq_fine):
    # Its samples stay 192 ticks apart, but a tick is not 25 us.
    movement = turning((0, 0, 1), 200, SECOND // 2, up=(1, 0, 0))
    movement.ticks = np.arange(len(movement.ticks)) * 192
    true_period_s = 192 * 25e-6 / (1 + 0.0015 * freq_fine)
    movement.acc[:] = movement.acc[0]
    tilt = Tilt()
    tilt.trim(freq_fine)
    out = run(tilt, movement.block())
    turned_rad = np.arctan2(out[14, 1], out[14, 0])
    assert abs(turned_rad) == pytest.approx(np.radians(200) * true_period_s * 14, rel=0.002)


@pytest.mark.parametrize("samples", [-1, BURST_MAX + 1])
def test_a_burst_that_does_not_fit_is_refused(samples):
    tilt = Tilt()
    before = tilt.state[:]
    with pytest.raises(ValueError, match="samples"):
        tilt.burst(bytearray(16 * 40), samples)
    assert tilt.state == before


def test_a_burst_of_none_changes_nothing():
    tilt = Tilt()
    run(tilt, still((0, 1, 0), 20).block())
    before = tilt.state[:]
    tilt.burst(bytearray(16), 0)
    assert tilt.state == before


@pytest.mark.parametrize("seed", range(3))
def test_no_result_depends_on_where_a_burst_ends(seed):
    movement = random_movement(seed, 4 * SECOND)
    keep = np.ones(4 * SECOND, bool)
    keep[[300, 500, 501, 502]] = False
    keep[600:700] = False
    block = movement.block(keep)
    one_by_one = Tilt()
    expected = run(one_by_one, block, 1)
    for burst in (2, 3, 7, 16, 31, 32):
        tilt = Tilt()
        assert (run(tilt, block, burst) == expected).all()
        assert tilt.state == one_by_one.state
