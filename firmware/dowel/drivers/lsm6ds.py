"""One LSM6DSOX: found, configured, and its FIFO drained in bursts without allocation.

Counts: 0.244 mg at +-8 g, 35 mdps at +-1000 dps (the chip's own table, not full scale / 32768),
208 Hz.
"""

import time

from dowel.drivers import fifo
from dowel.drivers import lsm6ds_registers as reg

ONE_G_COUNTS = 4098  # 1 g / 0.244 mg
BURST_SETS = 32  # longest burst: 32 sets are 672 bytes, 15.6 ms on the bus
_BURST_WORDS = BURST_SETS * fifo.WORDS_PER_SET
_RESET_MS = 10  # ST's examples: BOOT_TIME
# After the rates are set: 35 ms until the gyro is up, and three samples whose filters still settle
# (AN5192 tables 12 and 18). The FIFO is switched on last, or its first words are corrupt (Zephyr
# PR 119830).
_SETTLE_MS = 100
_ONE_G_READINGS = 8
_ONE_G_PERIOD_MS = 10  # two samples

# The burst buffer and its views are shared by all sensors: a burst is parsed before the next is
# read, and making a view of another length at run time would allocate.
_raw = bytearray(_BURST_WORDS * fifo.WORD_SIZE)
_whole = memoryview(_raw)
_views = [
    _whole[: words * fifo.WORD_SIZE] for words in range(0, _BURST_WORDS + 1, fifo.WORDS_PER_SET)
]


class SensorError(Exception):
    """A sensor that cannot be used; role, address and why say which and what to do."""

    def __init__(self, role, address, why):
        super().__init__("%s sensor at 0x%02X: %s" % (role, address, why))
        self.role = role
        self.address = address
        self.why = why


class Lsm6ds:
    """A sensor on the bus. counters: samples read, overruns, errors of the bus."""

    def __init__(self, i2c, address, role):
        self.role = role
        self.address = address
        self.freq_fine = 0  # int8: one tick is 25 us / (1 + 0.0015 freq_fine)
        self.one_g_mg = 0  # |acceleration| at start, mg
        self.block = bytearray((BURST_SETS + 1) * fifo.SET_SIZE)
        self.samples = 0
        self.overruns = 0
        self.bus_errors = 0
        self.overrun = False  # samples were lost before the block last drained
        self.more = False  # the FIFO held more than one burst
        self._i2c = i2c
        self._parser = fifo.new_state()
        self._status = bytearray(2)
        self._stamp = bytearray(4)

    def start(self):
        """Identify, reset and configure the chip, all but the FIFO.

        SensorError: absent or wrong chip.
        """
        try:
            self._identify()
            self._write(reg.CTRL3_C, reg.CTRL3_C_SW_RESET | reg.CTRL3_C_IF_INC)
            time.sleep_ms(_RESET_MS)
            self._write(reg.CTRL3_C, reg.CTRL3_C_BDU | reg.CTRL3_C_IF_INC)
            self._write(reg.CTRL9_XL, self._read(reg.CTRL9_XL) | reg.CTRL9_XL_I3C_DISABLE)
            self._write(reg.CTRL1_XL, reg.ODR_208_HZ | reg.FS_XL_8_G)
            self._write(reg.CTRL2_G, reg.ODR_208_HZ | reg.FS_G_1000_DPS)
            self._write(reg.CTRL10_C, reg.TIMESTAMP_EN)
            self._write(reg.FIFO_CTRL3, reg.BDR_208_HZ)
            fine = self._read(reg.INTERNAL_FREQ_FINE)
            self.freq_fine = fine - 256 if fine > 127 else fine
            if self._read(reg.CTRL2_G) != reg.ODR_208_HZ | reg.FS_G_1000_DPS:
                raise SensorError(
                    self.role, self.address, "does not keep its settings; check the wiring"
                )
        except OSError as error:
            raise SensorError(
                self.role, self.address, "does not answer (%s); check the wiring" % error
            ) from error

    def _identify(self):
        chip = self._read(reg.WHO_AM_I)
        if chip != reg.WHO_AM_I_LSM6DSOX:
            raise SensorError(self.role, self.address, "chip 0x%02X is no LSM6DSOX (0x6C)" % chip)

    def measure_one_g(self):
        """Mean |acceleration| in mg over 80 ms; kept in one_g_mg. Call 100 ms after start()."""
        out = bytearray(6)
        total = 0
        for _ in range(_ONE_G_READINGS):
            self._i2c.readfrom_mem_into(self.address, reg.OUTX_L_A, out)
            square = 0
            for axis in range(3):
                count = out[2 * axis] | out[2 * axis + 1] << 8
                if count > 32767:
                    count -= 65536
                square += count * count
            total += _square_root(square)
            time.sleep_ms(_ONE_G_PERIOD_MS)
        self.one_g_mg = total * 1000 // (_ONE_G_READINGS * ONE_G_COUNTS)
        return self.one_g_mg

    def stream(self):
        """Empty the FIFO and let it fill: continuous mode, a timestamp with every sample.

        OSError: bus.
        """
        self._parser[fifo.HAVE] = 0
        self._parser[fifo.LEAD] = -1
        self._write(reg.FIFO_CTRL4, reg.FIFO_BYPASS)
        self._write(reg.TIMESTAMP2, reg.TIMESTAMP_RESET)
        self._write(reg.FIFO_CTRL4, reg.FIFO_CONTINUOUS | reg.TS_BATCH_EVERY)

    def drain(self):
        """Read what the FIFO holds, at most 32 sets, into block; return how many sets. No
        allocation.

        A bus error is counted and gives 0: the FIFO keeps the samples for 0.8 s.
        """
        self.more = False
        try:
            self._i2c.readfrom_mem_into(self.address, reg.FIFO_STATUS1, self._status)
            words = self._status[0] | (self._status[1] & reg.FIFO_STATUS2_DIFF) << 8
            self.overrun = (self._status[1] & reg.FIFO_STATUS2_OVERRUN) != 0
            bursts = words // fifo.WORDS_PER_SET
            if bursts > BURST_SETS:
                bursts = BURST_SETS
                self.more = True
            if bursts == 0:
                return 0
            self._i2c.readfrom_mem_into(self.address, reg.FIFO_DATA_OUT_TAG, _views[bursts])
        except OSError:
            self.bus_errors += 1
            return 0
        if self.overrun:
            self.overruns += 1
            # A half slot from before the overflow must not meet the words of a later one.
            self._parser[fifo.HAVE] = 0
        sets = fifo.parse(self._parser, _raw, bursts * fifo.WORDS_PER_SET, self.block)
        self.samples += sets
        return sets

    def read_tick(self):
        """The chip's clock now: ticks of 25 us nominal, modulo 2**30. OSError: bus.

        No allocation.
        """
        stamp = self._stamp
        self._i2c.readfrom_mem_into(self.address, reg.TIMESTAMP0, stamp)
        return stamp[0] | stamp[1] << 8 | stamp[2] << 16 | (stamp[3] & 0x3F) << 24

    @property
    def bad_words(self):
        """FIFO words that could not be used."""
        return self._parser[fifo.BAD] + self._parser[fifo.INCOMPLETE]

    def _read(self, register):
        return self._i2c.readfrom_mem(self.address, register, 1)[0]

    def _write(self, register, value):
        self._i2c.writeto_mem(self.address, register, bytes([value]))


def settle():
    """Wait until configured sensors give valid samples."""
    time.sleep_ms(_SETTLE_MS)


def _square_root(value):
    """Integer square root by Newton's iteration."""
    if value == 0:
        return 0
    root = 1 << 17  # above the root of 3 * 32768**2
    while True:
        better = (root + value // root) >> 1
        if better >= root:
            return root
        root = better
