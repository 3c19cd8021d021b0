"""Samples in, steps and events out: the one part of the core that the rest of the firmware calls.

tilt (each sensor: where is up) -> pair (both at one moment) -> spine (angles) -> cue, reps.

    core = Pipeline(roles)
    core.feed(UPPER, block, n, overrun)
    while True:
        events = core.step()
        if not events:
            break
        ...                                 # core.tick, core.trunk_cdeg, core.rep ...

feed() and step() allocate nothing. What they call keeps to 11 words of locals and stack: a
function that needs more takes them from the heap, at every call (MicroPython, py/objfun.c). And
there is no property here: with one in its class, a store to an object costs ten times as much
(py/objtype.c).
"""

from dowel.core import cue, pair, reps, spine, zero
from dowel.core.digest import digest
from dowel.core.pair import push, take, take_alone
from dowel.core.strapdown import burst
from dowel.core.tilt import GAPS, SATURATED, Tilt
from dowel.core.timebase import Timebase

# Roles.
UPPER = 0
LOWER = 1
# The same as bits of `roles`.
UPPER_BIT = 1
LOWER_BIT = 2

# Events of a step.
STEP = 1  # always: there is a step
LIVE = 2  # every 8th: 26 Hz
REP = 4  # `rep` has just ended
CUE_ON = 8
CUE_OFF = 16
ZEROED = 32  # upright standing was found: angles from the next step on

ABSENT = spine.ABSENT

_LIVE_MASK = const(7)

_SAMPLE_BYTES = const(16)

# Words of the moment and of the angles, and flags: constants of pair.py, spine.py, flags.py.
_MOMENT_TICK = const(0)
_MOMENT_US = const(1)
_MOMENT_FLAGS = const(2)
_TRUNK = const(0)
_PELVIS = const(1)
_FLEXION = const(2)
_LATERAL = const(3)
_NO_ZERO_BIT = const(4)
_CUE_BIT = const(8)
_OVERRUN_BIT = const(32)
_STEP_FLAGS = const(63)  # what the wire knows: all but RESTART (a GAP too) and REST


class Pipeline:
    """The core of one device.

    roles: UPPER_BIT, LOWER_BIT or both. Of the last step: `tick` (of the reference sensor: the
    upper one where there is one), `us` (board time), `trunk_cdeg`, `pelvis_cdeg`, `flexion_cdeg`,
    `lateral_cdeg` (ABSENT where unknown), `flags` (flags.py). `rep`: the last that ended
    (reps.Rep). Counters: `samples_in` (by role), `steps_out`, `gaps`, `saturated`, dropped().
    ValueError: roles names no sensor.
    """

    def __init__(self, roles):
        if not 1 <= roles <= 3:
            raise ValueError("roles")
        self.roles = roles
        self.tilt = [Tilt(), Tilt()]
        self.timebase = [Timebase(), Timebase()]
        self.samples_in = [0, 0]
        self.steps_out = 0
        self.gaps = 0
        self.saturated = 0
        self.tick = 0
        self.us = 0
        self.trunk_cdeg = ABSENT
        self.pelvis_cdeg = ABSENT
        self.flexion_cdeg = ABSENT
        self.lateral_cdeg = ABSENT
        self.flags = _NO_ZERO_BIT
        self._two = roles == UPPER_BIT | LOWER_BIT
        self._lone_place = pair.UPPER if roles & UPPER_BIT else pair.LOWER
        self._lone_role = UPPER if roles & UPPER_BIT else LOWER
        self._queues = [pair.new_queue(), pair.new_queue()]
        self._moment = pair.new_moment()
        self._zero = zero.new_state(self._two)
        self._zeroed = False
        self._spine = spine.Spine()
        self._cue = cue.Cue()
        self._reps = reps.Reps(spine.TRUNK if roles & UPPER_BIT else spine.PELVIS)
        self.rep = self._reps.rep

    def trim(self, role, freq_fine):
        """Tell a chip's INTERNAL_FREQ_FINE (int8): one tick is 25 us / (1 + 0.0015 freq_fine)."""
        self.tilt[role].trim(freq_fine)
        self.timebase[role].trim(freq_fine)

    def flexion_axis(self, role, x, y, z):
        """Name the sensor axis that points to the wearer's right, (0, 0, 1) unless told.

        Any length up to 16384; before the zero is found.
        """
        self._spine.set_axis(role, x, y, z)

    def feed(self, role, block, n, overrun):
        """Take n samples (0 to 32; 16 bytes each, see tilt.py) of a sensor.

        overrun: samples were lost before them. With two sensors, feed them by turns: more than
        60 samples ahead of the other counts as missing, 128 are dropped.
        ValueError: n is out of range, or block is shorter.
        """
        if n * _SAMPLE_BYTES > len(block):
            raise ValueError("samples in a block")
        if overrun:
            pair.mark(self._queues[role], _OVERRUN_BIT)
        burst(self.tilt[role], block, n)
        self.timebase[role].convert(block, n)
        self._enqueue(role, block, n)
        self.samples_in[role] += n
        self._count(self.tilt[UPPER].state, self.tilt[LOWER].state)

    def _enqueue(self, role, block, n):
        push(self._queues[role], block, self.tilt[role].out, self.timebase[role].us, n)

    def _count(self, upper, lower):
        self.gaps = upper[GAPS] + lower[GAPS]
        self.saturated = upper[SATURATED] + lower[SATURATED]

    def step(self):
        """Make the next step, if it can be decided; return its events (STEP and others) or 0."""
        if not self._take():
            return 0
        self._spine.step(self._moment)
        self._publish(self._moment, self._spine.angles)
        return self._decide()

    def _take(self):
        if self._two:
            return take(self._queues[UPPER], self._queues[LOWER], self._moment)
        return take_alone(self._queues[self._lone_role], self._moment, self._lone_place)

    def _publish(self, moment, angles):
        self.steps_out += 1
        self.tick = moment[_MOMENT_TICK]
        self.us = moment[_MOMENT_US]
        self.flags = moment[_MOMENT_FLAGS]
        self.trunk_cdeg = angles[_TRUNK]
        self.pelvis_cdeg = angles[_PELVIS]
        self.flexion_cdeg = angles[_FLEXION]
        self.lateral_cdeg = angles[_LATERAL]

    def _decide(self):
        events = STEP if self.steps_out & _LIVE_MASK else STEP | LIVE
        cued = self._cue.step(self.flexion_cdeg)
        if cued:
            events |= CUE_ON if cued > 0 else CUE_OFF
        if self._cue.is_on:
            self.flags |= _CUE_BIT
        if self._zeroed:
            if self._reps.step(self._moment, self._spine.angles, self.flags, cued > 0):
                events |= REP
        else:
            self.flags |= _NO_ZERO_BIT
            if zero.watch(self._zero, self._moment):
                self._set_zero()
                events |= ZEROED
        self.flags &= _STEP_FLAGS
        return events

    def _set_zero(self):
        state = self._zero
        for role in range(2):
            at = 3 * role
            self._spine.set_upright(
                role,
                zero.mean_up(state, at),
                zero.mean_up(state, at + 1),
                zero.mean_up(state, at + 2),
            )
        self._zeroed = True

    def dropped(self):
        """Samples of all sensors that no step took because its queue was full."""
        return pair.dropped(self._queues[UPPER]) + pair.dropped(self._queues[LOWER])

    def state_crc(self, crc):
        """Check value (30 bits) over every word of state, chained from crc. May allocate."""
        for role in range(2):
            crc = digest(self.tilt[role].state, crc)
            crc = digest(self.timebase[role].state, crc)
            crc = digest(self._queues[role], crc)
        for state in (
            self._moment,
            self._zero,
            self._spine.state,
            self._spine.angles,
            self._reps.state,
            self._reps.levels,
        ):
            crc = digest(state, crc)
        return crc
