"""Time of a chip's tick on the board's clock.

Each sensor counts ticks of its own oscillator: nominally 25 us, up to 7 % off, drifting with
warmth. The board's clock is time.ticks_us(), microseconds modulo 2^30. A straight line joins them:

    us = anchor us + (tick - anchor tick) * rate

Paired readings of both clocks move it: least squares over the first 15, then an alpha-beta filter
with the weights reached. Without any, tick 0 is 0 us and the rate is what the chip's trim says:
the chip's own time.
"""

from array import array

_MASK = const(0x3FFFFFFF)  # both clocks are taken modulo 2^30
_HALF = const(0x20000000)
_NOMINAL_US = const(25)

# Words of the state, int32.
_TICK = const(0)  # anchor
_US = const(1)
_DRIFT = const(2)  # rate - 25 us, in 2^-16 us a tick (0.6 ppm), +-_DRIFT_MAX
_PAIRS = const(3)  # paired readings used since the line began, 0.._PAIRS_MAX
_PAIR_TICK = const(4)  # of the last of them
_SIZE = const(5)

# The anchor follows the samples by strides of 2^20 ticks (26 s): no product leaves 31 bits.
_STRIDE = const(1048576)
_DRIFT_MAX = const(327680)  # 20 %

# Longest paired reading that is believed, us. Small: on a slow bus none is; large: one that was
# interrupted pulls the line, since the chip may have latched anywhere in it. It takes some 600 us.
_WIDTH_MAX_US = const(3000)
# Shortest time between two that are used, ticks: 0.25 s. Small: 0.1 ms of jitter is much of it;
# large: the line is found late.
_PAIR_TICKS = const(10000)
# Weights fade no further than those of this many readings (alpha 0.24, beta 0.025). Small: jitter
# gets in; large: slow to follow a warming chip.
_PAIRS_MAX = const(15)
# A reading this far off the line means that a counter was set anew, us. Small: a stall does too;
# large: times are wrong for long after a reset.
_JUMP_US = const(20000)


@micropython.viper
def _convert(state, block, n: int, out):
    """Write the us of n samples (16 bytes each, tick in the last four) to out, int32."""
    s = ptr32(state)
    f = ptr32(block)
    o = ptr32(out)
    i = 0
    while i < n:
        d = (((f[i * 4 + 3] & _MASK) - s[_TICK] + _HALF) & _MASK) - _HALF
        while d > _STRIDE:
            s[_TICK] = (s[_TICK] + _STRIDE) & _MASK
            s[_US] = (s[_US] + _NOMINAL_US * _STRIDE + (s[_DRIFT] << 4)) & _MASK
            d -= _STRIDE
        if d < 0 - _STRIDE:  # a counter that ran backwards: any time will do until the next pair
            d = 0 - _STRIDE
        us = d * _NOMINAL_US + (((d >> 10) * s[_DRIFT]) >> 6) + (((d & 1023) * s[_DRIFT]) >> 16)
        o[i] = (s[_US] + us) & _MASK
        i += 1


def _difference(a, b):
    return ((a - b + _HALF) & _MASK) - _HALF


class Timebase:
    """The line of one sensor.

    `rejected` counts readings that took too long, `jumps` clocks that were set anew.
    """

    def __init__(self):
        self.state = array("i", [0] * _SIZE)
        self.us = array("i", [0] * 32)  # of the samples of the last convert()
        self.rejected = 0
        self.jumps = 0

    @property
    def rate(self):
        """Microseconds a tick, in 2^-16: 1638400 is 25 us."""
        return (_NOMINAL_US << 16) + self.state[_DRIFT]

    @rate.setter
    def rate(self, rate):
        drift = rate - (_NOMINAL_US << 16)
        self.state[_DRIFT] = max(-_DRIFT_MAX, min(_DRIFT_MAX, drift))

    def trim(self, freq_fine):
        """Take the rate from the chip's INTERNAL_FREQ_FINE: 25 us / (1 + 0.0015 freq_fine).

        Source: ST AN5272, 6.4.
        """
        self.rate = (_NOMINAL_US << 13) * 2000 // (2000 + 3 * freq_fine) << 3

    def anchor(self, tick, us):
        """Let the line go through this point, and learn from the next paired readings afresh."""
        self.state[_TICK] = tick & _MASK
        self.state[_US] = us & _MASK
        self.state[_PAIRS] = 0

    def us_at(self, tick):
        """Time of a tick within 26 s of the last sample or reading, us modulo 2^30."""
        s = self.state
        d = _difference(tick & _MASK, s[_TICK])
        drift = s[_DRIFT]
        us = d * _NOMINAL_US + ((d >> 10) * drift >> 6) + ((d & 1023) * drift >> 16)
        return (s[_US] + us) & _MASK

    def convert(self, block, n):
        """Fill `us` with the times of the n samples (at most 32) of a block. No allocation."""
        _convert(self.state, block, n, self.us)

    def observe(self, tick, before_us, after_us):
        """Take a paired reading: the chip's counter, latched between two instants on the board.

        tick: modulo 2^30 or more; *_us: ticks_us(). Return whether it was used. No allocation
        once the line is found.
        """
        tick &= _MASK
        width_us = _difference(after_us, before_us)
        if not 0 <= width_us <= _WIDTH_MAX_US:
            self.rejected += 1
            return False
        us = (before_us + (width_us >> 1)) & _MASK
        s = self.state
        if s[_PAIRS] == 0:
            self._restart(tick, us)
            return True
        ticks = _difference(tick, s[_PAIR_TICK])
        if 0 <= ticks < _PAIR_TICKS:
            return False
        error_us = _difference(us, self.us_at(tick))
        if ticks < 0 or (s[_PAIRS] > 1 and abs(error_us) > _JUMP_US):
            self.jumps += 1
            self._restart(tick, us)
            return True
        self._follow(tick, error_us, ticks)
        return True

    def _restart(self, tick, us):
        self.anchor(tick, us)
        self.state[_PAIRS] = 1
        self.state[_PAIR_TICK] = tick

    def _follow(self, tick, error_us, ticks):
        # Least squares over n readings as a recursion: alpha = 2 (2n - 1) / (n (n + 1)) of the
        # error moves the line, beta = 6 / (n (n + 1)) of it its slope.
        s = self.state
        n = s[_PAIRS]
        if n < _PAIRS_MAX:
            n += 1
        us = self.us_at(tick)
        s[_PAIRS] = n
        s[_US] = (us + error_us * 2 * (2 * n - 1) // (n * (n + 1))) & _MASK
        s[_TICK] = tick
        s[_PAIR_TICK] = tick
        self.rate += (error_us << 14) // ticks * 24 // (n * (n + 1))
