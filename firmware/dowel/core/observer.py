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
from dowel.core.bias import learn_bias

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
_REST_BLOCKS = const(47)
_GAIN = const(48)
_CORRECTION = const(49)
_DRIFT = const(52)
_TRUST = const(62)

_REST_BIT = const(128)

# Tunables. Those without another source began as a prototype's, which had the least error on the
# 17 recordings of BROAD (doi 10.3390/data6070072) and on others of trunks and of a hand-held
# stick; what was changed since was chosen on those 17, with and without their rest, and on
# synthetic movement. bench/README.md says what they were judged on.

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
# Soon after a start gravity is already taken from the reading after more such blocks than this,
# 0.4 s: a bias of some degrees/s would turn it away until it is rest. Small: a pause in movement
# counts; large: power-on at rest is off by more.
_CALM_AFTER = const(4)
# Share of the bias' error learnt from a block at rest is 1 / blocks of rest so far, no less than
# 1 / this. Small: noisy; large: slow to follow a warming chip.
_REST_BLOCKS_MAX = const(32)
# At rest v is zero and the reading is gravity: each block this share of the difference goes into
# g, 1 / 2^2. Small share: after a clipped turn gravity is found late; large: noise gets in.
_REST_SHARE = const(2)
# Largest bias: 3 degrees/s in 2^-32 rad a step (ST: +-1 at 25 C). Small: that of a bad chip stays;
# large: a wrong guess goes further.
_BIAS_MAX = const(1081000)
# No less doubt than this after a long rest, 2^-28: 0.085 degrees/s. Small: what changes
# later is learnt slowly; large: movement gets into the bias.
_REST_DOUBT = const(150000)

# What is uncertain, in 2^-18 rad a block: always (16 degrees/s), by a clipped gyro sample (it may
# have been anything; leaks away in 32 blocks), by doubt about the bias.
# Small: errors stay long; large: acceleration tilts gravity.
_UNCERTAIN_ALWAYS = const(5787)
_UNCERTAIN_CLIPPED = const(1008)
_UNCERTAIN_DOUBT = const(11)  # a shift: 2^-11 of the three axes' doubt
# |v| below this says nothing: 2400 counts * steps, 0.028 m/s. Small: a resting sensor trusts its
# accelerometer alone; large: slow movement trusts its gyro too long.
_SPEED_FLOOR = const(2400)
# Bounds of the gain (wc T)^2, 2^-24: time constants of 5.2 and 0.7 s. Wide: a wrong |v| or rate
# does more harm; narrow: the rule for wc^2 does less good.
_GAIN_MIN = const(450)
_GAIN_MAX = const(24800)
# Blocks after a start (39 are 3 s) in which gravity is the mean of all readings so far, in the
# frame that does not turn. Small: movement at the start tilts gravity; large: so does a bias.
_START_BLOCKS = const(39)

# Bounds that keep the arithmetic within 32 bits; no movement reaches them.
_UNCERTAIN_MAX = const(1048575)  # times TRUST
_VELOCITY_MAX = const(10000)  # 2^12 of VELOCITY's unit: 7.4 m/s
_GRAVITY_MAX = const(302120960)  # 1.125 g
_BEGIN_MAX = const(16777215)  # 4 g over a block, in VELOCITY's unit
_COUNT_MAX = const(1000)  # of counters that only have to be large


@micropython.viper
def correct(state):
    """Close a block: rest, gain, gravity and velocity, bias; then empty its sums."""
    s = ptr32(state)
    if s[_BLOCKS] < _COUNT_MAX:
        s[_BLOCKS] += 1
    if s[_BLOCKS] <= _START_BLOCKS:
        _begin(state)
    _watch_rest(state)
    # |v| and turn rate; |(x, y, z)| within 7 %: the largest, and 3/8 of the other two.
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
    uncertain = rate + _UNCERTAIN_ALWAYS + s[_CLIPPING]
    uncertain += (s[_DOUBT] + s[_DOUBT + 1] + s[_DOUBT + 2]) >> _UNCERTAIN_DOUBT
    if uncertain > _UNCERTAIN_MAX:
        uncertain = _UNCERTAIN_MAX
    # wc^2 T^2
    gain = (uncertain * s[_TRUST]) // ((s[_SPEED] >> 4) + _SPEED_FLOOR)
    if gain < _GAIN_MIN:
        gain = _GAIN_MIN
    if gain > _GAIN_MAX:
        gain = _GAIN_MAX
    s[_GAIN] = gain
    damping = int(isqrt(gain << 11))  # sqrt(2) wc T in 2^-15
    calm = s[_REST]
    if s[_BLOCKS] <= _START_BLOCKS and s[_STILL] > _CALM_AFTER:
        calm = 1
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
        s[_CORRECTION + i] = (x + 2048) >> 12
        x += s[_GRAVITY + i]
        if calm:
            s[_VELOCITY + i] = 0
            x += (s[_FORCE + i] << (12 - _REST_SHARE)) - (x >> _REST_SHARE)
        if x > _GRAVITY_MAX:
            x = _GRAVITY_MAX
        if x < 0 - _GRAVITY_MAX:
            x = 0 - _GRAVITY_MAX
        s[_GRAVITY + i] = x
        i += 1
    if s[_REST] == 0:
        learn_bias(state, damping)
    i = _STEPS
    while i <= _CLIPPED:
        s[i] = 0
        i += 1


@micropython.viper
def _begin(state):
    """Soon after a start: gravity is the mean reading since then, in the frame that does not turn.

    v has summed what the block's samples read beyond the mean so far.
    """
    s = ptr32(state)
    i = _DRIFT
    while i < _TRUST:  # and _RESPONSE: what the bias has done to gravity is not known
        s[i] = 0
        i += 1
    i = 0
    while i < 3:
        x = s[_VELOCITY + i]
        if x > _BEGIN_MAX:
            x = _BEGIN_MAX
        if x < 0 - _BEGIN_MAX:
            x = 0 - _BEGIN_MAX
        old = s[_GRAVITY + i]
        new = old + (x << 6) // s[_BLOCKS]  # 2^-6 count * 16 steps to 2^-16 count
        if new > _GRAVITY_MAX:
            new = _GRAVITY_MAX
        if new < 0 - _GRAVITY_MAX:
            new = 0 - _GRAVITY_MAX
        s[_GRAVITY + i] = new
        s[_VELOCITY + i] = x - ((new - old) >> 6) * s[_BLOCKS]  # what is beyond the bound waits
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
    s[_REST] = 0
    if still <= _REST_AFTER:
        return
    s[_REST] = _REST_BIT
    k = s[_REST_BLOCKS] + 1
    if k > _REST_BLOCKS_MAX:
        k = _REST_BLOCKS_MAX
    s[_REST_BLOCKS] = k
    shift = 0  # floor(log2(k)): about the mean of all rest so far
    while k > 1:
        k >>= 1
        shift += 1
    i = _DRIFT
    while i < _TRUST:  # and _RESPONSE: gravity is what is read, whatever the bias
        s[i] = 0
        i += 1
    i = 0
    while i < 3:
        x = s[_DOUBT + i]
        if x > _REST_DOUBT:
            s[_DOUBT + i] = x - (x >> 3)
        old = s[_BIAS + i]
        x = old + ((s[_TURN_MEAN + i] << 7) >> shift)
        if x > _BIAS_MAX:
            x = _BIAS_MAX
        if x < 0 - _BIAS_MAX:
            x = 0 - _BIAS_MAX
        s[_BIAS + i] = x
        s[_TURN_MEAN + i] -= (x - old) >> 7
        i += 1
