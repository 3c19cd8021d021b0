"""From the source into the output registers and the FIFO, one time slot after the other."""

from __future__ import annotations

from dataclasses import dataclass

from dowel_host.twin.source import (
    REFERENCE_ACCEL_UG,
    REFERENCE_GYRO_UDPS,
    Scene,
    Source,
)

from . import registers as reg
from .fifo import Fifo, SlotLayout
from .oscillator import TICK_SPAN, Oscillator, TimestampCounter
from .outputs import ACCEL_PART, GYRO_PART, Outputs
from .sampling import Instants, OwnInstants, RecordedInstants, Rows, Scale, plays_as_recorded

_NEVER_US = 1 << 62


@dataclass(frozen=True)
class Settings:
    """What the registers ask for. Rates are ST's codes, 0: off."""

    gyro_rate: int = 0
    accel_rate: int = 0
    gyro_batch_rate: int = 0
    accel_batch_rate: int = 0
    gyro_udps_per_lsb: int = REFERENCE_GYRO_UDPS
    accel_ug_per_lsb: int = REFERENCE_ACCEL_UG
    timestamps: bool = False
    slots_per_stamp: int = 0
    fifo_mode: int = reg.MODE_BYPASS


def _fastest_period(settings: Settings) -> int:
    """Return the ticks between two time slots, 0 with both sensors in power-down."""
    rates = (settings.gyro_rate, settings.accel_rate)
    return min((reg.period_ticks(rate) for rate in rates if rate), default=0)


class _Every:
    """In which of the chip's time slots a sensor is measured and batched: every n-th, 0: never."""

    def __init__(self, rate: int, batch_rate: int, period: int) -> None:
        self.measured = reg.period_ticks(rate) // period if rate else 0
        batched = rate and batch_rate and min(rate, batch_rate)
        self.batched = reg.period_ticks(batched) // period if batched else 0


class Sampler:
    """The measuring side of a chip. For the meaning of the counters see Lsm6dsox."""

    def __init__(
        self,
        source: Source,
        scene: Scene,
        clock_error: float,
        layout: SlotLayout,
        outputs: Outputs,
        fifo: Fifo,
    ) -> None:
        self.oscillator = Oscillator(clock_error)
        self.counter = TimestampCounter(self.oscillator)
        self.drop = 0
        self.taken = 0
        self.dropped = 0
        self.unbatched = 0
        self.refused = 0
        self._source = source
        self._scene = scene
        self._clock_error = clock_error
        self._pack = layout.packer()
        self._outputs = outputs
        self._fifo = fifo
        self._slots = 0  # time slots that have entered the FIFO since it was last off
        self._settings = Settings()
        self._scale = Scale(1, 1)
        self._base_tick = 0
        self._last_due_us = -1
        self._start_over(0)

    # --- settings ---

    def configure(self, settings: Settings, now_us: int) -> None:
        """Follow the registers from board time `now_us` on."""
        before, self._settings = self._settings, settings
        if self._period != _fastest_period(settings):
            self._start_over(now_us)
        self._gyro = _Every(settings.gyro_rate, settings.gyro_batch_rate, self._period or 1)
        self._accel = _Every(settings.accel_rate, settings.accel_batch_rate, self._period or 1)
        self._set_scale(settings)
        # AN5272: while both sensors are in power-down the counter stands still.
        self.counter.run(settings.timestamps and self._period > 0, now_us)
        self.restamp()
        if settings.fifo_mode == reg.MODE_BYPASS:
            self._fifo.clear()
            self._slots = 0
        elif before.fifo_mode == reg.MODE_BYPASS:
            self._scene.fifo_started(now_us)

    def restamp(self) -> None:
        """Stamp the samples to come with the counter as it runs now."""
        if self._instants is not None:
            self._base_tick = self.counter.nearest_tick(self._instants.origin_span)

    @property
    def next_slot_words(self) -> int:
        """How many words the next time slot may bring into the FIFO."""
        stamped = self._stamp_due()
        return bool(self._gyro.batched) + bool(self._accel.batched) + stamped

    def _start_over(self, now_us: int) -> None:
        """Sample at the rates that are set: from power-down, or in another rhythm."""
        self._period = _fastest_period(self._settings)
        self._powered_us = now_us
        self._waiting = self._period > 0
        self._shown = 0
        self._instants: Instants | None = None
        self._rows: Rows | None = None
        self._index = 0
        self._next_us = _NEVER_US

    def _set_scale(self, settings: Settings) -> None:
        self._scale = Scale(
            REFERENCE_GYRO_UDPS / settings.gyro_udps_per_lsb,
            REFERENCE_ACCEL_UG / settings.accel_ug_per_lsb,
        )
        if self._rows is not None:
            self._rows.set_scale(self._scale)

    # --- time passes ---

    def advance(self, now_us: int) -> None:
        """Take all samples that were due up to board time `now_us`."""
        if self._waiting:
            self._wait(now_us)
        while self._next_us <= now_us:
            self._take()

    def _wait(self, now_us: int) -> None:
        """Before the source begins, measure its first moment again and again."""
        start_us = self._scene.start_us
        until_us = now_us if start_us is None else min(now_us, start_us)
        passed = self.oscillator.span_at(until_us) - self.oscillator.span_at(self._powered_us)
        samples = passed // (self._period * TICK_SPAN)
        if samples > self._shown:
            self._shown = samples
            self._show(self._scale.row(self._source.at(0)), 0)
        if start_us is not None:
            if self._rows is None:
                self._begin(start_us)
            self._waiting = now_us < start_us

    def _begin(self, start_us: int) -> None:
        """Fix the instants of all samples: the source begins at board time `start_us`."""
        if plays_as_recorded(self._source, self._clock_error, self._period):
            instants = RecordedInstants(self._source, self.oscillator, start_us)
            self._index = instants.first_from(max(self._powered_us, self._last_due_us + 1))
        else:
            origin = self.oscillator.span_at(start_us)
            if self._powered_us > start_us:
                origin = self.oscillator.span_at(self._powered_us) + self._period * TICK_SPAN
            end_us = start_us + self._source.duration_us
            instants = OwnInstants(self.oscillator, origin, self._period, start_us, end_us)
        self._instants = instants
        self._rows = Rows(self._source, instants, self._scale)
        self._schedule(instants)
        self.restamp()

    def _schedule(self, instants: Instants) -> None:
        ended = self._index >= len(instants)
        self._next_us = _NEVER_US if ended else instants.due_us(self._index)

    def _take(self) -> None:
        """Take the sample that is due."""
        instants, rows = self._instants, self._rows
        assert instants is not None
        assert rows is not None
        index = self._index
        self._last_due_us = self._next_us
        self._index = index + 1
        self._schedule(instants)
        self.taken += 1
        if self.drop:
            self.drop -= 1
            self.dropped += 1
            return
        row = rows[index]
        self._show(row, index)
        self._batch(row, index, instants)

    def _show(self, row: bytes, index: int) -> None:
        gyro, accel = self._gyro.measured, self._accel.measured
        self._outputs.update(
            row, bool(gyro) and index % gyro == 0, bool(accel) and index % accel == 0
        )

    def _batch(self, row: bytes, index: int, instants: Instants) -> None:
        mode = self._settings.fifo_mode
        gyro, accel = self._gyro.batched, self._accel.batched
        gyro_word = row[GYRO_PART] if gyro and index % gyro == 0 else b""
        accel_word = row[ACCEL_PART] if accel and index % accel == 0 else b""
        if mode == reg.MODE_BYPASS or not (gyro_word or accel_word):
            self.unbatched += 1
            return
        tick = self._base_tick + instants.ticks(index) if self._stamp_due() else None
        words = self._pack(self._slots & 3, gyro_word, accel_word, tick)
        self._slots += 1
        if mode == reg.MODE_CONTINUOUS:
            self._fifo.put(words)
        elif not self._fifo.put_while_room(words):
            self.refused += 1

    def _stamp_due(self) -> bool:
        settings = self._settings
        every = settings.slots_per_stamp
        return settings.timestamps and every > 0 and self._slots % every == 0
