"""Tilt of one LSM6DS: where is up, in the sensor's own axes, in 32-bit integers.

A complementary filter without quaternion: strapdown.py turns gravity and velocity with the gyro,
observer.py corrects them. Counts are those of +-8 g (0.244 mg, 1 g = 4098) and +-1000 degrees/s
(35 mdps) at 208 Hz.

State: array('i'), one word each unless a number of words is given. A step is the time of one
sample, a block 16 steps. No word depends on where a burst ended.

word    name           unit of 1                    range
 0  x3  GRAVITY        2^-16 count                  +-1.125 g an axis after a block, |g| <= 1.96 g
 3  x3  VELOCITY       2^-6 count * step            +-10000 * 2^12 after a block (7.4 m/s)
 6  x3  REMAINDER      2^-32 rad                    0..16383, angle carried to the next step
 9  x3  BIAS           2^-32 rad a step             +-1081000 (3 degrees/s)
12  x3  SCALE          2^-44 rad a count and tick   268661 as ST says; trimmed 239876..305297
15  x3  FACTOR         2^-32 rad a count            SCALE * FACTOR_TICKS, up to 16100
18      FACTOR_TICKS   tick                         1..216; 2^29 before the first sample
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
44      DOUBT          2^-28 rad a block            what the bias may be wrong by
45      REST_BLOCKS    block                        0..32 of rest used for the bias
46      GAIN           2^-24                        200..24800, of the last block
47  x3  CORRECTION     2^-4 count                   +-15137 (0.23 g), of the last block
50      TRUST          -                            c of observer.py: 1039, at most 1600
A start sets 0..2 to the sample's own reading and 3..5 and 25..35 to zero.
"""

from array import array

from dowel.core import strapdown

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
_DOUBT = const(44)
_TRUST = const(50)
_SIZE = const(51)

_NEVER = const(0x20000000)

_SAMPLE_BYTES = const(16)
_OUT_PER_SAMPLE = const(4)

# Gyro: 35 mdps a count, over a tick of 25 us: 0.035 pi / 180 * 25e-6 * 2^44.
_SCALE_NOMINAL = const(268661)
# INTERNAL_FREQ_FINE beyond this is taken as this, 12 %: chips stay within 10. Bounds the angle of
# a step.
_TRIM_MAX = const(80)
# c of observer.py. Small: slow to correct the gyro; large: acceleration tilts gravity. Fits a gyro
# whose scale is wrong by some tenths of a percent.
_TRUST_DEFAULT = const(1039)
# What the bias may be wrong by at first: 0.5 degrees/s, in 2^-18 rad a block. Small: it is learnt
# slowly where no rest comes first; large: the first minute trusts the accelerometer too much.
_DOUBT_DEFAULT = const(190)


class Tilt:
    """The filter's state and its counters.

    After burst(): `out`, array('h'), four a sample: up in sensor axes (1 g = 16393, not
    normalised), flags (flags.py).
    """

    def __init__(self):
        self.state = array("i", [0] * _SIZE)
        self.out = array("h", [0] * (_OUT_PER_SAMPLE * BURST_MAX))
        self.state[_FACTOR_TICKS] = _NEVER
        self.state[_TRUST] = _TRUST_DEFAULT
        self.state[_DOUBT] = _DOUBT_DEFAULT << 10
        self.trim(0)

    def trim(self, freq_fine):
        """Tell the chip's INTERNAL_FREQ_FINE: a tick is 25 us / (1 + 0.0015 freq_fine).

        Source: ST AN5272, 6.4.
        """
        freq_fine = max(-_TRIM_MAX, min(_TRIM_MAX, freq_fine))
        scale = _SCALE_NOMINAL * 2000 // (2000 + 3 * freq_fine)
        for axis in range(3):
            self.state[_SCALE + axis] = scale

    def burst(self, block, n):
        """Take n samples (0 to BURST_MAX) from the start of block. ValueError: it holds fewer."""
        if not 0 <= n <= BURST_MAX or n * _SAMPLE_BYTES > len(block):
            raise ValueError("samples in a block")
        strapdown.burst(self.state, block, n, self.out)

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
        """Holes too long to bridge (or a counter that ran backwards): the filter began anew."""
        return self.state[_RESTARTS]
