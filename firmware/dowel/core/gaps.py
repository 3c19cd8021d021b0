"""Samples that are missing: the time between is bridged, or the filter begins anew.

State words, their scales and ranges: tilt.py.
"""

from dowel.core.saturation import gyro_clipped

# State words used here; tilt.py has the whole table.
_GRAVITY = const(0)
_REMAINDER = const(6)
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
_REST = const(35)
_CLIPPING = const(43)

_GAP_BIT = const(1)
_RESTART_BIT = const(64)

_TICK_MASK = const(0x3FFFFFFF)
_NEVER = const(0x20000000)  # in _FACTOR_TICKS: nothing was sampled yet
_BLIND = const(0x20000001)  # the same: the gyro was clipped for so long that gravity is lost

# Time between samples at 208 Hz (ST: 6667 / 32), 4.8 ms, in ticks (25 us) of the chip's counter.
_PERIOD_TICKS = const(192)
_STEP_TICKS = const(216)  # longest step; as in strapdown.py
# A sample this much later than the one before follows a gap: 1.5 periods, halfway to one lost.
_GAP_TICKS = const(288)
# Longest gap that is bridged, 0.2 s. Small: the filter begins anew too often; large: it trusts a
# turn that nobody saw (at 500 degrees/s^2, a brisk lift, the mean of both sides is wrong by some 2
# degrees over 0.2 s and by 10 over 0.5 s), and a call takes long.
_BRIDGE_TICKS = const(8000)
# |g| per axis at a start: 1.125 g in counts * 2^16.
_START_MAX = const(302120960)

_substitute = bytearray(16)  # a sample in place of a lost one


@micropython.viper
def resume(tilt, block, i: int, ticks: int) -> int:
    """Make sample i of the block, `ticks` after the last one, an ordinary one; return its flags.

    Either the time between is bridged, or the filter starts here: for the first time, after a gap
    too long, or where a long clipping of the gyro ends. Leaves the step's ticks and factors in
    the state. This is Tilt.resume(block, i, ticks).
    """
    s = ptr32(tilt.state)
    f = ptr32(block)
    flags = 0
    if s[_FACTOR_TICKS] == _BLIND and ticks > 0 and ticks <= _STEP_TICKS:
        s[_FACTOR_TICKS] = ticks
        if int(gyro_clipped(block, i)) == 0:
            _start(tilt.state, block, i)
            flags = _RESTART_BIT
    elif s[_FACTOR_TICKS] == _NEVER or ticks < 1 or ticks > _BRIDGE_TICKS:
        if s[_FACTOR_TICKS] != _NEVER:
            s[_GAPS] += 1
            s[_RESTARTS] += 1
            flags = _GAP_BIT | _RESTART_BIT
        _start(tilt.state, block, i)
        s[_FACTOR_TICKS] = _PERIOD_TICKS
    else:
        _bridge(tilt, block, i, ticks)
        if ticks > _GAP_TICKS:
            s[_GAPS] += 1
            flags = _GAP_BIT
    ticks = s[_FACTOR_TICKS]
    s[_TICK] = ((f[i * 4 + 3] & _TICK_MASK) - ticks) & _TICK_MASK
    k = 0
    while k < 3:
        s[_FACTOR + k] = (s[_SCALE + k] * ticks + 2048) >> 12
        k += 1
    return flags


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
def _bridge(tilt, block, i: int, ticks: int):
    """Put samples in place of those lost before sample i.

    Their gyro is the mean of both sides. Their accelerometer says nothing new: it reads what
    gravity is taken to be, since what it read on either side belongs to another attitude.
    """
    s = ptr32(tilt.state)
    f = ptr32(block)
    u = ptr32(_substitute)
    o = ptr32(tilt.out)
    first_xy = o[0]  # of the burst that waits: what goes in between writes over it
    first_z = o[1]
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
        tilt.burst(_substitute, 1)
        k += 1
    s[_SATURATED] = saturated
    s[_FACTOR_TICKS] = (tick - s[_TICK]) & _TICK_MASK
    o[0] = first_xy
    o[1] = first_z
