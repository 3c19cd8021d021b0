"""A chip's ticks on the board's clock, found from paired readings with jitter."""

import random
import struct

import pytest

from dowel.core.timebase import Timebase

WRAP = 1 << 30


def difference(a: int, b: int) -> int:
    return (a - b + WRAP // 2) % WRAP - WRAP // 2


class Clocks:
    """A board and a chip whose oscillator is wrong by `error`, both somewhere in their range."""

    def __init__(self, seed: int, error: float) -> None:
        self.rng = random.Random(seed)
        self.error = error
        self.tick_0 = self.rng.randrange(1 << 32)
        self.us_0 = self.rng.randrange(WRAP)

    def tick(self, t_s: float) -> int:
        return (self.tick_0 + int(t_s * (1 + self.error) / 25e-6)) % (1 << 32)

    def us(self, t_s: float) -> int:
        return (self.us_0 + int(t_s * 1e6)) % WRAP

    def pair(self, t_s: float, jitter_us: int = 100) -> tuple[int, int, int]:
        """A register read that begins at t_s and takes about 600 us."""
        took_s = self.rng.uniform(500e-6, 700e-6)
        latched_s = t_s + took_s / 2 + self.rng.uniform(-jitter_us, jitter_us) * 1e-6
        return self.tick(latched_s), self.us(t_s), self.us(t_s + took_s)

    def off_us(self, timebase: Timebase, t_s: float) -> int:
        return abs(difference(timebase.us_at(self.tick(t_s)), self.us(t_s)))


@pytest.mark.parametrize("error", [-0.07, -0.01, 0.0, 0.003, 0.07])
@pytest.mark.parametrize("period_s", [0.01, 0.5, 1.0])
def test_times_are_right_within_a_millisecond(error, period_s):
    for seed in range(10):
        clocks, timebase = Clocks(seed, error), Timebase()
        timebase.trim(round(error / 0.0015))
        for n in range(int(20 / period_s)):
            t_s = n * period_s
            timebase.observe(*clocks.pair(t_s))
            assert clocks.off_us(timebase, t_s - 0.02) < 1000
            assert clocks.off_us(timebase, t_s + period_s) < 1000
        assert clocks.off_us(timebase, 20) < 250
        assert timebase.rate / 65536 * (1 + error) == pytest.approx(25, rel=60e-6)
        assert timebase.rejected == timebase.jumps == 0


def test_without_trim_the_rate_is_found_from_the_second_reading_on():
    clocks, timebase = Clocks(1, 0.07), Timebase()
    for n in range(10):
        timebase.observe(*clocks.pair(n * 0.5))
        if n:
            assert clocks.off_us(timebase, n * 0.5 + 0.5) < 1000


def test_a_warming_chip_is_followed():
    clocks, timebase = Clocks(2, 0.0), Timebase()
    tick = 0.0
    for n in range(600):  # 0.5 % slower after 5 minutes
        tick += 0.5 / 25e-6 * (1 - 0.005 * n / 600)
        us = clocks.us(n * 0.5)
        timebase.observe(int(tick), us - 300, us + 300)
        assert abs(difference(timebase.us_at(int(tick)), us)) < 500


def test_a_reading_that_was_interrupted_is_not_believed():
    clocks, timebase = Clocks(3, 0.01), Timebase()
    for n in range(20):
        timebase.observe(*clocks.pair(n * 0.5))
    tick, before_us, after_us = clocks.pair(10.0)
    assert not timebase.observe(tick, (before_us - 40_000) % WRAP, after_us)
    assert timebase.rejected == 1
    assert clocks.off_us(timebase, 10.5) < 500


def test_a_counter_that_was_reset_is_noticed():
    clocks, timebase = Clocks(4, 0.0), Timebase()
    for n in range(10):
        timebase.observe(*clocks.pair(n * 0.5))
    reset = Clocks(5, 0.0)
    reset.us_0 = clocks.us_0
    timebase.observe(*reset.pair(5.0))
    assert timebase.jumps == 1
    assert reset.off_us(timebase, 5.2) < 500


def test_time_goes_on_for_an_hour_without_any_reading():
    timebase = Timebase()
    timebase.trim(10)
    us_a_tick = 25 / (1 + 0.0015 * 10)
    tick = 0
    timebase.anchor(tick, 7)
    while tick < 3600 / 25e-6:
        tick += 15_000
        timebase.convert(bytearray(struct.pack("<12xI", tick & 0xFFFFFFFF)), 1)
        off_us = abs(difference(timebase.us[0], int(tick * us_a_tick) + 7))
        assert off_us < 5e-6 * tick * 25 + 2  # the rate is rounded to 5 ppm
    assert timebase.us_at(tick % WRAP) == timebase.us[0]


@pytest.mark.parametrize("tick", [0, 1, 192, WRAP - 1, WRAP + 5, (1 << 32) - 1])
def test_by_default_time_is_the_chip_s_own(tick):
    timebase = Timebase()
    timebase.anchor(tick, tick * 25)
    block = struct.pack("<12xI", tick) + struct.pack("<12xI", (tick + 193) & 0xFFFFFFFF)
    timebase.convert(bytearray(block), 2)
    assert timebase.us[0] == tick * 25 % WRAP
    assert timebase.us[1] == (tick + 193) * 25 % WRAP
    assert timebase.us_at(tick + 193) == timebase.us[1]


def test_the_rate_is_bounded():
    timebase = Timebase()
    timebase.rate = 100 << 16
    assert timebase.rate == 30 << 16
    timebase.rate = 0
    assert timebase.rate == 20 << 16
