"""Learns the gyro's bias while the sensor moves: once a block, a Kalman filter of three states.

A bias that is not known turns gravity a little every step, and the observer turns it back; what
it corrects block after block is the bias. But a correction answers for what happened seconds ago,
when the sensor lay otherwise. So each axis has its response U: where gravity has gone, in the
sensor's frame, because this axis' bias was off by one all along. It turns with the sensor, and it
leaks as the observer's low-pass does:

    U_i' = U_i x turn - leak U_i + e_i x g

One unit of bias explains the correction w_i = leak U_i. With the doubt P about each axis (a
variance; what axes have in common is left out) and the noise R of the corrections,

    b_i += K w_i . correction        K = P / R        P -= K P |w_i|^2        P += Q

and gravity goes where it would be with the new bias at once: g += U_i (change of b_i). R is
measured: it follows the size of the corrections themselves, which are small in quiet movement.
State words, their scales and ranges: tilt.py.
"""

# State words used here; tilt.py has the whole table.
_GRAVITY = const(0)
_BIAS = const(9)
_TURN = const(26)
_DOUBT = const(44)
_CORRECTION = const(49)
_DRIFT = const(52)
_RESPONSE = const(53)
_TRUST = const(62)

# Tunables. Chosen on synthetic movement (smooth random turns and accelerations, seeds 0 to 11 of
# four kinds) and on 17 recordings of BROAD together; half or twice of one changes the mean error
# of either by a few percent.

# Part of the observer's damping that the response leaks, 3 / 2^3. Its own delay would be 4 / 2^3.
# Small: an old attitude counts too long; large: the one of the moment is taken for that of before.
_LEAK_PARTS = const(3)
# Corrections of this mean size make R what DOUBT is counted in, and R grows no further: 2
# degrees/s, in 2^-5 count a block. Small: bias is learnt slowly; large: movement gets into it.
_NOISE_ONE = const(352)
_ONE_SQUARED = const(63438848)  # _NOISE_ONE^2 * 2^9
# R is at least 0.065 of that, (90 / 352)^2. Small: what sways quietly is learnt at once, be it
# bias or not; large: a body that never rests keeps its bias for a minute.
_NOISE_MIN = const(90)
# The doubt grows by this a block, 2^-28: from none to 0.1 degrees/s in 3.8 minutes. Small: slow to
# follow a warming chip and what a wrong scale adds; large: movement gets into the bias.
_DOUBT_GROWS = const(70)
# Nothing is learnt while the sensor turns faster than this: 600 degrees/s about one axis, doubled,
# in 2^-14 rad a block. Small: much movement is left out; large: the errors of a turn through a
# wrong scale, or one the chip clips, are taken for bias.
_FAST = const(26400)

# Bounds that keep the arithmetic within 32 bits; no movement reaches them.
_DOUBT_MAX = const(5250000)  # (0.5 degrees/s)^2
_SHARE_MAX = const(131072)  # K: 1 / 8, 2^-20
_RESPONSE_MAX = const(16383)  # 128 blocks
_MISS_MAX = const(32767)  # 23 degrees/s
_FIT_MAX = const(32767)
_GRAVITY_MAX = const(302120960)  # 1.125 g
_BIAS_MAX = const(1081000)  # 3 degrees/s


@micropython.viper
def learn_bias(state, damping: int):  # noqa: C901 - a call costs as much as a third of this
    """Learn from the correction of the block that ends. damping: sqrt(2) wc T, 2^-15."""
    s = ptr32(state)
    a = s[_TURN] >> 4  # 2^-14 rad
    b = s[_TURN + 1] >> 4
    c = s[_TURN + 2] >> 4
    cx = s[_CORRECTION]
    cy = s[_CORRECTION + 1]
    cz = s[_CORRECTION + 2]
    # Too fast? |(x, y, z)| within 10 %: half of the largest, and half of all.
    x = a ^ (a >> 31)
    y = b ^ (b >> 31)
    z = c ^ (c >> 31)
    p = x
    if p < y:
        p = y
    if p < z:
        p = z
    if x + y + z + p > _FAST:
        i = _RESPONSE
        while i < _TRUST:
            s[i] = 0
            i += 1
        return
    # R and what K is for each unit of doubt: the mean size of the corrections.
    x = cx ^ (cx >> 31)
    y = cy ^ (cy >> 31)
    z = cz ^ (cz >> 31)
    p = x
    if p < y:
        p = y
    if p < z:
        p = z
    p = s[_DRIFT] - (s[_DRIFT] >> 3) + ((x + y + z + p) >> 1)
    s[_DRIFT] = p
    p >>= 2
    if p < _NOISE_MIN:
        p = _NOISE_MIN
    if p > _NOISE_ONE:
        p = _NOISE_ONE
    gain = _ONE_SQUARED // (p * p)
    leak = (damping * _LEAK_PARTS) >> 3
    # The responses turn, to second order, and leak: rows of a matrix, 2^-14.
    x = (a * a) >> 15
    y = (b * b) >> 15
    z = (c * c) >> 15
    keep = 16384 - (leak >> 1)
    xx = keep - y - z
    yy = keep - z - x
    zz = keep - x - y
    x = (b * c) >> 15
    yz = x + a
    zy = x - a
    x = (a * c) >> 15
    zx = x + b
    xz = x - b
    x = (a * b) >> 15
    xy = x + c
    yx = x - c
    # e_i x g
    x = s[_GRAVITY] >> 21
    y = s[_GRAVITY + 1] >> 21
    z = s[_GRAVITY + 2] >> 21
    s[_RESPONSE + 1] -= z
    s[_RESPONSE + 2] += y
    s[_RESPONSE + 3] += z
    s[_RESPONSE + 5] -= x
    s[_RESPONSE + 6] -= y
    s[_RESPONSE + 7] += x
    leak_squared = (leak * leak) >> 10
    a = s[_GRAVITY]
    b = s[_GRAVITY + 1]
    c = s[_GRAVITY + 2]
    i = 0
    k = _RESPONSE
    while i < 3:
        p = s[k]
        q = s[k + 1]
        r = s[k + 2]
        x = (p * xx + q * xy + r * xz) >> 14
        y = (p * yx + q * yy + r * yz) >> 14
        z = (p * zx + q * zy + r * zz) >> 14
        if ((x ^ (x >> 31)) | (y ^ (y >> 31)) | (z ^ (z >> 31))) > _RESPONSE_MAX:
            x >>= 1
            y >>= 1
            z >>= 1
        s[k] = x
        s[k + 1] = y
        s[k + 2] = z
        k += 3

        doubt = s[_DOUBT + i]
        share = ((doubt >> 8) * gain) >> 9
        if share > _SHARE_MAX:
            share = _SHARE_MAX
        # How far off the bias looks, 2^-8 count a block; then 2^-32 rad a step.
        p = x * cx + y * cy + z * cz
        p = (((p + 1024) >> 11) * leak) >> 7
        if p > _MISS_MAX:
            p = _MISS_MAX
        if p < 0 - _MISS_MAX:
            p = 0 - _MISS_MAX
        p = (p * (share >> 3)) >> 9
        q = s[_BIAS + i] + p
        if q > _BIAS_MAX:
            q = _BIAS_MAX
        if q < 0 - _BIAS_MAX:
            q = 0 - _BIAS_MAX
        s[_BIAS + i] = q
        p >>= 4
        a += (p * x) >> 3
        b += (p * y) >> 3
        c += (p * z) >> 3

        # |w_i|^2, 2^-14
        p = (((x * x + y * y + z * z) >> 16) * leak_squared) >> 4
        if p > _FIT_MAX:
            p = _FIT_MAX
        doubt += _DOUBT_GROWS - (((((doubt >> 8) * (share >> 6)) >> 6) * (p >> 4)) >> 10)
        if doubt > _DOUBT_MAX:
            doubt = _DOUBT_MAX
        s[_DOUBT + i] = doubt
        i += 1
    s[_GRAVITY] = a
    s[_GRAVITY + 1] = b
    s[_GRAVITY + 2] = c
    i = 0
    while i < 3:
        if s[i] > _GRAVITY_MAX:
            s[i] = _GRAVITY_MAX
        if s[i] < 0 - _GRAVITY_MAX:
            s[i] = 0 - _GRAVITY_MAX
        i += 1
