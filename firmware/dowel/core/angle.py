"""Angles and lengths in integers: atan2 and square root.

Angles are millidegrees (`_mdeg`), at most 0.003 degrees off for every pair of int16; rounded to
centidegrees (`_cdeg`) at most 0.008. Viper, without allocation, within 32 bits.
"""

from array import array

# Table of atan(i / 64), i = 0..64, in 1/64 mdeg. A straight line between two entries is at most
# 1.1 mdeg below the arc: (1/64)^2 / 8 * max|atan''| = 2.0e-5 rad.
_ATAN = array(
    "i",
    (
        0, 57291, 114554, 171762, 228885, 285898, 342773, 399483, 456001,
        512303, 568362, 624155, 679658, 734847, 789702, 844199, 898320, 952044,
        1005353, 1058230, 1110658, 1162621, 1214106, 1265099, 1315587, 1365559, 1415005,
        1463915, 1512280, 1560094, 1607349, 1654041, 1700163, 1745713, 1790686, 1835081,
        1878896, 1922130, 1964782, 2006853, 2048345, 2089257, 2129593, 2169355, 2208545,
        2247169, 2285228, 2322728, 2359673, 2396069, 2431919, 2467230, 2502007, 2536256,
        2569984, 2603196, 2635899, 2668100, 2699804, 2731020, 2761753, 2792011, 2821800,
        2851127, 2880000,
    ),
)  # fmt: skip


@micropython.viper
def atan2_mdeg(y: int, x: int) -> int:
    """Angle of the vector (x, y) in mdeg, -180000 to 180000; 0 for (0, 0).

    x, y: -32768 to 32767, any scale.
    """
    across = (x ^ (x >> 31)) - (x >> 31)  # |x|
    along = (y ^ (y >> 31)) - (y >> 31)
    small = along
    large = across
    if along > across:
        small = across
        large = along
    if large == 0:
        return 0
    ratio = ((small << 15) + (large >> 1)) // large  # 2^-15, 0..32768
    at = ratio >> 9
    table = ptr32(_ATAN)
    angle = table[at]
    if at < 64:
        angle += ((table[at + 1] - angle) * (ratio & 511)) >> 9
    angle = (angle + 32) >> 6
    if along > across:
        angle = 90000 - angle
    if x < 0:
        angle = 180000 - angle
    if y < 0:
        angle = 0 - angle
    return angle


@micropython.viper
def isqrt(square: int) -> int:
    """Square root, rounded to the nearest integer. square: 0 to 2^30 - 1.

    Digit by digit, without a product that could leave 32 bits.
    """
    bit = 0x10000000
    while bit > square:
        bit >>= 2
    root = 0
    while bit:
        if square >= root + bit:
            square -= root + bit
            root = (root >> 1) + bit
        else:
            root >>= 1
        bit >>= 2
    if square > root:
        root += 1
    return root
