"""The chip's clock: its error, the timestamp counter, and when samples are taken."""

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowel_host.twin.source import CallableSource, Counts, RecordingSource
from twin.lsm6dsox.rig import GYRO, STAMP, Rig, Word

ERRORS = [-0.07, -0.0312, -0.001, 0.0, 0.0005, 0.02, 0.07]
errors = st.integers(-70_000, 70_000).map(lambda ppm: ppm / 1e6)


def counter(rig: Rig) -> int:
    return int.from_bytes(rig.read(0x40, 4), "little")


def steady(_t_us: float) -> Counts:
    return 0, 0, 0, 0, 0, 1.0


def drained(rig: Rig, duration_us: int) -> list[Word]:
    """Return the words of a stretch of time, read often enough to lose none."""
    words: list[Word] = []
    for _ in range(0, duration_us, 100_000):
        rig.wait_us(100_000)
        words += rig.words()
    return words


@pytest.mark.parametrize(
    ("error", "fine"), [(0.0, 0), (0.0015, 1), (-0.0015, 0xFF), (0.07, 47), (-0.07, 0xD1)]
)
def test_internal_freq_fine_is_the_error_in_steps_of_0_15_percent(error: float, fine: int) -> None:
    assert Rig(clock_error=error).byte(0x63) == fine


def test_an_error_beyond_internal_freq_fine_cannot_be_had() -> None:
    with pytest.raises(ValueError, match=r"0\.25"):
        Rig(clock_error=0.25)


def test_the_counter_stands_still_until_enabled() -> None:
    rig = Rig()
    rig.write(0x10, 0x5C)
    rig.wait_us(50_000)
    assert counter(rig) == 0
    rig.write(0x19, 0x20)
    rig.wait_us(2_499)
    assert counter(rig) == 99
    rig.wait_us(1)
    assert counter(rig) == 100


def test_the_counter_stands_still_while_both_sensors_are_off() -> None:
    rig = Rig()
    rig.write(0x19, 0x20)
    rig.wait_us(10_000)
    assert counter(rig) == 0
    rig.write(0x11, 0x58)
    rig.wait_us(10_000)
    assert counter(rig) == 400
    rig.write(0x11, 0x08)
    rig.wait_us(10_000)
    assert counter(rig) == 400
    rig.write(0x10, 0x5C)
    rig.wait_us(10_000)
    assert counter(rig) == 800


def test_0xaa_to_timestamp2_resets_the_counter_and_nothing_else_is_taken() -> None:
    rig = Rig()
    rig.sensors_on()
    rig.wait_us(1_000_000)
    assert counter(rig) == 40_000
    rig.write(0x42, 0xAA)
    assert counter(rig) == 0
    rig.wait_us(25)
    assert counter(rig) == 1


@pytest.mark.parametrize("value", [0x00, 0xAB])
def test_any_other_write_to_timestamp2_is_refused(value: int) -> None:
    with pytest.raises(Exception, match="0x42"):
        Rig().write(0x42, value)


def test_a_reset_counter_stamps_the_samples_that_follow() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(100)
    rig.words()
    rig.write(0x42, 0xAA)
    rig.to_sample(102)
    stamps = [w.tick for w in rig.words() if w.kind == STAMP]
    assert stamps == [192, 384]


@pytest.mark.parametrize("kind", [STAMP, None])
def test_the_counter_wraps_at_32_bits(kind: int | None) -> None:
    rig = Rig(CallableSource(steady, 10**12))
    rig.sensors_on()
    rig.write(0x42, 0xAA)
    rig.wait_us(2**32 * 25 - 15_000)
    assert counter(rig) == 2**32 - 600
    rig.write(0x0A, 0x46)
    rig.wait_us(20_000)
    assert counter(rig) == 200
    if kind:
        assert [w.tick for w in rig.words() if w.kind == kind] == [2**32 - 200, 2**32 - 8, 184]


@pytest.mark.parametrize("error", ERRORS)
def test_the_counter_runs_by_the_chip_s_clock(error: float) -> None:
    rig = Rig(clock_error=error)
    rig.sensors_on()
    rig.wait_us(3_600_000_000)
    assert counter(rig) == int(144_000_000 * (1 + Fraction(str(error))))


@given(errors)
@settings(max_examples=60)
def test_stamps_are_192_ticks_apart_whatever_the_clock_s_error(error: float) -> None:
    rig = Rig(CallableSource(steady, 10**9), clock_error=error)
    rig.stream()
    stamps = [w.tick for w in drained(rig, 2_000_000) if w.kind == STAMP]
    assert set(np.diff(stamps)) == {192}
    expected = (2_000_000 - 10_000) * (1 + error) / 4_800 + 1
    assert abs(len(stamps) - expected) <= 1


@given(errors)
@settings(max_examples=60)
def test_samples_are_taken_each_4_8_ms_of_the_chip_s_time(error: float) -> None:
    asked: list[float] = []

    def f(t_us: float) -> Counts:
        asked.append(t_us)
        return steady(t_us)

    rig = Rig(CallableSource(f, 10**9), clock_error=error)
    rig.stream()
    rig.wait_us(10_000)
    asked.clear()
    rig.wait_us(1_000_000)
    exact = 4_800 / (1 + error)
    np.testing.assert_allclose(asked, exact * np.arange(1, len(asked) + 1), atol=0.01)


@given(errors)
@settings(max_examples=40)
def test_a_sample_is_in_the_fifo_in_the_microsecond_in_which_it_is_due(error: float) -> None:
    rig = Rig(CallableSource(steady, 10**9), clock_error=error)
    rig.stream()
    due_us = rig.start_us + ceil(20 * 4_800 / (1 + Fraction(str(error))))
    rig.wait_us(due_us - 1 - rig.now_us)
    assert rig.chip.taken == 20
    rig.wait_us(1)
    assert rig.chip.taken == 21


@pytest.mark.parametrize("error", ERRORS)
def test_a_sensor_switched_on_late_meets_the_source_where_it_is_by_then(error: float) -> None:
    rig = Rig(
        CallableSource(lambda t_us: (t_us / 10_000, 0, 0, 0, 0, 0), 10**9), clock_error=error
    )
    rig.write(0x0A, 0x06)
    rig.wait_us(10_000 + 1_000_000)
    rig.sensors_on()
    rig.wait_us(22_000)
    rates_dps = [w.xyz[0] * 0.035 for w in rig.words() if w.kind == GYRO]
    exact = 100 + np.arange(1, 5) * 0.48 / (1 + error)
    np.testing.assert_allclose(rates_dps[:4], exact, atol=0.02)


@pytest.mark.parametrize("error", ERRORS)
def test_the_last_sample_is_at_the_source_s_end_or_less_than_a_period_before(error: float) -> None:
    rig = Rig(CallableSource(steady, 48_000), clock_error=error)
    rig.stream()
    rig.wait_us(200_000)
    assert rig.chip.taken == int(10 * (1 + error) + 1e-9) + 1


@pytest.mark.parametrize("error", ERRORS)
def test_writing_settings_does_not_disturb_the_rhythm(error: float) -> None:
    rig = Rig(CallableSource(steady, 10**9), clock_error=error)
    rig.stream()
    for i in range(30):
        rig.wait_us(7_001)
        rig.write(0x11, 0x5C if i & 1 else 0x58)
    stamps = [w.tick for w in rig.words() if w.kind == STAMP]
    assert set(np.diff(stamps)) == {192}
    assert len(stamps) >= 38


@pytest.mark.parametrize("error", [e for e in ERRORS if e])
def test_with_a_clock_error_a_recording_is_interpolated_linearly(error: float) -> None:
    n = 1_000
    t_us = np.round(np.arange(n) * 1e6 / 208).astype(int)
    ramp = np.round(t_us / 200).astype(int) - 10_000  # linear in time up to rounding
    source = RecordingSource(
        t_us, np.column_stack([ramp, ramp, ramp]), np.column_stack([-ramp, ramp, ramp])
    )
    rig = Rig(source, clock_error=error)
    rig.stream()
    got = [w.xyz[0] for w in drained(rig, 4_000_000) if w.kind == GYRO]
    exact = np.arange(len(got)) * 4_800 / (1 + error) / 200 - 10_000
    assert np.abs(np.array(got) - exact).max() <= 1


@pytest.mark.parametrize("error", ERRORS)
def test_the_stamp_is_what_the_counter_shows_at_that_moment(error: float) -> None:
    rig = Rig(CallableSource(steady, 10**9), clock_error=error)
    rig.stream()
    rig.wait_us(10_000)
    rig.words()
    for _ in range(50):
        while rig.chip.taken == rig.chip.fifo.delivered:
            rig.wait_us(1)
        now = counter(rig)
        stamp = rig.words()[-1].tick
        assert abs(now - stamp) <= 1


def test_two_chips_of_one_board_run_apart() -> None:
    rigs = [Rig(CallableSource(steady, 10**9), clock_error=e) for e in (0.01, -0.02)]
    rigs[1] = Rig(CallableSource(steady, 10**9), rigs[0].scene, clock_error=-0.02)
    taken: list[int] = []
    for rig in rigs:
        rig.stream()
        drained(rig, 10_000_000)
        taken.append(rig.chip.taken)
    assert taken == [int(9.99 * 1.01 / 0.0048) + 1, int(9.99 * 0.98 / 0.0048) + 1]
