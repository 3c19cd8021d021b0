"""Brings the samples of two sensors together by the board's time.

The reference sensor (the upper one where there is one) sets the pace: each of its samples is a
step, and takes the other sensor's sample that is nearest in time. Which one that is does not
depend on how the samples came in bursts: a step waits until the other sensor has a sample at or
after its time, or until it is so late that it counts as missing.

A queue: array('i'), four words of its own and a ring of _SLOTS samples, four words each: tick,
board us, up x and y, up z and flags (two int16 each).

A moment: array('i') with what belongs together, words below. `up` is not normalised.
"""

from array import array

# Words of a moment.
TICK = 0  # of the reference sensor, modulo 2^30
US = 1  # board time of it
FLAGS = 2  # of both samples (flags.py), and ONE_SENSOR where there is no partner
UPPER = 3  # up of the upper sensor, x y z; all zero where it is absent
LOWER = 6
OWN_FLAGS = 9  # of the upper sensor's sample and, next, of the lower one's

_TICK = const(0)
_US = const(1)
_FLAGS = const(2)
_UPPER = const(3)
_LOWER = const(6)
_OWN_FLAGS = const(9)
_SIZE = const(11)

# Words of a queue.
_OLDEST = const(0)  # slot
_COUNT = const(1)
_DROPPED = const(2)  # samples overwritten before they were used
_MARK = const(3)  # flags to add to the next sample that comes
_RING = const(4)

# Bounded: 0.6 s of samples, 2 kB a sensor. Small: a stall loses steps; large: heap.
_SLOTS = const(128)
_SLOT_MASK = const(127)

# A partner that is later than this many reference samples (0.29 s) is missing. Small: a late
# burst costs lumbar flexion; large: without the other sensor everything comes that late.
_WAIT_SAMPLES = const(60)
# A partner further off than this, us, is none: 1.5 periods. Small: jitter between the clocks
# breaks pairs; large: flexion mixes two moments (0.4 degrees at 50 degrees/s).
_FAR_US = const(7200)

_ONE_SENSOR_BIT = const(16)
_REST_BIT = const(128)

_US_MASK = const(0x3FFFFFFF)
_US_HALF = const(0x20000000)
_NEVER = const(0x3FFFFFFF)


def new_queue():
    """Return an empty queue."""
    return array("i", [0] * (_RING + 4 * _SLOTS))


def new_moment():
    """Return room for a moment."""
    return array("i", [0] * _SIZE)


def dropped(queue):
    """Samples of this queue that were overwritten before they were used."""
    return queue[_DROPPED]


def mark(queue, flags):
    """Add flags to the next sample that comes."""
    queue[_MARK] |= flags


@micropython.viper
def push(queue, block, tilt_out, us, n: int):
    """Append n samples: their ticks from block, up and flags from tilt_out, times from us."""
    q = ptr32(queue)
    f = ptr32(block)
    u = ptr32(tilt_out)
    t = ptr32(us)
    i = 0
    while i < n:
        if q[_COUNT] == _SLOTS:
            q[_DROPPED] += 1
            q[_OLDEST] = (q[_OLDEST] + 1) & _SLOT_MASK
            q[_COUNT] = _SLOTS - 1
        at = _RING + ((q[_OLDEST] + q[_COUNT]) & _SLOT_MASK) * 4
        q[at] = f[i * 4 + 3] & 0x3FFFFFFF
        q[at + 1] = t[i]
        q[at + 2] = u[i * 2]
        q[at + 3] = u[i * 2 + 1] | (q[_MARK] << 16)
        q[_MARK] = 0
        q[_COUNT] += 1
        i += 1


@micropython.viper
def take_alone(queue, moment, at: int) -> int:
    """Take the next sample of the only sensor into moment; return 1, or 0 where there is none.

    at: its place in the moment, UPPER or LOWER.
    """
    q = ptr32(queue)
    m = ptr32(moment)
    if q[_COUNT] == 0:
        return 0
    k = _RING + q[_OLDEST] * 4
    m[_TICK] = q[k]
    m[_US] = q[k + 1]
    flags = int(_copy(queue, 0, moment, at))
    m[_FLAGS] = flags | _ONE_SENSOR_BIT
    m[_OWN_FLAGS] = flags
    m[_OWN_FLAGS + 1] = flags
    q[_OLDEST] = (q[_OLDEST] + 1) & _SLOT_MASK
    q[_COUNT] -= 1
    return 1


@micropython.viper
def take(queue, other, moment) -> int:
    """Take the next step of two sensors into moment, if it can be decided; return 1 if so.

    queue: the upper sensor's; other: the lower one's.
    """
    q = ptr32(queue)
    o = ptr32(other)
    m = ptr32(moment)
    if q[_COUNT] == 0:
        return 0
    k = _RING + q[_OLDEST] * 4
    us = q[k + 1]
    # From this step to the oldest sample of the other, and to the one after it, us.
    before = _NEVER
    after = _NEVER
    while o[_COUNT] > 0:
        before = o[_RING + o[_OLDEST] * 4 + 1] - us
        before = ((before + _US_HALF) & _US_MASK) - _US_HALF
        after = _NEVER
        if before >= 0 or o[_COUNT] == 1:
            break
        after = o[_RING + ((o[_OLDEST] + 1) & _SLOT_MASK) * 4 + 1] - us
        after = ((after + _US_HALF) & _US_MASK) - _US_HALF
        if after > 0:
            break
        o[_OLDEST] = (o[_OLDEST] + 1) & _SLOT_MASK  # of no use to this step or a later one
        o[_COUNT] -= 1
    if before < 0 and after == _NEVER and q[_COUNT] <= _WAIT_SAMPLES:
        return 0
    if o[_COUNT] == 0 and q[_COUNT] <= _WAIT_SAMPLES:
        return 0

    nearest = 0
    apart = (before ^ (before >> 31)) - (before >> 31)
    if after < apart:
        nearest = 1
        apart = after
    m[_TICK] = q[k]
    m[_US] = us
    flags = int(_copy(queue, 0, moment, _UPPER))
    m[_OWN_FLAGS] = flags
    if apart > _FAR_US:
        m[_LOWER] = 0
        m[_LOWER + 1] = 0
        m[_LOWER + 2] = 0
        m[_OWN_FLAGS + 1] = 0
        flags |= _ONE_SENSOR_BIT
    else:
        partner = int(_copy(other, nearest, moment, _LOWER))
        m[_OWN_FLAGS + 1] = partner
        flags = ((flags | partner) & (_REST_BIT - 1)) | (flags & partner & _REST_BIT)
    m[_FLAGS] = flags
    q[_OLDEST] = (q[_OLDEST] + 1) & _SLOT_MASK
    q[_COUNT] -= 1
    return 1


@micropython.viper
def _copy(queue, age: int, moment, at: int) -> int:
    """Copy up of the oldest sample (age 0) or the one after it (1) to the moment; return flags."""
    q = ptr32(queue)
    m = ptr32(moment)
    k = _RING + ((q[_OLDEST] + age) & _SLOT_MASK) * 4
    w = q[k + 2]
    m[at] = ((w & 0xFFFF) ^ 0x8000) - 0x8000
    m[at + 1] = w >> 16
    w = q[k + 3]
    m[at + 2] = ((w & 0xFFFF) ^ 0x8000) - 0x8000
    return w >> 16
