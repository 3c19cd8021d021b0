"""The upright zero: the first second in which nobody moves."""

from array import array

import pytest

from core.movement import UP_PER_G
from dowel.core import flags, zero

STANDING = (0, UP_PER_G, 0)
DEGREE = UP_PER_G * 0.01745


def moment(upper=STANDING, lower=STANDING, step_flags=0):
    return array("i", [0, 0, step_flags, *map(round, upper), *map(round, lower)])


def steps_until_zero(moments, two_sensors=True):
    state = zero.new_state(two_sensors)
    for number, one in enumerate(moments, 1):
        if zero.watch(state, one):
            return number, state
    return None, state


def test_one_second_of_standing_makes_a_zero():
    assert steps_until_zero([moment()] * 400)[0] == 208


def test_the_zero_is_the_mean():
    swaying = [
        moment((10 * (n % 2), UP_PER_G, -8), (5, UP_PER_G, 100 + n % 4)) for n in range(208)
    ]
    number, state = steps_until_zero(swaying)
    assert number == 208
    assert [zero.mean_up(state, at) for at in range(6)] == [5, UP_PER_G, -8, 5, UP_PER_G, 101]


@pytest.mark.parametrize("sensor", [0, 1])
@pytest.mark.parametrize("axis", range(3))
def test_movement_of_either_sensor_begins_the_second_anew(sensor, axis):
    upper, lower = list(STANDING), list(STANDING)
    (upper, lower)[sensor][axis] += 1.2 * DEGREE
    moments = [moment()] * 150 + [moment(upper, lower)] * 400
    assert steps_until_zero(moments)[0] == 150 + 208


def test_sway_of_quiet_standing_does_not():
    moments = [moment((DEGREE * 0.9 * (n % 150 < 75), UP_PER_G, 0)) for n in range(300)]
    assert steps_until_zero(moments)[0] == 208


@pytest.mark.parametrize(
    "refused", [flags.GAP, flags.SATURATED, flags.OVERRUN, flags.RESTART, flags.ONE_SENSOR]
)
def test_a_step_that_says_nothing_sure_begins_it_anew(refused):
    moments = [moment()] * 150 + [moment(step_flags=refused)] + [moment()] * 400
    assert steps_until_zero(moments)[0] == 151 + 208


def test_one_sensor_is_enough_where_there_is_only_one():
    alone = moment(lower=(0, 0, 0), step_flags=flags.ONE_SENSOR)
    assert steps_until_zero([alone] * 300, two_sensors=False)[0] == 208
    assert steps_until_zero([alone] * 300, two_sensors=True)[0] is None
