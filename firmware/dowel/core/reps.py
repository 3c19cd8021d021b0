"""Counts hinges on the trunk's inclination, and marks their phases.

A rep leaves its start posture by 5 degrees, goes at least _DEPTH deep, and comes back: within 5
degrees of the start, or most of the way and no further. Its marks, in ticks: start, where it
leaves; low, where it is first within 3 % of its range of the deepest point; rise, where it last
is; end, where it is back; peak, the deepest point.
"""

from array import array

# Words of the state, int32.
_BENT = const(0)  # 1 between start and end
_SOURCE = const(1)  # word of the angles: trunk, or pelvis where the lower sensor is the only one
_BASE = const(2)  # start posture, 1/8 cdeg; _NONE: not known
_START = const(3)  # tick
_PEAK = const(4)  # cdeg
_PEAK_TICK = const(5)
_RETURN = const(6)  # least inclination since the peak, cdeg
_RETURN_TICK = const(7)
_LEVEL = const(8)  # whole degrees above the start posture, now
_TOP = const(9)  # most of them so far
_PEAK_FLEXION = const(10)  # cdeg or absent
_FLAGS = const(11)
_CUES = const(12)
_END = const(13)  # tick
_LOW = const(14)  # tick
_RISE = const(15)  # tick
_LAST_TICK = const(16)  # of the step before
_SIZE = const(17)

# Of each whole degree above the start posture: the tick at which it was first reached, and the
# tick at which it was last left downwards. Deeper than 127 degrees counts as 127.
_LEVELS = const(128)

_MOMENT_TICK = const(0)
_MOMENT_OWN_FLAGS = const(9)
_TRUNK = const(0)
_FLEXION = const(2)
_ABSENT = const(-32768)
_NONE = const(-1000000)
_TICK_MASK = const(0x3FFFFFFF)
_RESTART_BIT = const(64)
_REP_FLAGS = const(59)  # GAP, SATURATED, CUE, ONE_SENSOR, OVERRUN

# Inclination that leaves, or regains, the start posture, cdeg.
_EDGE = const(500)
# Least depth of a hinge, cdeg. Small: sitting down, or a look at the floor, counts; large: a
# shallow hinge does not. Hinges show 50 to 90 degrees.
_DEPTH = const(4500)
# Shortest and longest rep, ticks: 0.5 s (swings take 1.4) and 20 s (a slow drill takes 12).
_MIN_TICKS = const(20000)
_MAX_TICKS = const(800000)
# Back by this share of the range, %, is a return even if it stops short. Small: a stop on the way
# up ends the rep; large: who does not stand up whole between reps is not counted.
_RETURN_PERCENT = const(65)
# Going lower by less than this is standing still, cdeg. Small: sway keeps a return from ending;
# large: so does nothing, but the end is marked early.
_STIR = const(50)
# How long such a return may stand still before it is the end, ticks: 0.75 s.
_RETURN_TICKS = const(30000)
# A start that has not come this far (cdeg) in so many ticks (3 s) is a new posture, not a hinge.
_DOUBT_DEPTH = const(2000)
_DOUBT_TICKS = const(120000)
# Growth of the start posture towards a slouch: 1 degree/s in 1/8 cdeg a step. Small: who settles
# 5 degrees lower seems to hinge; large: a slow hinge drags its start along.
_BASE_GROWTH = const(4)


class Rep:
    """A finished rep: ticks of the reference sensor modulo 2^30, angles in cdeg or ABSENT."""

    def __init__(self):
        self.start_tick = 0
        self.low_tick = 0
        self.rise_tick = 0
        self.end_tick = 0
        self.peak_tick = 0
        self.peak_trunk_cdeg = _ABSENT
        self.peak_flexion_cdeg = _ABSENT
        self.flags = 0
        self.cues = 0


class Reps:
    """The counter. `rep` is the last finished one, `count` how many there were."""

    def __init__(self, source):
        self.state = array("i", [0] * _SIZE)
        self.levels = array("i", [0] * (2 * _LEVELS))
        self.state[_SOURCE] = source
        self.state[_BASE] = _NONE
        self.rep = Rep()
        self.count = 0

    def step(self, moment, angles, flags, cued):
        """Take a step; cued: 1 if the cue came on with it. Return True when it ends a rep."""
        ended = _advance(self.state, self.levels, moment, angles)
        self.state[_FLAGS] |= flags
        self.state[_CUES] += cued
        if ended:
            self._finish(self.state, self.rep)
        return ended == 1

    def _finish(self, s, rep):
        rep.start_tick = s[_START]
        rep.low_tick = s[_LOW]
        rep.rise_tick = s[_RISE]
        rep.end_tick = s[_END]
        rep.peak_tick = s[_PEAK_TICK]
        rep.peak_trunk_cdeg = s[_PEAK] if s[_SOURCE] == _TRUNK else _ABSENT
        rep.peak_flexion_cdeg = s[_PEAK_FLEXION]
        rep.flags = s[_FLAGS] & _REP_FLAGS
        rep.cues = s[_CUES]
        self.count += 1


@micropython.viper
def _advance(state, levels, moment, angles) -> int:
    """Take a step; return 1 when it ends a rep."""
    s = ptr32(state)
    a = ptr32(angles)
    m = ptr32(moment)
    x = a[s[_SOURCE]]
    tick = m[_MOMENT_TICK]
    before = s[_LAST_TICK]
    s[_LAST_TICK] = tick
    if x == _ABSENT or (m[_MOMENT_OWN_FLAGS + s[_SOURCE]] & _RESTART_BIT):
        s[_BENT] = 0
        s[_BASE] = _NONE
        return 0
    if s[_BENT] == 0:
        base = s[_BASE] + _BASE_GROWTH
        if base > x << 3 or s[_BASE] == _NONE:
            base = x << 3
        s[_BASE] = base
        if x - (base >> 3) <= _EDGE:
            return 0
        s[_BENT] = 1
        s[_START] = tick
        s[_PEAK] = x - 1
        s[_TOP] = 0 - 1
        s[_LEVEL] = 0
        s[_PEAK_FLEXION] = _ABSENT
        s[_FLAGS] = 0
        s[_CUES] = 0
    base = s[_BASE] >> 3
    _note_level(state, levels, (x - base) // 100, tick, before)
    if a[_FLEXION] > s[_PEAK_FLEXION]:
        s[_PEAK_FLEXION] = a[_FLEXION]
    if x > s[_PEAK]:
        s[_PEAK] = x
        s[_PEAK_TICK] = tick
        s[_RETURN] = x
    if s[_RETURN] - x > _STIR or x - base <= _EDGE:
        s[_RETURN] = x
        s[_RETURN_TICK] = tick

    taken = (tick - s[_START]) & _TICK_MASK
    depth = s[_PEAK] - base
    back = (s[_PEAK] - s[_RETURN]) * 100 >= depth * _RETURN_PERCENT
    end = 0
    if x - base <= _EDGE:
        end = 1
    elif back and x - s[_RETURN] > _EDGE:
        end = 1
    elif back and ((tick - s[_RETURN_TICK]) & _TICK_MASK) > _RETURN_TICKS:
        end = 1
    elif taken > _MAX_TICKS or (depth < _DOUBT_DEPTH and taken > _DOUBT_TICKS):
        s[_BENT] = 0
        s[_BASE] = x << 3
    if end == 0:
        return 0
    s[_BENT] = 0
    s[_BASE] = s[_RETURN] << 3  # the next rep starts there
    s[_END] = s[_RETURN_TICK]
    taken = (s[_END] - s[_START]) & _TICK_MASK
    if depth < _DEPTH or taken < _MIN_TICKS or taken > _MAX_TICKS:
        return 0
    k = (depth * 97 + 9999) // 10000  # first whole degree within 3 %
    if k > s[_TOP]:
        k = s[_TOP]
    n = ptr32(levels)
    s[_LOW] = n[k]
    s[_RISE] = n[_LEVELS + k]
    return 1


@micropython.viper
def _note_level(state, levels, level: int, tick: int, before: int):
    """Note when each whole degree above the start posture is first reached and last left."""
    s = ptr32(state)
    n = ptr32(levels)
    if level > _LEVELS - 1:
        level = _LEVELS - 1
    if level < 0:
        level = 0
    while s[_TOP] < level:
        s[_TOP] += 1
        n[s[_TOP]] = tick
    while s[_LEVEL] > level:
        n[_LEVELS + s[_LEVEL]] = before
        s[_LEVEL] -= 1
    s[_LEVEL] = level
