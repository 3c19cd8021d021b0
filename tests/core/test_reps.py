"""Hinges counted and their phases marked, on inclination alone."""

from array import array

import numpy as np
import pytest

from dowel.core import cue, flags, pair
from dowel.core.reps import Reps
from dowel.core.spine import ABSENT, PELVIS, TRUNK

RATE_HZ = 208
TICKS = 192


def smooth(start, stop, seconds):
    """From one angle to another as people move: minimum jerk."""
    x = np.arange(round(seconds * RATE_HZ)) / (seconds * RATE_HZ)
    return start + (stop - start) * x**3 * (10 - 15 * x + 6 * x**2)


def hold(angle, seconds):
    return np.full(round(seconds * RATE_HZ), float(angle))


def hinge(depth=70.0, base=0.0, down_s=1.5, hold_s=0.3, up_s=1.2, top_s=0.7):
    return np.concatenate(
        (
            smooth(base, depth, down_s),
            hold(depth, hold_s),
            smooth(depth, base, up_s),
            hold(base, top_s),
        )
    )


class Counter:
    """Feeds inclinations in degrees; collects the reps."""

    def __init__(self, source=TRUNK) -> None:
        self.reps = Reps(source)
        self.source = source
        self.tick = (1 << 30) - 3000  # wraps soon
        self.ended = []

    def feed(self, inclination_deg, flexion_deg=None, step_flags=0, cued=0) -> "Counter":
        if flexion_deg is None:
            flexion_deg = np.asarray(inclination_deg) * 0.15
        for trunk, flexion in zip(inclination_deg, flexion_deg, strict=True):
            angles = [ABSENT] * 4
            angles[self.source] = ABSENT if np.isnan(trunk) else round(trunk * 100)
            angles[2] = ABSENT if np.isnan(flexion) else round(flexion * 100)
            moment = pair.new_moment()
            moment[pair.TICK] = self.tick & 0x3FFFFFFF
            moment[pair.OWN_FLAGS + self.source] = step_flags
            if self.reps.step(moment, array("i", angles), step_flags, cued):
                self.ended.append(dict(vars(self.reps.rep)))
            self.tick += TICKS
        return self


@pytest.mark.parametrize("depth", [60, 70, 90, 120, 140])
@pytest.mark.parametrize("base", [-8, 0, 12])
def test_every_hinge_is_counted_once(depth, base):
    counter = Counter().feed(hold(base, 2))
    for _ in range(10):
        counter.feed(hinge(depth, base))
    assert len(counter.ended) == counter.reps.count == 10


@pytest.mark.parametrize(
    ("down_s", "hold_s", "up_s"),
    [(0.5, 0.0, 0.5), (0.7, 0.1, 0.6), (4, 2, 4), (6, 0, 6), (2, 8, 2)],
)
def test_fast_and_slow_ones_too(down_s, hold_s, up_s):
    counter = Counter().feed(hold(0, 2))
    for _ in range(3):
        counter.feed(hinge(75, 0, down_s, hold_s, up_s, 0.4))
    assert len(counter.ended) == 3


def test_the_marks_are_where_the_definitions_put_them():
    base, depth = 2.0, 72.0
    shape = np.concatenate((hold(base, 1), hinge(depth, base)))
    counter = Counter()
    first_tick = counter.tick
    counter.feed(shape, shape * 0.2)
    (rep,) = counter.ended
    at = {
        name: ((rep[f"{name}_tick"] - first_tick) % (1 << 30)) / TICKS
        for name in ("start", "low", "peak", "rise", "end")
    }
    near = np.flatnonzero(shape >= depth - 0.03 * (depth - base))
    out = np.flatnonzero(shape > base + 5)
    sample_5_ms = 3
    assert at["start"] == pytest.approx(out[0], abs=sample_5_ms)
    assert at["end"] == pytest.approx(out[-1] + 1, abs=sample_5_ms)
    # Whole degrees are marked: half a degree of a slow approach, 60 ms.
    assert at["low"] == pytest.approx(near[0], abs=13)
    assert at["rise"] == pytest.approx(near[-1], abs=13)
    assert near[0] <= at["peak"] <= near[-1]
    assert rep["peak_trunk_cdeg"] == 7200
    assert rep["peak_flexion_cdeg"] == 1440


def test_what_is_no_hinge_is_not_counted():
    walking = 6 + 4 * np.sin(np.arange(20 * RATE_HZ) * 2 * np.pi * 1.8 / RATE_HZ)
    sitting_down = np.concatenate((smooth(0, 38, 1), smooth(38, 12, 0.8), hold(12, 20)))
    standing_up = np.concatenate((smooth(12, 41, 0.8), smooth(41, 0, 1)))
    looking_down = np.concatenate((smooth(0, 25, 1), hold(25, 5), smooth(25, 0, 1)))
    twitch = np.concatenate((smooth(0, 60, 0.15), smooth(60, 0, 0.15)))
    lying_down = np.concatenate((smooth(0, 90, 2), hold(90, 30), smooth(90, 0, 2)))
    for shape in (walking, sitting_down, standing_up, looking_down, twitch, lying_down):
        assert Counter().feed(hold(0, 2)).feed(shape).feed(hold(0, 3)).ended == []


def test_after_what_is_no_hinge_hinges_count_again():
    counter = Counter().feed(hold(0, 2)).feed(hinge(30)).feed(hold(7, 5)).feed(hinge(80, 7))
    assert len(counter.ended) == 1


def test_standing_up_incompletely_between_reps_ends_the_rep():
    counter = Counter().feed(hold(0, 2)).feed(hinge(70, up_s=1.2))
    partial = np.concatenate((smooth(0, 70, 1.5), smooth(70, 15, 1.2)))
    counter.feed(partial).feed(smooth(15, 70, 1.2)).feed(smooth(70, 0, 1.2)).feed(hold(0, 2))
    assert len(counter.ended) == 3


def test_who_stays_a_little_bent_after_a_rep_has_ended_it():
    counter = Counter().feed(hold(0, 2)).feed(hinge(70)[: round(1.8 * RATE_HZ)])
    counter.feed(smooth(70, 9, 1.2)).feed(hold(9, 1.5))
    assert len(counter.ended) == 1
    counter.feed(hinge(70, 9))
    assert len(counter.ended) == 2


def test_a_stop_on_the_way_up_does_not_end_it():
    counter = Counter().feed(hold(0, 2)).feed(smooth(0, 75, 1.5)).feed(smooth(75, 45, 1))
    counter.feed(hold(45, 1.5)).feed(smooth(45, 60, 0.5)).feed(smooth(60, 0, 1)).feed(hold(0, 1))
    assert len(counter.ended) == 1


def test_flags_and_cues_within_it_are_kept():
    counter = Counter().feed(hold(0, 2), step_flags=flags.SATURATED)
    shape = hinge()
    counter.feed(shape[:200])
    counter.feed(shape[200:201], step_flags=flags.GAP | flags.REST, cued=1)
    counter.feed(shape[201:])
    (rep,) = counter.ended
    assert rep["flags"] == flags.GAP
    assert rep["cues"] == 1
    counter.feed(shape)
    assert counter.ended[1]["flags"] == counter.ended[1]["cues"] == 0


def test_flexion_that_is_not_known_is_absent():
    shape = hinge()
    counter = Counter().feed(hold(0, 1)).feed(shape, np.full(len(shape), np.nan))
    assert counter.ended[0]["peak_flexion_cdeg"] == ABSENT


def test_the_pelvis_counts_where_it_is_all_there_is():
    counter = Counter(PELVIS).feed(hold(0, 1)).feed(hinge())
    assert counter.ended[0]["peak_trunk_cdeg"] == ABSENT


@pytest.mark.parametrize("lost", [np.nan, "restart"])
def test_a_rep_whose_angle_is_lost_is_given_up(lost):
    shape = hinge()
    counter = Counter().feed(hold(0, 1)).feed(shape[:300])
    if lost == "restart":
        counter.feed(shape[300:301], step_flags=flags.RESTART)
    else:
        counter.feed([np.nan])
    counter.feed(shape[301:])
    assert counter.ended == []
    assert len(counter.feed(hinge()).ended) == 1


def test_the_cue_has_hysteresis_and_ends_when_flexion_is_lost():
    threshold = cue.Cue()
    seen = [
        threshold.step(value)
        for value in (0, 2499, 2500, 2100, 2600, 2000, 1999, 1999, 2500, ABSENT, ABSENT)
    ]
    assert seen == [0, 0, 1, 0, 0, 0, -1, 0, 1, -1, 0]
