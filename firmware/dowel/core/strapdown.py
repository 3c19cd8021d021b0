"""Turns gravity and velocity with the gyro, sample by sample: the hot half of the tilt filter.

Both are vectors in the sensor's frame. With the sensor's turn w and its accelerometer's reading a:

    g' = g x w               gravity stands still, so the sensor sees it turn the other way
    v' = v x w + (a - g)     velocity gained; over some seconds its mean is zero, or g is wrong

g turns to second order, `g += g x w + (g x w) x w / 2` (a first-order step loses degrees in fast
movement), v to first order. After every 16 steps observer.correct() reads from v what is wrong
with g. State words, their scales and ranges: tilt.py.
"""

from array import array

from dowel.core.observer import correct
from dowel.core.saturation import gyro_clipped, weigh_clipped

# State words used here; tilt.py has the whole table.
_GRAVITY = const(0)
_VELOCITY = const(3)
_REMAINDER = const(6)
_BIAS = const(9)
_SCALE = const(12)
_FACTOR = const(15)
_FACTOR_TICKS = const(18)
_TICK = const(19)
_GYRO_XY = const(20)
_GYRO_Z = const(21)
_SATURATED = const(22)
_GAPS = const(23)
_RESTARTS = const(24)
_STEPS = const(25)
_TURN = const(26)
_FORCE = const(29)
_BLOCKS = const(33)
_STILL = const(34)
_REST = const(35)
_CLIPPING = const(43)

_GAP_BIT = const(1)
_RESTART_BIT = const(64)

_TICK_MASK = const(0x3FFFFFFF)
_TICK_HALF = const(0x20000000)
_NEVER = const(0x20000000)  # no difference of ticks: nothing was sampled yet
_BLIND = const(0x20000001)  # neither: the gyro was clipped for so long that gravity is lost
_STEPS_PER_BLOCK = const(16)
# No axis is beyond this count: none is at the end of its range. As in saturation.py.
_CLIP_BELOW = const(32759)

# Time between samples at 208 Hz (ST: 6667 / 32), 4.8 ms, in ticks (25 us) of the chip's counter.
_PERIOD_TICKS = const(192)
# Longest step of the integration, 1.125 periods. Small: ordinary jitter is split into two steps;
# large: less headroom, since the angle of a step grows with it.
_STEP_TICKS = const(216)
# A sample this much later than the one before follows a gap: 1.5 periods, halfway to one lost.
_GAP_TICKS = const(288)
# Longest gap that is bridged, 0.2 s. Small: the filter begins anew too often; large: it trusts a
# turn that nobody saw (at 500 degrees/s^2, a brisk lift, the mean of both sides is wrong by some 2
# degrees over 0.2 s and by 10 over 0.5 s), and a call takes long.
_BRIDGE_TICKS = const(8000)
# |g| per axis at a start: 1.125 g in counts * 2^16.
_START_MAX = const(302120960)

_substitute = array("i", (0, 0, 0, 0))  # a sample in place of a lost one
_no_output = array("h", (0, 0, 0, 0))


@micropython.viper
def burst(state, block, n: int, out):
    """Take n samples; write up and flags of each to out (4 int16: x y z flags; 1 g = 16393).

    block: 16 bytes a sample, word-aligned: gyro x y z, accelerometer x y z (int16 counts), tick
    (uint32).
    """
    s = ptr32(state)
    f = ptr32(block)
    o = ptr16(out)
    gx = s[_GRAVITY]
    gy = s[_GRAVITY + 1]
    gz = s[_GRAVITY + 2]
    vx = s[_VELOCITY]
    vy = s[_VELOCITY + 1]
    vz = s[_VELOCITY + 2]
    last = s[_TICK]
    j = 0
    i = 0
    while i < n:
        tick = f[j + 3] & _TICK_MASK
        ticks = ((tick - last + _TICK_HALF) & _TICK_MASK) - _TICK_HALF
        last = tick
        flags = s[_REST]
        if ticks != s[_FACTOR_TICKS]:
            if ticks < 1 or ticks > _STEP_TICKS or s[_FACTOR_TICKS] >= _NEVER:
                s[_GRAVITY] = gx
                s[_GRAVITY + 1] = gy
                s[_GRAVITY + 2] = gz
                s[_VELOCITY] = vx
                s[_VELOCITY + 1] = vy
                s[_VELOCITY + 2] = vz
                flags |= int(_resume(state, block, i, ticks))
                ticks = s[_FACTOR_TICKS]
                gx = s[_GRAVITY]
                gy = s[_GRAVITY + 1]
                gz = s[_GRAVITY + 2]
                vx = s[_VELOCITY]
                vy = s[_VELOCITY + 1]
                vz = s[_VELOCITY + 2]
            s[_FACTOR_TICKS] = ticks
            # 2^-32 rad per count, rounded
            s[_FACTOR] = (s[_SCALE] * ticks + 2048) >> 12
            s[_FACTOR + 1] = (s[_SCALE + 1] * ticks + 2048) >> 12
            s[_FACTOR + 2] = (s[_SCALE + 2] * ticks + 2048) >> 12

        t = f[j]
        x = ((t & 0xFFFF) ^ 0x8000) - 0x8000
        y = t >> 16
        t = f[j + 1]
        z = ((t & 0xFFFF) ^ 0x8000) - 0x8000
        ax = t >> 16
        t = f[j + 2]
        ay = ((t & 0xFFFF) ^ 0x8000) - 0x8000
        az = t >> 16
        m = (x ^ (x >> 31)) | (y ^ (y >> 31)) | (z ^ (z >> 31))
        m |= (ax ^ (ax >> 31)) | (ay ^ (ay >> 31)) | (az ^ (az >> 31))
        if m > _CLIP_BELOW:  # the bits of all six together: one of them may be
            flags |= int(weigh_clipped(state, block, i))

        # Angle of this step, 2^-18 rad; what is below that waits for the next step.
        t = s[_REMAINDER] + x * s[_FACTOR] - s[_BIAS]
        s[_REMAINDER] = t & 16383
        a = t >> 14
        t = s[_REMAINDER + 1] + y * s[_FACTOR + 1] - s[_BIAS + 1]
        s[_REMAINDER + 1] = t & 16383
        b = t >> 14
        t = s[_REMAINDER + 2] + z * s[_FACTOR + 2] - s[_BIAS + 2]
        s[_REMAINDER + 2] = t & 16383
        c = t >> 14
        s[_TURN] += a
        s[_TURN + 1] += b
        s[_TURN + 2] += c

        x = gx >> 14
        y = gy >> 14
        z = gz >> 14
        p = y * c - z * b
        q = z * a - x * c
        r = x * b - y * a
        gx += p >> 4
        gy += q >> 4
        gz += r >> 4
        p >>= 16
        q >>= 16
        r >>= 16
        gx += (q * c - r * b) >> 7
        gy += (r * a - p * c) >> 7
        gz += (p * b - q * a) >> 7

        x = vx >> 13
        y = vy >> 13
        z = vz >> 13
        p = y * c - z * b
        q = z * a - x * c
        r = x * b - y * a
        vx += (p >> 5) + (ax << 6) - (gx >> 10)
        vy += (q >> 5) + (ay << 6) - (gy >> 10)
        vz += (r >> 5) + (az << 6) - (gz >> 10)
        s[_FORCE] += ax
        s[_FORCE + 1] += ay
        s[_FORCE + 2] += az

        t = s[_STEPS] + 1
        s[_STEPS] = t
        if t == _STEPS_PER_BLOCK:
            s[_GRAVITY] = gx
            s[_GRAVITY + 1] = gy
            s[_GRAVITY + 2] = gz
            s[_VELOCITY] = vx
            s[_VELOCITY + 1] = vy
            s[_VELOCITY + 2] = vz
            correct(state)
            gx = s[_GRAVITY]
            gy = s[_GRAVITY + 1]
            gz = s[_GRAVITY + 2]
            vx = s[_VELOCITY]
            vy = s[_VELOCITY + 1]
            vz = s[_VELOCITY + 2]
        o[j] = (gx >> 14) & 0xFFFF
        o[j + 1] = (gy >> 14) & 0xFFFF
        o[j + 2] = (gz >> 14) & 0xFFFF
        o[j + 3] = flags
        j += 4
        i += 1
    s[_GRAVITY] = gx
    s[_GRAVITY + 1] = gy
    s[_GRAVITY + 2] = gz
    s[_VELOCITY] = vx
    s[_VELOCITY + 1] = vy
    s[_VELOCITY + 2] = vz
    s[_TICK] = last
    if n > 0:
        s[_GYRO_XY] = f[j - 4]
        s[_GYRO_Z] = f[j - 3]


@micropython.viper
def _resume(state, block, i: int, ticks: int) -> int:
    """Make sample i of the block, `ticks` after the last one, an ordinary one; return its flags.

    Either the time between is bridged, or the filter starts here: for the first time, after a gap
    too long, or where a long clipping of the gyro ends. Leaves the step's ticks in _FACTOR_TICKS.
    """
    s = ptr32(state)
    if s[_FACTOR_TICKS] == _BLIND and ticks > 0 and ticks <= _STEP_TICKS:
        s[_FACTOR_TICKS] = ticks
        if int(gyro_clipped(block, i)):
            return 0
        _start(state, block, i)
        return _RESTART_BIT
    first = s[_FACTOR_TICKS] == _NEVER
    if first or ticks < 1 or ticks > _BRIDGE_TICKS:
        _start(state, block, i)
        s[_FACTOR_TICKS] = _PERIOD_TICKS
        if first:
            return 0
        s[_GAPS] += 1
        s[_RESTARTS] += 1
        return _GAP_BIT | _RESTART_BIT
    _bridge(state, block, i, ticks)
    if ticks <= _GAP_TICKS:
        return 0
    s[_GAPS] += 1
    return _GAP_BIT


@micropython.viper
def _start(state, block, i: int):
    """Start at sample i: gravity is what its accelerometer reads; only the bias is kept."""
    s = ptr32(state)
    f = ptr32(block)
    k = _REMAINDER - 1
    while k >= 0:
        s[k] = 0
        k -= 1
    k = _STEPS
    while k < _REST + 1:
        s[k] = 0
        k += 1
    s[_CLIPPING] = 0
    j = i * 4
    s[_GRAVITY] = (f[j + 1] >> 16) << 16
    s[_GRAVITY + 1] = (((f[j + 2] & 0xFFFF) ^ 0x8000) - 0x8000) << 16
    s[_GRAVITY + 2] = (f[j + 2] >> 16) << 16
    # As far as it goes in the same direction.
    k = 0
    while k < 3:
        x = s[k]
        k += 1
        if (x ^ (x >> 31)) > _START_MAX:
            s[_GRAVITY] >>= 1
            s[_GRAVITY + 1] >>= 1
            s[_GRAVITY + 2] >>= 1
            k = 0


@micropython.viper
def _bridge(state, block, i: int, ticks: int):
    """Put samples in place of those lost before sample i.

    Their gyro is the mean of both sides. Their accelerometer says nothing new: it reads what
    gravity is taken to be, since what it read on either side belongs to another attitude.
    """
    s = ptr32(state)
    f = ptr32(block)
    u = ptr32(_substitute)
    j = i * 4
    before_xy = s[_GYRO_XY]
    before_z = s[_GYRO_Z]
    if i > 0:
        before_xy = f[j - 4]
        before_z = f[j - 3]
    x = (((before_xy & 0xFFFF) ^ 0x8000) + ((f[j] & 0xFFFF) ^ 0x8000) - 0x10000) >> 1
    y = ((before_xy >> 16) + (f[j] >> 16)) >> 1
    z = (((before_z & 0xFFFF) ^ 0x8000) + ((f[j + 1] & 0xFFFF) ^ 0x8000) - 0x10000) >> 1
    u[0] = (y << 16) | (x & 0xFFFF)
    steps = (ticks + _STEP_TICKS - 49) // _PERIOD_TICKS  # none longer than _STEP_TICKS
    tick = f[j + 3] & _TICK_MASK
    s[_TICK] = (tick - ticks) & _TICK_MASK
    saturated = s[_SATURATED]
    k = 1
    while k < steps:  # the last step is the sample's own
        x = (s[_GRAVITY] + 0x8000) >> 16
        u[1] = (x << 16) | (z & 0xFFFF)
        y = (s[_GRAVITY + 1] + 0x8000) >> 16
        u[2] = (((s[_GRAVITY + 2] + 0x8000) >> 16) << 16) | (y & 0xFFFF)
        u[3] = (tick - ticks + ticks * k // steps) & _TICK_MASK
        burst(state, _substitute, 1, _no_output)
        k += 1
    s[_SATURATED] = saturated
    s[_FACTOR_TICKS] = (tick - s[_TICK]) & _TICK_MASK
