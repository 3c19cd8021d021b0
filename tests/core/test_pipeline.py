"""Samples in, steps and events out, with one sensor and with two, however they come."""

import itertools
import random

import numpy as np
import pytest

from core.movement import Movement, counts, still
from core.test_reps import hinge, hold
from dowel.core import flags, pipeline
from dowel.core.pipeline import ABSENT, LOWER, UPPER, Pipeline
from vm_core import recorded_blocks

SECOND = 208


def segment(inclination_deg, bias_dps=0.0) -> Movement:
    """A sensor on a segment that bends forward about Z, at the hip."""
    angle = np.radians(inclination_deg)
    gyr = np.zeros((len(angle), 3))
    gyr[1:, 2] = -np.degrees(np.diff(angle)) * SECOND
    up = np.stack((-np.sin(angle), np.cos(angle), 0 * angle), 1)
    ticks = np.arange(len(angle)) * 40000 // SECOND
    return Movement(counts((gyr + bias_dps) / 0.035), counts(up / 0.000244), up, ticks)


def training(reps=3, rounded=1) -> tuple[Movement, Movement]:
    """Upper and lower sensor of a person who stands, hinges, and rounds one rep."""
    trunk, flexion = [hold(0, 3)], [hold(0, 3)]
    for rep in range(reps):
        trunk.append(hinge(72))
        flexion.append(hinge(36 if rep == rounded else 11))
    trunk.append(hold(0, 1))
    flexion.append(hold(0, 1))
    upper = np.concatenate(trunk)
    return segment(upper, 0.3), segment(upper - np.concatenate(flexion), -0.2)


class Run:
    """What a pipeline made of blocks fed in bursts of the given sizes."""

    def __init__(self, core: Pipeline, blocks, sizes=(16,)) -> None:
        self.core = core
        self.rows, self.reps, self.events = [], [], []
        left = dict(blocks)
        sizes = itertools.cycle(sizes)
        while any(left.values()):
            role = min(left, key=lambda one: self.waiting_since(blocks[one], left[one]))
            size = next(sizes)
            part, left[role] = left[role][: 16 * size], left[role][16 * size :]
            core.feed(role, bytearray(part), len(part) // 16, False)
            self.take()

    @staticmethod
    def waiting_since(whole: bytes, left: bytes) -> float:
        """Ticks from a sensor's first sample to its next."""
        if not left:
            return float("inf")
        return int.from_bytes(left[12:16], "little") - int.from_bytes(whole[12:16], "little")

    def take(self) -> None:
        core = self.core
        while events := core.step():
            self.events.append(events)
            self.rows.append(
                (
                    core.tick,
                    core.trunk_cdeg,
                    core.pelvis_cdeg,
                    core.flexion_cdeg,
                    core.lateral_cdeg,
                    core.flags,
                )
            )
            if events & pipeline.REP:
                self.reps.append(dict(vars(core.rep)))

    def steps_with(self, event: int) -> list[int]:
        return [n for n, events in enumerate(self.events) if events & event]


@pytest.fixture(scope="module")
def trained():
    upper, lower = training()
    return Run(Pipeline(3), {UPPER: upper.block(), LOWER: lower.block()})


def test_each_pair_of_samples_makes_a_step(trained):
    n = len(trained.rows)
    assert trained.core.samples_in == [n, n]
    assert trained.core.steps_out == n
    assert all(events & pipeline.STEP for events in trained.events)


def test_live_comes_every_eighth_step(trained):
    assert trained.steps_with(pipeline.LIVE) == list(range(7, len(trained.rows), 8))


def test_before_the_zero_all_is_absent_and_flagged(trained):
    (zeroed,) = trained.steps_with(pipeline.ZEROED)
    assert zeroed == 207
    rows = np.array(trained.rows)
    assert (rows[: zeroed + 1, 1:5] == ABSENT).all()
    assert (rows[: zeroed + 1, 5] == flags.NO_ZERO).all()
    assert (rows[zeroed + 1 :, 1:5] != ABSENT).all()


def test_the_reps_and_the_cue(trained):
    assert len(trained.reps) == 3
    assert [rep["peak_trunk_cdeg"] for rep in trained.reps] == pytest.approx([7200] * 3, abs=80)
    peaks = [rep["peak_flexion_cdeg"] for rep in trained.reps]
    assert peaks == pytest.approx([1100, 3600, 1100], abs=80)
    assert [rep["cues"] for rep in trained.reps] == [0, 1, 0]
    assert [rep["flags"] for rep in trained.reps] == [0, flags.CUE, 0]
    (on,), (off,) = trained.steps_with(pipeline.CUE_ON), trained.steps_with(pipeline.CUE_OFF)
    assert trained.rows[on][3] >= 2500 > trained.rows[on - 1][3]
    assert trained.rows[off][3] < 2000 <= trained.rows[off - 1][3]
    assert all(row[5] & flags.CUE for row in trained.rows[on:off])
    assert not trained.rows[off][5] & flags.CUE
    ends = [rep["end_tick"] for rep in trained.reps]
    assert [trained.rows[n][0] for n in trained.steps_with(pipeline.REP)] == ends


@pytest.mark.parametrize("seed", range(4))
def test_no_result_depends_on_where_bursts_end(trained, seed):
    rng = random.Random(seed)
    upper, lower = training()
    sizes = tuple(rng.randint(1, 32) for _ in range(1001))
    again = Run(Pipeline(3), {UPPER: upper.block(), LOWER: lower.block()}, sizes)
    assert again.rows == trained.rows
    assert again.events == trained.events
    assert again.reps == trained.reps
    for role in (UPPER, LOWER):
        assert again.core.tilt[role].state == trained.core.tilt[role].state


def test_the_upper_sensor_alone_gives_trunk_and_reps_and_no_more():
    upper, _ = training()
    alone = Run(Pipeline(1), {UPPER: upper.block()})
    rows = np.array(alone.rows)
    assert len(alone.reps) == 3
    assert (rows[208:, 1] != ABSENT).all()
    assert (rows[:, 2:4] == ABSENT).all()
    assert (rows[:, 5] & flags.ONE_SENSOR).all()
    assert {rep["peak_flexion_cdeg"] for rep in alone.reps} == {ABSENT}
    assert not alone.steps_with(pipeline.CUE_ON)


def test_the_lower_sensor_alone_gives_the_pelvis():
    _, lower = training()
    alone = Run(Pipeline(2), {LOWER: lower.block()})
    rows = np.array(alone.rows)
    assert (rows[208:, 2] != ABSENT).all()
    assert (rows[:, [1, 3]] == ABSENT).all()
    assert len(alone.reps) == 2  # the rounded one turns the pelvis by 36 degrees only
    assert {rep["peak_trunk_cdeg"] for rep in alone.reps} == {ABSENT}


def test_a_hole_in_one_sensor_takes_flexion_away_and_leaves_the_trunk():
    upper, lower = training()
    keep = np.ones(len(lower.ticks), bool)
    keep[800:830] = False
    run = Run(Pipeline(3), {UPPER: upper.block(), LOWER: lower.block(keep)})
    rows = np.array(run.rows)
    hole = rows[802:828]
    assert (hole[:, 3] == ABSENT).all()
    assert (hole[:, 1] != ABSENT).all()
    assert (hole[:, 5] & flags.ONE_SENSOR).all()
    assert rows[830, 5] & flags.GAP
    assert run.core.gaps == 1
    assert len(run.reps) == 3
    assert run.reps[0]["flags"] == flags.GAP | flags.ONE_SENSOR


def test_overrun_and_saturation_are_flagged_and_counted():
    upper, lower = training()
    upper.acc[900, 2] = 32767
    core = Pipeline(3)
    blocks = {UPPER: upper.block(), LOWER: lower.block()}
    run = Run(core, {role: block[: 16 * 800] for role, block in blocks.items()})
    core.feed(LOWER, bytearray(blocks[LOWER][16 * 800 : 16 * 810]), 10, True)
    core.feed(UPPER, bytearray(blocks[UPPER][16 * 800 : 16 * 810]), 10, False)
    run.take()
    rest = Run(core, {role: block[16 * 810 :] for role, block in blocks.items()})
    flagged = [row[5] for row in run.rows + rest.rows]
    assert [n for n, of_step in enumerate(flagged) if of_step & flags.OVERRUN] == [800]
    assert [n for n, of_step in enumerate(flagged) if of_step & flags.SATURATED] == [900]
    assert core.saturated == 1


def test_a_blackout_of_a_sensor_is_lived_through():
    upper, lower = training()
    keep = np.ones(len(lower.ticks), bool)
    keep[1000:1600] = False
    run = Run(Pipeline(3), {UPPER: upper.block(), LOWER: lower.block(keep)})
    assert len(run.rows) == len(upper.ticks)
    assert run.core.tilt[LOWER].restarts == 1
    assert len(run.reps) == 3
    assert run.rows[-1][3] != ABSENT


def test_who_feeds_one_sensor_too_far_ahead_is_told():
    upper, _ = training()
    core = Pipeline(3)
    Run(core, {UPPER: upper.block()})
    assert core.dropped() == 0  # steps are taken without the partner
    core.feed(LOWER, bytearray(still((0, 1, 0), 32).block()), 32, False)
    for _ in range(8):
        core.feed(UPPER, bytearray(upper.block(slice(32))), 32, False)
    assert core.dropped() > 0


def test_times_follow_each_sensor_s_own_clock():
    upper, lower = training()
    core = Pipeline(3)
    core.timebase[UPPER].anchor(0, 5_000_000)
    core.timebase[LOWER].anchor(77_000, 5_000_000)
    lower.ticks = lower.ticks + 77_000
    run = Run(core, {UPPER: upper.block(), LOWER: lower.block()})
    assert core.us == 5_000_000 + 25 * upper.ticks[-1]
    assert not any(row[5] & flags.ONE_SENSOR for row in run.rows)
    assert len(run.reps) == 3


@pytest.mark.parametrize("roles", [0, 4, -1])
def test_a_pipeline_without_a_sensor_is_refused(roles):
    with pytest.raises(ValueError, match="roles"):
        Pipeline(roles)


def test_sitting_down_and_walking_are_no_hinges(recordings_dir):
    blocks = recorded_blocks(recordings_dir / "spine_qmt_walk_sit.npz")
    for axis in ((0, 0, 1), (0, -1, 0)):  # as printed; as that board was worn
        core = Pipeline(3)
        for role in (UPPER, LOWER):
            core.flexion_axis(role, *(1000 * part for part in axis))
        run = Run(core, {UPPER: blocks["t12"], LOWER: blocks["pelvis"]})
        assert run.reps == []
        assert core.gaps == core.saturated == core.dropped() == 0
