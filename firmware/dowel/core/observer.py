"""Corrects gravity, velocity and gyro bias once a block (16 steps): the slow half of the filter.

With wc the corner frequency, the correction is that of a second-order low-pass in a frame that
does not turn:

    g += wc^2 T v        v -= sqrt(2) wc T v        T: the time of a block

In other words: gravity drifts, velocity is about zero. That is the filter of VQF (Laidig and Seel
2023, doi 10.1016/j.inffus.2022.10.014) without its quaternion. wc follows what is uncertain at the
moment,

    wc^2 = c (turn rate + clipped samples + doubt about the bias) / |v|

because a fast turn brings out errors of the gyro's scale, and a large |v| is acceleration of the
body, not wrong gravity. State words, their scales and ranges: tilt.py.
"""

from dowel.core.angle import isqrt

# State words used here; tilt.py has the whole table.
_GRAVITY = const(0)
_VELOCITY = const(3)
_BIAS = const(9)
_STEPS = const(25)
_TURN = const(26)
_FORCE = const(29)
_CLIPPED = const(32)
_BLOCKS = const(33)
_STILL = const(34)
_REST = const(35)
_TURN_MEAN = const(36)
_FORCE_THEN = const(39)
_SPEED = const(42)
_CLIPPING = const(43)
_DOUBT = const(44)
_REST_BLOCKS = const(45)
_GAIN = const(46)
_CORRECTION = const(47)
_TRUST = const(50)

_REST_BIT = const(128)

# Tunables. Those without another source were chosen on the 17 recordings of BROAD
# (doi 10.3390/data6070072), and on others of trunks and of a hand-held stick, for the least error.

# Rest: in every block of a row, turn stays this near its running mean, and force this near that of
# the first block: a slow turn adds up. Small: rest is missed on a body that sways; large: slow
# movement is taken for rest, and its turn for bias.
_REST_TURN = const(352)  # 1 degree/s, in 2^-18 rad a block
_REST_FORCE = const(1967)  # 0.03 g, in counts a block
# Mean turn that can be a bias. Small: a large bias is never learnt; large: a slow steady turn is.
_REST_BIAS = const(16896)  # 6 degrees/s, in 2^-18 rad a block / 8
# It is rest after more blocks than this in a row: 21 are 1.6 s. Small: a pause in a movement
# counts; large: short rests are of no use.
_REST_AFTER = const(20)
# Share of the bias' error learnt from a block at rest is 1 / blocks of rest so far, no less than
# 1 / this. Small: noisy; large: slow to follow a warming chip.
_REST_BLOCKS_MAX = const(32)
# At rest v is zero and the reading is gravity: each block this share of the difference goes into
# g, 1 / 2^2. Small share: after a clipped turn gravity is found late; large: noise gets in.
_REST_SHARE = const(2)
# Largest bias: 3 degrees/s in 2^-32 rad a step (ST: +-1 at 25 C). Small: that of a bad chip stays;
# large: a wrong guess goes further.
_BIAS_MAX = const(1081000)
# Gain of the bias in motion: without doubt about it, and what doubt adds. Small: learns slowly;
# large: movement gets into it.
_BIAS_GAIN = const(781)
_BIAS_GAIN_DOUBT = const(13)  # / 4

# What is uncertain, in 2^-18 rad a block: always (16 degrees/s), by a clipped gyro sample (it may
# have been anything; leaks away in 32 blocks), by doubt about the bias.
# Small: errors stay long; large: acceleration tilts gravity.
_UNCERTAIN_ALWAYS = const(5787)
_UNCERTAIN_CLIPPED = const(1008)
_UNCERTAIN_DOUBT = const(30)
# |v| below this says nothing: 1171 counts * steps, 0.013 m/s. Small: a resting sensor trusts its
# accelerometer alone; large: slow movement trusts its gyro too long.
_SPEED_FLOOR = const(1171)
# Bounds of the gain (wc T)^2, 2^-24: time constants of 7.9 and 0.7 s. Wide: a wrong |v| or rate
# does more harm; narrow: the rule for wc^2 does less good.
_GAIN_MIN = const(200)
_GAIN_MAX = const(24800)
# After a start the gain is at least this / block^2, so that the first seconds average all that
# came. Small: a wrong start stays; large: acceleration tilts gravity. Until block 250 (19 s).
_GAIN_START = const(2359000)
_START_BLOCKS = const(250)

# Bounds that keep the arithmetic within 32 bits; no movement reaches them.
_UNCERTAIN_MAX = const(1048575)  # times TRUST
_VELOCITY_MAX = const(10000)  # 2^12 of VELOCITY's unit: 7.4 m/s
_GRAVITY_MAX = const(302120960)  # 1.125 g
_BEGIN_MAX = const(8388607)  # 2 g over a block, in VELOCITY's unit
_COUNT_MAX = const(1000)  # of counters that only have to be large


@micropython.viper
def correct(state):
    """Close a block: rest, gain, gravity and velocity, bias; then empty its sums."""
    s = ptr32(state)
    if s[_BLOCKS] < _COUNT_MAX:
        s[_BLOCKS] += 1
    if s[_BLOCKS] == 1:
        _begin(state)
    _watch_rest(state)
    _set_gain(state)
    gain = s[_GAIN]
    damping = int(isqrt(gain << 11))  # sqrt(2) wc T in 2^-15
    i = 0
    while i < 3:
        v = s[_VELOCITY + i]
        x = v >> 12
        if x > _VELOCITY_MAX:
            x = _VELOCITY_MAX
            v = x << 12
        if x < 0 - _VELOCITY_MAX:
            x = 0 - _VELOCITY_MAX
            v = x << 12
        s[_VELOCITY + i] = v - ((x * damping) >> 3)
        x = (x * gain) >> 2
        s[_CORRECTION + i] = x >> 12
        x += s[_GRAVITY + i]
        if s[_REST]:
            s[_VELOCITY + i] = 0
            x += (s[_FORCE + i] << (12 - _REST_SHARE)) - (x >> _REST_SHARE)
        if x > _GRAVITY_MAX:
            x = _GRAVITY_MAX
        if x < 0 - _GRAVITY_MAX:
            x = 0 - _GRAVITY_MAX
        s[_GRAVITY + i] = x
        i += 1
    if s[_STILL] <= _REST_AFTER:
        _learn_bias_moving(state)
    i = _STEPS
    while i <= _CLIPPED:
        s[i] = 0
        i += 1


@micropython.viper
def _begin(state):
    """First block after a start: gravity is its mean reading, in the frame that does not turn.

    Since the start, v has summed what the other samples read beyond the first.
    """
    s = ptr32(state)
    i = 0
    while i < 3:
        x = s[_VELOCITY + i]
        if x > _BEGIN_MAX:
            x = _BEGIN_MAX
        if x < 0 - _BEGIN_MAX:
            x = 0 - _BEGIN_MAX
        s[_GRAVITY + i] += x << 6  # 2^-6 count * 16 steps to 2^-16 count
        s[_VELOCITY + i] = 0
        i += 1


@micropython.viper
def _watch_rest(state):
    """Count blocks in which neither turn nor force moved; at rest the mean turn is the bias."""
    s = ptr32(state)
    still = s[_STILL] + 1
    i = 0
    while i < 3:
        t = s[_TURN_MEAN + i]
        t += s[_TURN + i] - (t >> 3)
        s[_TURN_MEAN + i] = t
        x = s[_TURN + i] - (t >> 3)
        if (x ^ (x >> 31)) > _REST_TURN or (t ^ (t >> 31)) > _REST_BIAS:
            still = 0
        x = s[_FORCE + i] - s[_FORCE_THEN + i]
        if (x ^ (x >> 31)) > _REST_FORCE:
            still = 0
        i += 1
    if still > _COUNT_MAX:
        still = _COUNT_MAX
    s[_STILL] = still
    if still == 0:  # perhaps it begins here
        i = 0
        while i < 3:
            s[_TURN_MEAN + i] = s[_TURN + i] << 3
            s[_FORCE_THEN + i] = s[_FORCE + i]
            i += 1
    m = s[_DOUBT] >> 10
    s[_DOUBT] -= (m * m) >> 10
    s[_REST] = 0
    if still <= _REST_AFTER:
        return
    s[_REST] = _REST_BIT
    s[_DOUBT] -= s[_DOUBT] >> 3
    k = s[_REST_BLOCKS] + 1
    if k > _REST_BLOCKS_MAX:
        k = _REST_BLOCKS_MAX
    s[_REST_BLOCKS] = k
    shift = 0  # floor(log2(k)): about the mean of all rest so far
    while k > 1:
        k >>= 1
        shift += 1
    i = 0
    while i < 3:
        old = s[_BIAS + i]
        x = old + ((s[_TURN_MEAN + i] << 7) >> shift)
        if x > _BIAS_MAX:
            x = _BIAS_MAX
        if x < 0 - _BIAS_MAX:
            x = 0 - _BIAS_MAX
        s[_BIAS + i] = x
        s[_TURN_MEAN + i] -= (x - old) >> 7
        i += 1


@micropython.viper
def _set_gain(state):
    """Gain wc^2 T^2 of this block, from what is uncertain and from |v|."""
    s = ptr32(state)
    # |(x, y, z)| within 7 %: the largest, and 3/8 of the other two
    speed = 0
    speed_sum = 0
    rate = 0
    rate_sum = 0
    i = 0
    while i < 3:
        x = s[_VELOCITY + i] >> 6
        x ^= x >> 31
        speed_sum += x
        if speed < x:
            speed = x
        x = s[_TURN + i]
        x ^= x >> 31
        rate_sum += x
        if rate < x:
            rate = x
        i += 1
    speed += ((speed_sum - speed) * 3) >> 3
    rate += ((rate_sum - rate) * 3) >> 3
    s[_SPEED] += speed - (s[_SPEED] >> 4)
    s[_CLIPPING] += s[_CLIPPED] * _UNCERTAIN_CLIPPED - (s[_CLIPPING] >> 5)
    uncertain = rate + _UNCERTAIN_ALWAYS + s[_CLIPPING] + (s[_DOUBT] >> 10) * _UNCERTAIN_DOUBT
    if uncertain > _UNCERTAIN_MAX:
        uncertain = _UNCERTAIN_MAX
    gain = (uncertain * s[_TRUST]) // ((s[_SPEED] >> 4) + _SPEED_FLOOR)
    if s[_BLOCKS] < _START_BLOCKS:
        x = _GAIN_START // (s[_BLOCKS] * s[_BLOCKS])
        if gain < x:
            gain = x
    if gain < _GAIN_MIN:
        gain = _GAIN_MIN
    if gain > _GAIN_MAX:
        gain = _GAIN_MAX
    s[_GAIN] = gain


@micropython.viper
def _learn_bias_moving(state):
    """What turns gravity the same way block after block is bias: b += f g x correction."""
    s = ptr32(state)
    f = _BIAS_GAIN + (((s[_DOUBT] >> 10) * _BIAS_GAIN_DOUBT) >> 2)
    i = 0
    j = 1
    k = 2
    while i < 3:
        x = (s[_GRAVITY + j] >> 14) * s[_CORRECTION + k]
        x -= (s[_GRAVITY + k] >> 14) * s[_CORRECTION + j]
        x = s[_BIAS + i] + (((x >> 14) * f) >> 8)
        if x > _BIAS_MAX:
            x = _BIAS_MAX
        if x < 0 - _BIAS_MAX:
            x = 0 - _BIAS_MAX
        s[_BIAS + i] = x
        i += 1
        j += 1
        if j == 3:
            j = 0
        k += 1
        if k == 3:
            k = 0
