"""Angles of trunk and pelvis: signs, zero, unwrapping, and what cannot be known."""

import math
from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.movement import UP_PER_G, rotation
from dowel.core import flags, spine
from dowel.core.spine import ABSENT, FLEXION, LATERAL, TRUNK, Spine

UPRIGHT = (0, UP_PER_G, 0)


def up_of(inclination_deg: float, lateral_deg: float = 0.0) -> np.ndarray:
    """Unit up in the segment's frame, by the definitions: X forward, Y up, Z right."""
    i, side = math.radians(inclination_deg), math.radians(lateral_deg)
    return np.array((-math.sin(i) * math.cos(side), math.cos(i) * math.cos(side), -math.sin(side)))


def moment(upper, lower, step_flags=0):
    ups = [*map(round, upper), *map(round, lower)]
    return array("i", [0, 0, step_flags, *ups, step_flags, step_flags])


class Body:
    """A spine with both zeros known, and sensors turned by a mounting of their own."""

    def __init__(self, mount=None, up_per_g: int = UP_PER_G) -> None:
        self.mount = np.eye(3) if mount is None else mount
        self.scale = up_per_g
        self.spine = Spine()
        for role in range(2):
            self.spine.set_upright(role, *map(round, self.mount @ up_of(0) * self.scale))

    def angles(self, trunk_up, pelvis_up=None, step_flags=0) -> list:
        """trunk, pelvis, flexion, lateral in degrees; None where absent."""
        pelvis_up = trunk_up if pelvis_up is None else pelvis_up
        words = moment(
            self.mount @ trunk_up * self.scale, self.mount @ pelvis_up * self.scale, step_flags
        )
        self.spine.step(words)
        return [None if cdeg == ABSENT else cdeg / 100 for cdeg in self.spine.angles]


def test_the_signs():
    body = Body()
    # Bent forward, up lies behind; leaning to the right, up lies to the left.
    assert body.angles(np.array((-1, 0.0001, 0)))[TRUNK] == pytest.approx(90, abs=0.02)
    assert body.angles(np.array((1, 0, 0)))[TRUNK] == pytest.approx(-90, abs=0.02)
    assert body.angles(up_of(0, 30))[LATERAL] == pytest.approx(30, abs=0.02)
    assert body.angles(np.array((0, 0.01, -1)))[LATERAL] == pytest.approx(89.4, abs=0.1)
    trunk, pelvis, flexion, _ = body.angles(up_of(70), up_of(55))
    assert (trunk, pelvis) == (pytest.approx(70, abs=0.02), pytest.approx(55, abs=0.02))
    assert flexion == pytest.approx(15, abs=0.03)  # rounding is positive


@settings(max_examples=200)
@given(st.floats(-179, 179), st.floats(-75, 75), st.integers(14000, 19000))
def test_angles_are_exact_in_every_posture(inclination_deg, lateral_deg, up_per_g):
    body = Body(up_per_g=up_per_g)
    angles = body.angles(up_of(inclination_deg, lateral_deg))
    blur = 0.01 + 0.01 / math.cos(math.radians(lateral_deg))
    assert angles[TRUNK] == pytest.approx(inclination_deg, abs=blur)
    assert angles[LATERAL] == pytest.approx(lateral_deg, abs=0.02)
    assert angles[FLEXION] == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("seed", range(10))
def test_the_upright_zero_takes_the_mounting_s_tilt_out(seed):
    # Forward and sideways tilt of the sensor; about the vertical nothing can be known yet.
    tilt_rad = np.random.default_rng(seed).uniform(-0.5, 0.5, 3) * (1, 0, 1)
    body = Body(rotation(tilt_rad))
    assert body.angles(up_of(0))[:4] == pytest.approx([0, 0, 0, 0], abs=0.02)
    trunk, _, _, lateral = body.angles(up_of(60))
    # Z made square: exact when it tilts only about X and Z; lateral then stays small.
    assert trunk == pytest.approx(60, abs=1.0)
    assert lateral == pytest.approx(0, abs=14)


def test_a_sensor_tilted_forward_only_is_exact():
    body = Body(rotation((0, 0, 0.4)))
    for inclination_deg in range(-90, 180, 5):
        trunk, _, _, lateral = body.angles(up_of(inclination_deg))
        assert trunk == pytest.approx(inclination_deg, abs=0.03)
        assert lateral == pytest.approx(0, abs=0.03)


def test_another_axis_of_the_sensor_may_point_right():
    # As a board worn flat on the back: X up, Y to the left, Z backwards.
    worn = np.array(((0, 1, 0), (0, 0, -1), (-1, 0, 0)))
    body = Spine()
    for role in range(2):
        body.set_axis(role, 0, -1000, 0)
        body.set_upright(role, *map(round, worn @ up_of(0) * UP_PER_G))
    body.step(moment(worn @ up_of(50) * UP_PER_G, worn @ up_of(40, 5) * UP_PER_G))
    assert list(body.angles) == pytest.approx([5000, 4000, 1000, 0], abs=2)


def test_an_axis_near_the_vertical_falls_back_on_the_sensor_s_x():
    body = Spine()
    body.set_upright(0, 0, 0, UP_PER_G)  # the sensor lies on its back: Z is up, X forward
    body.step(moment((-UP_PER_G / 2, 0, UP_PER_G * 0.866), (0, 0, 0)))
    assert body.angles[TRUNK] == pytest.approx(3000, abs=3)


def test_inclination_is_unwrapped_through_180_and_360_degrees():
    body = Body()
    for inclination_deg in [*range(0, 325, 5), *range(320, -325, -5)]:
        trunk, pelvis, flexion, _ = body.angles(up_of(inclination_deg))
        assert trunk == pytest.approx(inclination_deg, abs=0.03)
        assert pelvis == trunk
        assert flexion == 0


def test_no_angle_leaves_int16_however_often_the_board_turns_over():
    body = Body()
    for inclination_deg in range(0, 3600, 5):
        trunk, _, flexion, _ = body.angles(up_of(inclination_deg))
        assert abs(trunk) <= 327.67
        assert (trunk - inclination_deg) % 360 == pytest.approx(0, abs=0.05) or (
            trunk - inclination_deg
        ) % 360 == pytest.approx(360, abs=0.05)
        assert flexion == 0


@pytest.mark.parametrize(
    ("inclination_deg", "step_flags", "seen_deg"),
    [
        (320, 0, 320),
        (320, flags.REST, -40),  # upright within 45 degrees: a standing pause
        (310, flags.REST, 310),
        (185, flags.GAP, -175),
        (185, flags.RESTART, -175),
    ],
)
def test_a_standing_pause_and_a_gap_begin_unwrapping_anew(inclination_deg, step_flags, seen_deg):
    body = Body()
    for on_the_way_deg in range(0, inclination_deg, 5):
        body.angles(up_of(on_the_way_deg))
    seen = body.angles(up_of(inclination_deg), None, step_flags)
    assert seen[TRUNK] == pytest.approx(seen_deg, abs=0.03)


def test_rest_while_lying_does_not_unwrap_anew():
    body = Body()
    for inclination_deg in range(0, 186, 5):
        body.angles(up_of(inclination_deg))
    assert body.angles(up_of(185), None, flags.REST)[TRUNK] == pytest.approx(185, abs=0.03)


def test_lying_on_a_side_the_sagittal_angles_are_absent_and_lateral_is_not():
    body = Body()
    assert body.angles(up_of(20, 78))[TRUNK] is not None
    trunk, pelvis, flexion, lateral = body.angles(up_of(20, 79))
    assert (trunk, pelvis, flexion) == (None, None, None)
    assert lateral == pytest.approx(79, abs=0.02)
    # hypot(u_x, u_y) < 0.2 is a lateral of 78.46 degrees.
    assert body.angles(up_of(0, 78.40))[TRUNK] is not None
    assert body.angles(up_of(0, 78.52))[TRUNK] is None


def test_without_the_lower_sensor_there_is_no_flexion():
    body = Body()
    trunk, pelvis, flexion, lateral = body.angles(up_of(40), np.zeros(3))
    assert (pelvis, flexion) == (None, None)
    assert (trunk, lateral) == (pytest.approx(40, abs=0.02), pytest.approx(0, abs=0.02))


def test_the_lower_sensor_alone_gives_the_pelvis():
    body = Body()
    trunk, pelvis, flexion, lateral = body.angles(np.zeros(3), up_of(40, 10))
    assert (trunk, flexion) == (None, None)
    assert (pelvis, lateral) == (pytest.approx(40, abs=0.02), pytest.approx(10, abs=0.02))


def test_before_the_zero_nothing_is_known():
    body = Spine()
    body.step(moment(UPRIGHT, UPRIGHT))
    assert list(body.angles) == [ABSENT] * 4
    assert not body.set_upright(0, 0, 0, 0)
    body.step(moment(UPRIGHT, UPRIGHT))
    assert list(body.angles) == [ABSENT] * 4
    assert spine.ABSENT == -32768
