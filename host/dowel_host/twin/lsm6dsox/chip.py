"""An LSM6DSOX on an I2C bus: what its registers answer at each moment of the board's time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dowel_host.twin.source import Scene, Source

from . import registers as reg
from .errors import ChipBusyError, TimeWentBackError
from .fifo import Fifo, SlotLayout
from .outputs import Outputs
from .register_file import RegisterFile
from .sampler import Sampler, Settings


class Lsm6dsox:
    """One chip. Nothing runs by itself: each access first does what was due up to `now_us`.

    Counters, in sample sets (what one time slot measures): `taken`, due from the source while a
    sensor was on. Each of them ends in one of `dropped` (by the hook `drop`), `unbatched`
    (the FIFO was off or not asked for it), `refused` (FIFO mode, full) and `batched`.
    What becomes of the batched ones, `fifo` counts.
    """

    def __init__(
        self,
        source: Source,
        scene: Scene,
        *,
        clock_error: float = 0.0,
        who_am_i: int = reg.WHO_AM_I_LSM6DSOX,
        accel_ug_per_lsb: Mapping[int, int] = reg.ACCEL_UG_PER_LSB,
        layout: SlotLayout | None = None,
    ) -> None:
        """Power up at board time 0, registers as after a reset.

        clock_error: 0.01 is an oscillator 1 % fast. who_am_i, accel_ug_per_lsb: of another
        member of the family. layout: of the FIFO's time slots, where ST leaves it open.
        Raises ValueError for a clock error that INTERNAL_FREQ_FINE cannot express.
        """
        self.fifo = Fifo()
        self._outputs = Outputs()
        self._sampler = Sampler(
            source, scene, clock_error, layout or SlotLayout(), self._outputs, self.fifo
        )
        self._source = source
        self._scene = scene
        self._accel_ug_per_lsb = accel_ug_per_lsb
        self._registers = RegisterFile()
        self._now_us = 0
        self._ready_us = 0
        self._clearing = 0  # bits of CTRL3_C that read as 1 until _ready_us
        self._computed: dict[int, Callable[[], int]] = {
            reg.WHO_AM_I: lambda: who_am_i,
            reg.CTRL3_C: self._control3_now,
            reg.STATUS_REG: lambda: self._outputs.status,
            reg.FIFO_STATUS1: lambda: len(self.fifo) & 0xFF,
            reg.FIFO_STATUS2: self._fifo_status2,
            reg.INTERNAL_FREQ_FINE: lambda: self._sampler.oscillator.freq_fine & 0xFF,
        }
        self._configure()

    # --- for those who look from outside ---

    @property
    def taken(self) -> int:
        """Sample sets that were due from the source while a sensor was on."""
        return self._sampler.taken

    @property
    def dropped(self) -> int:
        """Sample sets that `drop` kept away from the chip."""
        return self._sampler.dropped

    @property
    def unbatched(self) -> int:
        """Sample sets that the FIFO was not asked to hold."""
        return self._sampler.unbatched

    @property
    def refused(self) -> int:
        """Sample sets that did not fit whole into the FIFO in FIFO mode."""
        return self._sampler.refused

    @property
    def batched(self) -> int:
        """Sample sets that entered the FIFO."""
        return self.fifo.batched

    @property
    def overwritten(self) -> int:
        """Sample sets lost, whole or in part, because the FIFO was read too late."""
        return self.fifo.overwritten

    @property
    def drop(self) -> int:
        """How many of the next sample sets will not reach the chip, to show a loss."""
        return self._sampler.drop

    @drop.setter
    def drop(self, sample_sets: int) -> None:
        self._sampler.drop = sample_sets

    @property
    def end_us(self) -> int | None:
        """Board time of the source's end, us; None while it has not begun."""
        start_us = self._scene.start_us
        return None if start_us is None else start_us + self._source.duration_us

    def set_temperature(self, temperature_c: float) -> None:
        """Set what OUT_TEMP measures, degrees Celsius; 25 at first."""
        self._outputs.set_temperature(temperature_c)

    def advance(self, now_us: int) -> None:
        """Do all that was due up to board time `now_us`; raises TimeWentBackError."""
        if now_us < self._now_us:
            raise TimeWentBackError(self._now_us, now_us)
        self._now_us = now_us
        self._sampler.advance(now_us)

    # --- the bus ---

    def write(self, register: int, data: bytes, now_us: int) -> None:
        """Write bytes from `register` on (all to the same one while IF_INC is 0).

        Raises a ChipError for what the model refuses; the bytes in front of it are written.
        """
        self.advance(now_us)
        for value in data:
            self._require_ready(register)
            self._write_byte(register, value)
            register += self._increment

    def read(self, register: int, count: int, now_us: int) -> bytes:
        """Read `count` bytes from `register` on; from the FIFO's last byte 0x7E to its tag 0x78.

        Raises a ChipError for what the model refuses.
        """
        self.advance(now_us)
        out = b""
        while len(out) < count:
            if register != reg.CTRL3_C:
                self._require_ready(register)
            if reg.FIFO_DATA_OUT_TAG <= register <= reg.FIFO_DATA_OUT_Z_H:
                rest = count - len(out) if self._increment else 1
                out += self.fifo.read(register - reg.FIFO_DATA_OUT_TAG, rest)
            else:
                out += bytes((self._read_byte(register),))
                register += self._increment
        return out

    # --- registers ---

    def _require_ready(self, register: int) -> None:
        if self._now_us < self._ready_us:
            raise ChipBusyError(register, self._ready_us - self._now_us)

    def _read_byte(self, register: int) -> int:
        if reg.OUT_TEMP_L <= register <= reg.OUTZ_H_A:
            return self._outputs.read(register, bool(self._registers[reg.CTRL3_C] & reg.BDU))
        if reg.TIMESTAMP0 <= register <= reg.TIMESTAMP3:
            counter = self._sampler.counter.read(self._now_us)
            return counter >> 8 * (register - reg.TIMESTAMP0) & 0xFF
        computed = self._computed.get(register)
        return self._registers[register] if computed is None else computed()

    def _fifo_status2(self) -> int:
        watermark = self._registers[reg.FIFO_CTRL1]
        watermark |= (self._registers[reg.FIFO_CTRL2] & reg.WTM8) << 8
        flags = self.fifo.flags(watermark, self._sampler.next_slot_words)
        self.fifo.clear_latch()
        return flags | len(self.fifo) >> 8

    def _write_byte(self, register: int, value: int) -> None:
        if register == reg.TIMESTAMP2 and value == reg.TIMESTAMP_RESET:
            self._sampler.counter.reset(self._now_us)
            self._sampler.restamp()
            return
        self._registers.store(register, value)
        if register == reg.CTRL3_C:
            self._control3(value)
        self._configure()

    def _control3_now(self) -> int:
        busy = self._now_us < self._ready_us
        return self._registers[reg.CTRL3_C] | (self._clearing if busy else 0)

    def _control3(self, value: int) -> None:
        """Begin a reset or a boot; their bits clear themselves when it is done."""
        self._clearing = value & (reg.SW_RESET | reg.BOOT)
        if value & reg.BOOT:
            # Loads the factory's trimming anew, which the model has no other copy of.
            self._registers.store(reg.CTRL3_C, value & ~reg.BOOT)
            self._ready_us = self._now_us + reg.BOOT_US
        if value & reg.SW_RESET:
            self._registers.reset()
            self._outputs.reset()
            self._sampler.counter.run(False, self._now_us)
            self._sampler.counter.reset(self._now_us)
            self._ready_us = max(self._ready_us, self._now_us + reg.SW_RESET_US)

    def _configure(self) -> None:
        """Hand on what the registers ask for."""
        values = self._registers
        xl_code = values[reg.CTRL1_XL] >> 2 & 3
        if xl_code == 1 and values[reg.CTRL8_XL] & reg.XL_FS_MODE:
            xl_code = 0
        fifo_ctrl4 = values[reg.FIFO_CTRL4]
        self._increment = 1 if values[reg.CTRL3_C] & reg.IF_INC else 0
        self._sampler.configure(
            Settings(
                gyro_rate=values[reg.CTRL2_G] >> 4,
                accel_rate=values[reg.CTRL1_XL] >> 4,
                gyro_batch_rate=values[reg.FIFO_CTRL3] >> 4,
                accel_batch_rate=values[reg.FIFO_CTRL3] & 0x0F,
                gyro_udps_per_lsb=reg.gyro_udps_per_lsb(values[reg.CTRL2_G]),
                accel_ug_per_lsb=self._accel_ug_per_lsb[xl_code],
                timestamps=bool(values[reg.CTRL10_C] & reg.TIMESTAMP_EN),
                slots_per_stamp=reg.TIMESTAMP_DECIMATION[fifo_ctrl4 >> 6],
                fifo_mode=fifo_ctrl4 & 7,
            ),
            self._now_us,
        )
