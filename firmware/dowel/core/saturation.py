"""Samples with an axis at the end of its range: counted, flagged, and made to weigh less."""

# State words used here; tilt.py has the whole table.
_FACTOR_TICKS = const(18)
_SATURATED = const(22)
_CLIPPED = const(32)
_SPEED = const(42)
_CLIPPING = const(43)

_UNCERTAIN_CLIPPED = const(1008)  # as in observer.py
_BLIND = const(0x20000001)  # as in gaps.py

_SATURATED_BIT = const(2)

# An axis beyond this count is at the end of its range: the chip clips at int16's end, or nearly.
_CLIP_BELOW = const(32759)
_GYRO_CLIPPED = const(1)
_FORCE_CLIPPED = const(2)
# What a clipped accelerometer sample adds to the doubt about v: 1 g for one step, in SPEED's unit.
# Small: impacts tilt gravity; large: after an impact the gyro is on its own for long.
_SPEED_CLIPPED = const(65568)
# CLIPPING beyond this, about half a second of clipped samples within the last two: gravity may be
# anywhere, and the filter begins anew at the first sample that is not clipped. Small: begins anew
# in movement, where the gyro is still the better guide; large: is lost for many seconds.
_CLIPPING_BLIND = const(90000)


@micropython.viper
def weigh_clipped(tilt, block, i: int) -> int:
    """Count sample i if an axis is at the end of its range, make it weigh less; return its flag.

    Clipped gyro: the observer corrects more; if long, the filter begins anew after it. Clipped
    accelerometer: it corrects less (to leave the reading out would be worse: most of the
    acceleration is in it).
    """
    s = ptr32(tilt.state)
    f = ptr16(block)
    j = i * 8
    end = j + 6
    clipped = 0
    kind = _GYRO_CLIPPED
    while j < end:
        x = (f[j] ^ 0x8000) - 0x8000
        if (x ^ (x >> 31)) > _CLIP_BELOW:
            clipped |= kind
        j += 1
        if j == end - 3:
            kind = _FORCE_CLIPPED
    if clipped == 0:
        return 0
    s[_SATURATED] += 1
    if clipped & _GYRO_CLIPPED:
        s[_CLIPPED] += 1
        if s[_CLIPPING] + s[_CLIPPED] * _UNCERTAIN_CLIPPED > _CLIPPING_BLIND:
            s[_FACTOR_TICKS] = _BLIND
    if clipped & _FORCE_CLIPPED:
        s[_SPEED] += _SPEED_CLIPPED
    return _SATURATED_BIT


@micropython.viper
def gyro_clipped(block, i: int) -> int:
    """Return 1 if an axis of the gyro is at the end of its range in sample i, else 0."""
    f = ptr16(block)
    j = i * 8
    end = j + 3
    while j < end:
        x = (f[j] ^ 0x8000) - 0x8000
        if (x ^ (x >> 31)) > _CLIP_BELOW:
            return 1
        j += 1
    return 0
