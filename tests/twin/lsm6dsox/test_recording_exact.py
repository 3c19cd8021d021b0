"""Without clock error a recording comes out of the FIFO unchanged, at its own times."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowel_host.twin.source import RecordingSource
from twin.lsm6dsox.rig import ACCEL, GYRO, STAMP, Rig, recording

Ints = npt.NDArray[np.int64]


def played(rig: Rig, turn_us: int) -> tuple[Ints, Ints, Ints]:
    """Return gyro (n, 3), accel (n, 3) and ticks (n,) of a whole source, drained every turn."""
    raw = b""
    assert rig.chip.end_us is not None
    while rig.now_us < rig.chip.end_us:
        rig.wait_us(turn_us)
        raw += rig.read(0x78, 7 * rig.level())
    words = np.frombuffer(raw, np.uint8).reshape(-1, 3, 7)
    kinds = words[:, :, 0] >> 3
    assert (kinds == [GYRO, ACCEL, STAMP]).all()
    gyro, accel = (words[:, i, 1:].copy().view("<i2").astype(int) for i in (0, 1))
    return gyro, accel, words[:, 2, 1:5].copy().view("<u4").astype(int)[:, 0]


def check(source: RecordingSource, gyr: Ints, acc: Ints, t_us: Ints, turn_us: int) -> None:
    rig = Rig(source)
    rig.stream()
    base_tick = (rig.start_us - 1_000) // 25  # the counter has run since board time 1 ms
    gyro, accel, ticks = played(rig, turn_us)
    np.testing.assert_array_equal(gyro, gyr)
    np.testing.assert_array_equal(accel, acc)
    np.testing.assert_array_equal(ticks, base_tick + t_us // 25)


@pytest.mark.parametrize("turn_us", [4_000, 10_000, 333_333])
def test_counts_and_ticks_do_not_depend_on_when_the_fifo_is_read(turn_us: int) -> None:
    n = 500
    i = np.arange(n)
    gyr = np.column_stack([i, i + 10_000, -i - 1])
    acc = np.column_stack([-i - 10_000, i + 20_000, 30_000 - i])
    source = recording(n)
    check(source, gyr, acc, source.t_us, turn_us)


@given(st.integers(0, 10_000), st.integers(0, 60))
def test_ticks_count_from_the_start_rounded_to_a_whole_tick(enabled_us: int, late_us: int) -> None:
    rig = Rig(recording(30), now_us=enabled_us)
    rig.sensors_on()
    rig.wait_us(late_us)
    rig.write(0x0A, 0x46)
    _, _, ticks = played(rig, 10_000)
    start_tick = (10_000 + late_us + 12) // 25  # 12.5 us cannot be: half a tick never decides
    assert ticks.tolist() == [start_tick + t // 25 for t in recording(30).t_us.tolist()]


def test_each_sample_is_there_at_its_own_microsecond() -> None:
    rig = Rig(recording(40))
    rig.stream()
    for i in range(40):
        rig.to_sample(i)
        assert rig.chip.taken == i + 1
        if i < 39:
            due = rig.start_us + int(recording(40).t_us[i + 1])
            rig.wait_us(due - 1 - rig.now_us)
            assert rig.chip.taken == i + 1


def test_a_hole_in_a_recording_is_a_hole_in_the_ticks() -> None:
    t_us = np.delete(recording(100).t_us, np.s_[40:60])
    i = np.delete(np.arange(100), np.s_[40:60])
    values = np.column_stack([i, i, i])
    check(RecordingSource(t_us, values, values), values, values, t_us, 10_000)


def test_a_recording_of_another_rate_is_sampled_at_the_chip_s_own_instants() -> None:
    rig = Rig(recording(100, period_us=10_000))
    rig.stream()
    rig.wait_us(10_000 + 96_000)
    stamps = [w.tick for w in rig.words() if w.kind == STAMP]
    assert np.diff(stamps).tolist() == [192] * 20


def test_a_sensor_switched_on_late_misses_what_was_before() -> None:
    rig = Rig()
    rig.write(0x0A, 0x46)
    rig.wait_us(10_000 + 48_000)
    rig.sensors_on()
    rig.to_sample(14)
    assert [w.xyz[0] for w in rig.words() if w.kind == GYRO] == [10, 11, 12, 13, 14]
    assert rig.chip.taken == 5


def test_real_recordings_come_out_unchanged(recordings_dir: Path, subtests: Any) -> None:
    for file in sorted(recordings_dir.glob("*.npz")):
        with np.load(file) as z:
            arrays = dict(z)
        for site in [key[3:] for key in arrays if key.startswith("acc")]:
            with subtests.test(file=file.name, site=site):
                gyr, acc = arrays["gyr" + site], arrays["acc" + site]
                t_us = arrays["t_us"].astype(int)
                check(RecordingSource(t_us, gyr, acc), gyr, acc, t_us, 250_000)
