"""Fixed-point angles against floating point: at most 0.01 degrees off, anywhere."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowel.core.angle import atan2_mdeg, isqrt

INT16 = st.integers(-32768, 32767)


def off_mdeg(y: int, x: int) -> float:
    return abs(atan2_mdeg(y, x) - math.degrees(math.atan2(y, x)) * 1000)


def off_as_cdeg(y: int, x: int) -> float:
    """Error of the angle rounded to centidegrees, in degrees."""
    return abs((atan2_mdeg(y, x) + 5) // 10 / 100 - math.degrees(math.atan2(y, x)))


@pytest.mark.parametrize("radius", [32767, 16393, 4099])
def test_every_hundredth_of_a_degree_of_the_circle(radius):
    worst = 0.0
    for cdeg in range(-18000, 18001):
        angle = math.radians(cdeg / 100)
        y, x = round(radius * math.sin(angle)), round(radius * math.cos(angle))
        if y == 0 and x < 0:
            continue  # +180 here, -180 there: the same direction
        worst = max(worst, off_as_cdeg(y, x))
    assert worst <= 0.01


def test_every_ratio_the_angle_can_tell_apart():
    """All 2^15 steps of smaller / larger component, in each of the eight octants."""
    worst = 0.0
    for small in range(32768):
        for y, x in ((small, 32767), (32767, small), (-small, 32767), (-32767, -small)):
            worst = max(worst, off_as_cdeg(y, x))
        for y, x in ((small, -32767), (32767, -small), (-small, -32767), (-32767, small)):
            if small:
                worst = max(worst, off_as_cdeg(y, x))
    assert worst <= 0.01


def test_every_lattice_point_of_a_coarse_circle():
    worst = max(
        off_mdeg(y, x)
        for y in range(-120, 121)
        for x in range(-120, 121)
        if (y or x) and not (y == 0 and x < 0)
    )
    assert worst <= 3.0


@given(INT16, INT16)
def test_any_pair_of_int16(y, x):
    if y == x == 0:
        assert atan2_mdeg(y, x) == 0
    elif y == 0 and x < 0:
        assert atan2_mdeg(y, x) == 180000
    else:
        assert off_mdeg(y, x) <= 3.0


@pytest.mark.parametrize(
    ("y", "x", "mdeg"),
    [
        (0, 1, 0),
        (1, 0, 90000),
        (-1, 0, -90000),
        (0, -1, 180000),
        (1, 1, 45000),
        (-5, -5, -135000),
        (-32768, -32768, -135000),
    ],
)
def test_axes_and_diagonals_are_exact(y, x, mdeg):
    assert atan2_mdeg(y, x) == mdeg


def test_opposite_directions_differ_by_half_a_turn():
    for cdeg in range(1, 18000, 7):
        y = round(16393 * math.sin(math.radians(cdeg / 100)))
        x = round(16393 * math.cos(math.radians(cdeg / 100)))
        assert atan2_mdeg(y, x) - atan2_mdeg(-y, -x) in {180000, -180000}
        assert atan2_mdeg(-y, x) == -atan2_mdeg(y, x)


def test_square_roots_are_rounded_to_the_nearest():
    squares = np.concatenate(
        (
            np.arange(70000),
            np.random.default_rng(1).integers(0, 1 << 30, 20000),
            [(1 << 30) - 1, 32767 * 32767, 32767 * 32767 - 1],
            np.arange(1, 32768, 97) ** 2,
        )
    )
    for square in map(int, squares):
        assert isqrt(square) == (math.isqrt(4 * square) + 1) // 2
