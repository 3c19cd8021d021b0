"""A chip on a bench: registers by number, FIFO words taken apart with numbers of our own.

The numbers in this file are ST's, written down a second time, so that a wrong one in the model
does not go unnoticed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from dowel_host.twin.lsm6dsox import Lsm6dsox
from dowel_host.twin.source import RecordingSource, Scene, Source

GYRO, ACCEL, STAMP = 1, 2, 4
RATE_208 = 0x50
LEAD_IN_US = 10_000


@dataclass(frozen=True)
class Word:
    """A FIFO word, its tag byte taken apart."""

    kind: int
    count: int
    data: bytes

    @property
    def xyz(self) -> tuple[int, ...]:
        return struct.unpack("<3h", self.data)

    @property
    def tick(self) -> int:
        return struct.unpack("<IH", self.data)[0]


def decode(raw: bytes) -> list[Word]:
    """Take whole FIFO words apart; every tag byte must have even parity."""
    assert len(raw) % 7 == 0
    words: list[Word] = []
    for at in range(0, len(raw), 7):
        tag = raw[at]
        assert tag.bit_count() % 2 == 0, f"odd parity: 0x{tag:02X}"
        words.append(Word(tag >> 3, tag >> 1 & 3, raw[at + 1 : at + 7]))
    return words


def recording(n: int, period_us: float = 1e6 / 208) -> RecordingSource:
    """Return n samples, each axis and sample with a value of its own."""
    i = np.arange(n)
    t_us = np.round(i * period_us).astype(int)
    gyr = np.column_stack([i, i + 10_000, -i - 1])
    acc = np.column_stack([-i - 10_000, i + 20_000, 30_000 - i])
    return RecordingSource(t_us, gyr, acc)


def held(
    gyro: tuple[int, int, int], accel: tuple[int, int, int], n: int = 2000
) -> RecordingSource:
    """Return a recording whose counts never change."""
    t_us = np.round(np.arange(n) * 1e6 / 208).astype(int)
    return RecordingSource(t_us, np.tile(gyro, (n, 1)), np.tile(accel, (n, 1)))


class Rig:
    """A chip and the board's time, which every access moves on by `step_us`."""

    def __init__(
        self,
        source: Source | None = None,
        scene: Scene | None = None,
        *,
        now_us: int = 1_000,
        step_us: int = 0,
        **chip: Any,
    ) -> None:
        self.source = recording(3000) if source is None else source
        self.scene = scene or Scene()
        self.chip = Lsm6dsox(self.source, self.scene, **chip)
        self.now_us = now_us
        self.step_us = step_us

    def write(self, register: int, *values: int) -> None:
        self.now_us += self.step_us
        self.chip.write(register, bytes(values), self.now_us)

    def read(self, register: int, count: int = 1) -> bytes:
        self.now_us += self.step_us
        return self.chip.read(register, count, self.now_us)

    def byte(self, register: int) -> int:
        return self.read(register)[0]

    def wait_us(self, duration_us: int) -> None:
        self.now_us += duration_us
        self.chip.advance(self.now_us)

    def sensors_on(self, gyro: int = RATE_208 | 0x08, accel: int = RATE_208 | 0x0C) -> None:
        """+-1000 dps and +-8 g at 208 Hz, both into the FIFO at that rate, timestamps on."""
        self.write(0x12, 0x44)
        self.write(0x10, accel)
        self.write(0x11, gyro)
        self.write(0x19, 0x20)
        self.write(0x09, 0x55)

    def stream(self, fifo_ctrl4: int = 0x46) -> None:
        """Sensors on, then the FIFO: continuous, with a timestamp for every slot."""
        self.sensors_on()
        self.write(0x0A, fifo_ctrl4)

    @property
    def start_us(self) -> int:
        assert self.scene.start_us is not None
        return self.scene.start_us

    def status(self) -> tuple[int, int]:
        """Return the number of unread words, and FIFO_STATUS2's flags without the number."""
        low, high = self.read(0x3A, 2)
        return low | (high & 3) << 8, high & 0xF8

    def level(self) -> int:
        """Return the number of unread words, without touching the latch."""
        return len(self.chip.fifo)

    def words(self, count: int | None = None) -> list[Word]:
        """Read words in one burst; all there are by default."""
        return decode(self.read(0x78, 7 * (self.status()[0] if count is None else count)))

    def to_sample(self, i: int) -> None:
        """Let time pass until sample `i` of the recording has just been taken."""
        assert isinstance(self.source, RecordingSource)
        self.wait_us(self.start_us + int(self.source.t_us[i]) - self.now_us)
