"""Gyros of a running device: their scale is applied, their bias is kept at rest and given back."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.movement import random_movement, run, still
from dowel_host.core_loader import load_viper_module

gyros = load_viper_module("dowel.gyros")
gyro_bias = load_viper_module("dowel.store.gyro_bias")
settings = load_viper_module("dowel.store.settings")

SECOND = 208
LOOK_MS = 50
MINUTE_MS = 60_000
BIAS_DPS = (0.5, -0.3, 0.7)
WORDS_PER_DPS = 1e6 / 2.7792
SCALE = [65700, 65536, 65300]


class Device:
    """One start of a device with two sensors; each start on the same files is a new one."""

    def __init__(self, folder: Path, boot: int, sensors: str = "both") -> None:
        from dowel.core.tilt import Tilt  # noqa: PLC0415 - once the loader is installed

        self.tilt = [Tilt(), Tilt()]
        self.path = folder / "gyro_bias.json"
        self.wall_offset_ms: int | None = None
        self.now_ms = 0
        lower = SimpleNamespace(freq_fine=-9) if sensors == "both" else None
        found = [SimpleNamespace(freq_fine=5), lower]
        self.settings = settings.Settings(str(folder / "settings.json"))
        store = gyro_bias.GyroBias(str(self.path))
        self.gyros = gyros.Gyros(self, found, self.settings, boot, self, store)

    def wall_ms(self) -> int | None:
        return None if self.wall_offset_ms is None else self.wall_offset_ms + self.now_ms

    def feed(self, *movements) -> None:
        for tilt, movement in zip(self.tilt, movements, strict=True):
            run(tilt, movement.block())

    def look(self, seconds: float) -> None:
        for _ in range(int(seconds * 1000 / LOOK_MS)):
            self.now_ms += LOOK_MS
            self.gyros.service(self.now_ms)

    def rest(self, bias_dps=BIAS_DPS, seconds: int = 8) -> None:
        self.feed(*[still((0, 1, 0), seconds * SECOND, bias_dps)] * 2)
        self.look(seconds=1)

    def bias_dps(self, role: int) -> np.ndarray:
        return np.array(self.tilt[role].bias_words) / WORDS_PER_DPS


def test_the_scale_of_the_settings_is_the_filter_s(tmp_path) -> None:
    settings.Settings(str(tmp_path / "settings.json")).set("lower_gyro_scale", SCALE)
    device = Device(tmp_path, 1)
    assert device.tilt[0].scale == (65536,) * 3
    assert device.tilt[1].scale == tuple(SCALE)


def test_the_bias_of_last_time_is_there_at_the_next_start(tmp_path) -> None:
    Device(tmp_path, 1).rest()
    device = Device(tmp_path, 2)
    for role in range(2):
        assert np.abs(device.bias_dps(role) - BIAS_DPS).max() < 0.03
        assert 200 < device.tilt[role].doubt_mdps(0) < 250


def test_nothing_is_kept_while_one_sensor_moves(tmp_path) -> None:
    device = Device(tmp_path, 1)
    device.feed(still((0, 1, 0), 12 * SECOND), random_movement(1, 12 * SECOND))
    device.look(seconds=1)
    assert not device.path.exists()


def test_nothing_is_kept_after_a_short_rest(tmp_path) -> None:
    device = Device(tmp_path, 1)
    device.rest(seconds=3)
    assert not device.path.exists()


def test_movement_after_rest_keeps_nothing_new(tmp_path) -> None:
    device = Device(tmp_path, 1)
    device.rest()
    before = device.path.read_bytes()
    device.now_ms += 30 * MINUTE_MS
    device.feed(*[random_movement(2, 30 * SECOND)] * 2)
    device.look(seconds=2)
    assert device.path.read_bytes() == before


def test_one_sensor_alone_keeps_its_own(tmp_path) -> None:
    Device(tmp_path, 1, sensors="upper").rest()
    device = Device(tmp_path, 2)
    assert np.abs(device.bias_dps(0) - BIAS_DPS).max() < 0.03
    assert np.abs(device.bias_dps(1)).max() == 0
    assert device.tilt[1].doubt_mdps(0) == 500


def test_writes_are_rare(tmp_path, monkeypatch) -> None:
    """A bias that never stands still is kept once a start and every ten minutes, no oftener."""
    device = Device(tmp_path, 1)
    writes: list[int] = []
    save = gyro_bias.document.save
    monkeypatch.setattr(
        gyro_bias.document, "save", lambda *what: (writes.append(device.now_ms), save(*what))
    )
    device.rest()
    assert len(writes) == 1
    device.rest()
    assert len(writes) == 1  # nothing new
    for minute in range(60):
        device.now_ms += MINUTE_MS
        device.rest((0.1 * (minute % 5), 0, 0), seconds=4)
    assert 4 <= len(writes) <= 8
    assert np.diff(writes).min() >= 10 * MINUTE_MS


def test_the_hours_add_to_the_doubt_when_a_host_tells_the_time(tmp_path) -> None:
    first = Device(tmp_path, 1)
    first.wall_offset_ms = 1_790_000_000_000
    first.rest()
    device = Device(tmp_path, 2)
    fresh_mdps = device.tilt[0].doubt_mdps(0)
    device.look(seconds=1)
    assert device.tilt[0].doubt_mdps(0) == fresh_mdps
    device.wall_offset_ms = 1_790_000_000_000 + 900 * 3_600_000
    device.look(seconds=1)
    aged_mdps = device.tilt[0].doubt_mdps(0)
    assert aged_mdps == pytest.approx((fresh_mdps**2 + 300**2) ** 0.5, abs=3)
    device.look(seconds=1)
    assert device.tilt[0].doubt_mdps(0) == aged_mdps  # once


def test_the_hours_add_nothing_to_what_a_rest_has_shown(tmp_path) -> None:
    first = Device(tmp_path, 1)
    first.wall_offset_ms = 1_790_000_000_000
    first.rest()
    device = Device(tmp_path, 2)
    device.feed(*[still((0, 1, 0), 4 * SECOND, BIAS_DPS)] * 2)
    known_mdps = device.tilt[0].doubt_mdps(0)
    device.wall_offset_ms = 1_790_000_000_000 + 2000 * 3_600_000
    device.gyros.service(5000)
    assert device.tilt[0].doubt_mdps(0) == known_mdps


def test_a_full_flash_is_told_and_tried_again_later(tmp_path, capsys) -> None:
    device = Device(tmp_path / "absent", 1)
    device.rest()
    device.rest()
    assert capsys.readouterr().out.count("bias is not kept") == 1
    (tmp_path / "absent").mkdir()
    device.now_ms += 10 * MINUTE_MS
    device.rest()
    assert device.path.exists()


def test_a_broken_file_is_told(tmp_path, capsys) -> None:
    (tmp_path / "gyro_bias.json").write_bytes(b"{")
    Device(tmp_path, 1)
    assert "gyro_bias.json is broken: the gyros' bias is learnt anew" in capsys.readouterr().out
