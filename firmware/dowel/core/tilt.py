"""Tilt of one LSM6DS: where is up, in the sensor's own axes, in 32-bit integers.

A complementary filter without quaternion: strapdown.py turns gravity and velocity with the gyro,
observer.py corrects them, bias.py learns the gyro's bias from the corrections. Counts are those of
+-8 g (0.244 mg, 1 g = 4098) and +-1000 degrees/s (35 mdps) at 208 Hz.

State: array('i'), one word each unless a number of words is given. A step is the time of one
sample, a block 16 steps. No word depends on where a burst ended.

word    name           unit of 1                    range
 0  x3  GRAVITY        2^-16 count                  +-1.125 g an axis after a block, |g| <= 1.96 g
 3  x3  VELOCITY       2^-6 count * step            +-10000 * 2^12 after a block (7.4 m/s)
 6  x3  REMAINDER      2^-32 rad                    0..16383, angle carried to the next step
 9  x3  BIAS           2^-32 rad a step             +-1081000 (3 degrees/s)
12  x3  SCALE          2^-44 rad a count and tick   268661 as ST says; trimmed 239876..305297
15  x3  FACTOR         2^-32 rad a count            SCALE * FACTOR_TICKS, up to 16100
18      FACTOR_TICKS   tick                         0..216; 2^29: no sample yet; 2^29 + 1: blind
19      TICK           tick (25 us nominal)         0..2^30 - 1, of the last sample
20  x2  GYRO_XY, _Z    words of the block           of the last sample, for the next gap
22      SATURATED      sample                       counter
23      GAPS           gap                          counter
24      RESTARTS       gap too long to bridge       counter
25      STEPS          step                         0..15 in this block
26  x3  TURN           2^-18 rad                    +-16 * 32200, sum over the block
29  x3  FORCE          count                        +-16 * 32768, sum over the block
32      CLIPPED        gyro sample                  0..16 in this block
33      BLOCKS         block                        0..1000 since the start
34      STILL          block                        0..1000 at rest in a row
35      REST           flag                         0 or flags.REST
36  x3  TURN_MEAN      2^-18 rad a block / 8        +-8 * 16 * 32200, leaky mean
39  x3  FORCE_THEN     count                        FORCE of the first block of rest
42      SPEED          count * step / 16            0..2^25, leaky mean of |v|
43      CLIPPING       2^-18 rad a block            0..516000, leaky sum
44  x3  DOUBT          2^-28                        0..5250000, variance of BIAS: (0.5 degrees/s)^2
47      REST_BLOCKS    block                        0..32 of rest used for the bias
48      GAIN           2^-24                        450..24800, of the last block
49  x3  CORRECTION     2^-4 count                   +-15138 (0.23 g), of the last block
52      DRIFT          2^-4 count / 8               0..211952, leaky mean of |CORRECTION|
53  x9  RESPONSE       block / 128                  +-16383, U of bias.py: 3 of each bias axis
62      TRUST          -                            c of observer.py: 1039, at most 1600
A start sets 0..2 to the sample's own reading and 3..8 and 25..35 to zero.
"""

from array import array

from dowel.core import gaps, observer, saturation, strapdown
from dowel.core.angle import isqrt

# Words of the state that others read.
SATURATED = 22
GAPS = 23

BURST_MAX = 32  # samples in a call: bounds its time (0.3 ms) and the output

_BIAS = const(9)
_SCALE = const(12)
_FACTOR_TICKS = const(18)
_SATURATED = const(22)
_GAPS = const(23)
_RESTARTS = const(24)
_REST = const(35)
_DOUBT = const(44)
_REST_BLOCKS = const(47)
_TRUST = const(62)
_SIZE = const(63)

_NEVER = const(0x20000000)

_OUT_PER_SAMPLE = const(4)

# Gyro: 35 mdps a count, over a tick of 25 us: 0.035 pi / 180 * 25e-6 * 2^44.
_SCALE_NOMINAL = const(268661)
# INTERNAL_FREQ_FINE beyond this is taken as this, 12 %: chips stay within 10. Bounds the angle of
# a step.
_TRIM_MAX = const(80)
# c of observer.py. Small: slow to correct the gyro; large: acceleration tilts gravity. Fits a gyro
# whose scale is wrong by some tenths of a percent.
_TRUST_DEFAULT = const(1039)
# What the bias may be wrong by at first, the most that can be told. Small: it is learnt slowly
# where no rest comes first; large: the first movement gets into it.
_DOUBT_START_MDPS = const(500)
_DOUBT_PER_MDPS2 = const(21)  # DOUBT of (0.001 degrees/s)^2: 5242880 / 500^2
# Scale of an axis: 1 is this; a chip's lies within 3 % (ST gives 1 % as typical).
_SCALE_ONE = const(65536)
_SCALE_OFF_MAX = const(1966)
# Bounds of SCALE for clock and axis together, +-12 %. They bound the angle of a step.
_SCALE_LEAST = const(239876)
_SCALE_MOST = const(305297)
_BIAS_MAX = const(1081000)
_DOUBT_MAX = const(5250000)  # as in bias.py
_REST_BLOCKS_MAX = const(32)  # as in observer.py


class Tilt:
    """The filter's state and its counters.

    burst(block, n) takes samples: strapdown.py. After it: `out`, array('h'), four a sample: up in
    sensor axes (1 g = 16393, not normalised), flags (flags.py).
    """

    def __init__(self):
        self.state = array("i", [0] * _SIZE)
        self.out = array("h", [0] * (_OUT_PER_SAMPLE * BURST_MAX))
        self.state[_FACTOR_TICKS] = _NEVER
        self.state[_TRUST] = _TRUST_DEFAULT
        self.correct = observer.correct  # found sooner here than in the class
        self._freq_fine = 0
        self._scale = [_SCALE_ONE] * 3
        self.set_bias(0, 0, 0, _DOUBT_START_MDPS)
        self._set_scale_words()

    def trim(self, freq_fine):
        """Tell the chip's INTERNAL_FREQ_FINE: a tick is 25 us / (1 + 0.0015 freq_fine).

        Source: ST AN5272, 6.4.
        """
        self._freq_fine = max(-_TRIM_MAX, min(_TRIM_MAX, freq_fine))
        self._set_scale_words()

    def set_scale(self, kx, ky, kz):
        """Tell the gyro's scale: true rate / nominal rate of each axis, 65536 for 1.

        Kept within 3 % of 1. May be called at any time.
        """
        for axis, k in enumerate((kx, ky, kz)):
            off = max(-_SCALE_OFF_MAX, min(_SCALE_OFF_MAX, k - _SCALE_ONE))
            self._scale[axis] = _SCALE_ONE + off
        self._set_scale_words()

    @property
    def scale(self):
        """Scale of the gyro's axes as set, 65536 for 1: (x, y, z)."""
        return tuple(self._scale)

    def _set_scale_words(self):
        nominal = _SCALE_NOMINAL * 2000 // (2000 + 3 * self._freq_fine)
        for axis in range(3):
            scale = nominal + (nominal * (self._scale[axis] - _SCALE_ONE) >> 16)
            self.state[_SCALE + axis] = max(_SCALE_LEAST, min(_SCALE_MOST, scale))
        if self.state[_FACTOR_TICKS] < _NEVER:
            self.state[_FACTOR_TICKS] = 0  # no step's: the next sample works its factors out

    def set_bias(self, bx, by, bz, doubt_mdps):
        """Tell a gyro bias that was learnt before, and how far off it may be by now.

        bx, by, bz: as bias_words gives them, 2^-32 rad a step (2.779e-6 degrees/s); kept within
        3 degrees/s. doubt_mdps: standard deviation, 10^-3 degrees/s, kept within 0 to 500 (as much
        as when nothing is known).
        """
        doubt_mdps = max(0, min(_DOUBT_START_MDPS, doubt_mdps))
        for axis, bias in enumerate((bx, by, bz)):
            self.state[_BIAS + axis] = max(-_BIAS_MAX, min(_BIAS_MAX, bias))
            self.state[_DOUBT + axis] = doubt_mdps * doubt_mdps * _DOUBT_PER_MDPS2

    def add_doubt(self, doubt_mdps):
        """Tell that the bias of set_bias() may be off by more: this adds to its doubt, squared.

        Nothing is added once a rest has shown the bias.
        """
        if self.state[_REST_BLOCKS]:
            return
        more = doubt_mdps * doubt_mdps * _DOUBT_PER_MDPS2
        for axis in range(3):
            self.state[_DOUBT + axis] = min(self.state[_DOUBT + axis] + more, _DOUBT_MAX)

    @property
    def rests_surely(self):
        """Whether the sensor rests now, and has rested for so long that its bias is known."""
        return self.state[_REST] != 0 and self.state[_REST_BLOCKS] >= _REST_BLOCKS_MAX

    @property
    def bias_words(self):
        """Gyro bias as learnt so far, (x, y, z), 2^-32 rad a step: for set_bias."""
        return tuple(self.state[_BIAS : _BIAS + 3])

    def doubt_mdps(self, axis):
        """Standard deviation of the bias of an axis, 10^-3 degrees/s, as the filter reckons it."""
        return isqrt(self.state[_DOUBT + axis] // _DOUBT_PER_MDPS2)

    burst = strapdown.burst
    # What it calls now and then, for it alone: methods, since it may name no global.
    resume = gaps.resume
    weigh_clipped = saturation.weigh_clipped

    def refuse(self, n):
        """ValueError: no burst has n samples, unless it has none."""
        if n:
            raise ValueError("samples in a burst: %d" % n)

    def bias_udps(self, axis):
        """Gyro bias of an axis (0 to 2) as learnt so far, in 10^-6 degrees/s."""
        # 2^-32 rad in 4.8 ms is 2.7792e-6 degrees/s
        return self.state[_BIAS + axis] * 2779 // 1000

    @property
    def saturated(self):
        """Samples with an axis at the end of its range."""
        return self.state[_SATURATED]

    @property
    def gaps(self):
        """Holes in the samples, bridged or not."""
        return self.state[_GAPS]

    @property
    def restarts(self):
        """Holes too long to bridge, and counters that ran backwards: the filter began anew."""
        return self.state[_RESTARTS]
