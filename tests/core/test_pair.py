"""Samples of two sensors brought together by time."""

import struct
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowel.core import flags, pair

PERIOD_US = 4800


class Sensor:
    """Pushes samples whose up x is their number."""

    def __init__(self, start_us: int = 0, period_us: int = PERIOD_US) -> None:
        self.queue = pair.new_queue()
        self.start_us = start_us
        self.period_us = period_us
        self.number = 0

    def push(self, count: int, sample_flags: int = 0) -> None:
        for _ in range(count):
            us = (self.start_us + self.number * self.period_us) % (1 << 30)
            block = bytearray(struct.pack("<12xI", self.number * 192))
            out = array("h", (self.number, -self.number, 7, sample_flags))
            pair.push(self.queue, block, out, array("i", (us,)), 1)
            self.number += 1

    def skip(self, count: int) -> None:
        self.number += count


def steps(upper: Sensor, lower: Sensor) -> list[tuple[int, int | None]]:
    """Take all that can be decided: (upper's number, lower's number or None where absent)."""
    taken = []
    moment = pair.new_moment()
    while pair.take(upper.queue, lower.queue, moment):
        alone = moment[pair.FLAGS] & flags.ONE_SENSOR
        taken.append((moment[pair.UPPER], None if alone else moment[pair.LOWER]))
    return taken


def test_samples_at_the_same_time_belong_together():
    upper, lower = Sensor(), Sensor()
    upper.push(10)
    lower.push(10)
    assert steps(upper, lower) == [(n, n) for n in range(10)]


def test_a_moment_carries_time_and_both_ups():
    upper, lower = Sensor(1000), Sensor(1000)
    upper.push(3)
    lower.push(3)
    moment = pair.new_moment()
    for _ in range(3):
        assert pair.take(upper.queue, lower.queue, moment)
    assert list(moment) == [2 * 192, 1000 + 2 * PERIOD_US, 0, 2, -2, 7, 2, -2, 7, 0, 0]


@pytest.mark.parametrize("late_us", [-2300, -100, 100, 2300])
def test_the_nearest_is_taken_though_the_clocks_are_apart(late_us):
    upper, lower = Sensor(5000), Sensor(5000 + late_us)
    upper.push(20)
    lower.push(21)
    assert steps(upper, lower)[1:19] == [(n, n) for n in range(1, 19)]


@settings(max_examples=50)
@given(st.integers(0, 9599), st.integers(4400, 5200), st.integers(0, 1 << 30))
def test_the_nearest_is_taken_at_any_rate_and_across_the_wrap(offset_us, period_us, base_us):
    upper, lower = Sensor(base_us + 20_000), Sensor(base_us + offset_us, period_us)
    upper.push(60)
    lower.push(80)
    for number, partner in steps(upper, lower):
        at_us = 20_000 + number * PERIOD_US - offset_us
        distance = min(abs(at_us - n * period_us) for n in range(80))
        assert partner is not None
        assert abs(at_us - partner * period_us) <= distance + 1


def test_a_step_waits_for_its_partner():
    upper, lower = Sensor(), Sensor()
    upper.push(10)
    lower.push(4)
    assert [n for n, _ in steps(upper, lower)] == [0, 1, 2, 3]
    lower.push(3)
    assert steps(upper, lower) == [(4, 4), (5, 5), (6, 6)]


def test_a_partner_that_is_missing_is_absent_after_60_samples():
    upper, lower = Sensor(), Sensor()
    lower.push(1)
    upper.push(60)
    assert steps(upper, lower) == [(0, 0)]
    upper.push(2)
    assert steps(upper, lower) == [(1, 0)]  # 4.8 ms away
    upper.push(10)
    assert [partner for _, partner in steps(upper, lower)] == [None] * 10


def test_a_sensor_that_returns_is_used_again():
    upper, lower = Sensor(), Sensor()
    upper.push(70)
    assert [partner for _, partner in steps(upper, lower)] == [None] * 10
    lower.skip(40)
    lower.push(30)
    found = dict(steps(upper, lower))
    assert [found[n] for n in (10, 38, 39, 40, 69)] == [None, None, 40, 40, 69]


def test_a_hole_in_the_other_sensor_is_no_partner():
    upper, lower = Sensor(), Sensor()
    upper.push(40)
    lower.push(10)
    lower.skip(20)
    lower.push(10)
    found = dict(steps(upper, lower))
    assert found[9] == found[10] == 9
    assert [found[n] for n in range(11, 29)] == [None] * 18
    assert found[29] == found[30] == 30


def test_flags_of_both_are_kept_and_rest_needs_both():
    upper, lower = Sensor(), Sensor()
    upper.push(1, flags.REST | flags.GAP)
    lower.push(1, flags.SATURATED)
    upper.push(1, flags.REST)
    lower.push(1, flags.REST)
    moment = pair.new_moment()
    pair.take(upper.queue, lower.queue, moment)
    assert moment[pair.FLAGS] == flags.GAP | flags.SATURATED
    own = [moment[pair.OWN_FLAGS + role] for role in range(2)]
    assert own == [flags.REST | flags.GAP, flags.SATURATED]
    pair.take(upper.queue, lower.queue, moment)
    assert moment[pair.FLAGS] == flags.REST


def test_a_mark_goes_to_the_next_sample_only():
    sensor = Sensor()
    pair.mark(sensor.queue, flags.OVERRUN)
    sensor.push(2)
    moment = pair.new_moment()
    seen = []
    while pair.take_alone(sensor.queue, moment, pair.UPPER):
        seen.append(moment[pair.FLAGS])
    assert seen == [flags.OVERRUN | flags.ONE_SENSOR, flags.ONE_SENSOR]


def test_what_does_not_fit_is_dropped_oldest_first_and_counted():
    sensor = Sensor()
    sensor.push(150)
    assert pair.dropped(sensor.queue) == 22
    moment = pair.new_moment()
    assert pair.take_alone(sensor.queue, moment, pair.UPPER)
    assert moment[pair.UPPER] == 22


def test_one_sensor_alone_never_waits():
    sensor = Sensor()
    sensor.push(3)
    moment = pair.new_moment()
    for number in range(3):
        assert pair.take_alone(sensor.queue, moment, pair.LOWER)
        assert list(moment[pair.UPPER : pair.UPPER + 3]) == [0, 0, 0]
        assert moment[pair.LOWER] == number
    assert not pair.take_alone(sensor.queue, moment, pair.LOWER)
