"""Finds the upright zero: where is up for each sensor while its wearer stands still.

The first second in which no sensor's up moves is taken as standing upright. (What stands there is
whoever wears the device; a calibration will ask for it.)
"""

from array import array

# Words of the state.
_COUNT = const(0)  # steps that were still in a row
_REFUSED = const(1)  # flags of a step that ends stillness
_SUM = const(2)  # x3 of each sensor: sum of up
_LOW = const(8)  # x3 of each: smallest
_HIGH = const(14)  # x3 of each: largest
_SIZE = const(20)

_MOMENT_FLAGS = const(2)
_MOMENT_UP = const(3)  # x3 of each sensor

_GAP_BIT = const(1)
_SATURATED_BIT = const(2)
_ONE_SENSOR_BIT = const(16)
_OVERRUN_BIT = const(32)
_RESTART_BIT = const(64)

# How long stillness must last: 208 steps, 1 s. Small: a pause between two movements is taken for
# standing; large: the wearer waits.
_STILL_STEPS = const(208)
# How far each component of up may wander meanwhile: 1.0 degree (1 g = 16393). Small: sway of quiet
# standing (0.5 degrees) prevents a zero; large: slow movement is taken for standing.
_SPREAD = const(286)


def new_state(two_sensors):
    """Return the state of a search. two_sensors: a step without partner does not count."""
    state = array("i", [0] * _SIZE)
    state[_REFUSED] = _GAP_BIT | _SATURATED_BIT | _OVERRUN_BIT | _RESTART_BIT
    if two_sensors:
        state[_REFUSED] |= _ONE_SENSOR_BIT
    return state


def mean_up(state, at):
    """Mean of word at of up over the still second: 0 to 2 upper x y z, 3 to 5 lower."""
    return state[_SUM + at] // _STILL_STEPS


@micropython.viper
def watch(state, moment) -> int:
    """Take a step; return 1 when it completes a still second."""
    s = ptr32(state)
    m = ptr32(moment)
    still = 1
    if m[_MOMENT_FLAGS] & s[_REFUSED]:
        s[_COUNT] = 0
        return 0
    i = 0
    while i < 6:
        x = m[_MOMENT_UP + i]
        if x < s[_LOW + i]:
            s[_LOW + i] = x
        if x > s[_HIGH + i]:
            s[_HIGH + i] = x
        if s[_HIGH + i] - s[_LOW + i] > _SPREAD:
            still = 0
        i += 1
    if still == 0 or s[_COUNT] == 0:
        # A movement ends the search that it is in, and begins the next.
        s[_COUNT] = 0
        i = 0
        while i < 6:
            x = m[_MOMENT_UP + i]
            s[_LOW + i] = x
            s[_HIGH + i] = x
            s[_SUM + i] = 0
            i += 1
    i = 0
    while i < 6:
        s[_SUM + i] += m[_MOMENT_UP + i]
        i += 1
    s[_COUNT] += 1
    if s[_COUNT] < _STILL_STEPS:
        return 0
    s[_COUNT] = 0
    return 1
