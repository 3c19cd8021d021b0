"""The lifts as people do them, and what they do besides."""

from dataclasses import replace

import numpy as np
import pytest

from dowel_host.twin.lifter import IDEAL, Difficulty, Mix, Plan, demo_person, lifter
from twin.lifter.people import RATE_HZ, STRAIGHT, acc_g, during, person

ASKEW = replace(IDEAL, placement=True)


def inclinations(recording):
    """Trunk inclination before each rep, at its far end, and after it."""
    trunk = recording.truth["trunk_deg"]
    marks = ("rep_start_us", "rep_peak_us", "rep_end_us")
    return [trunk[np.searchsorted(recording.t_us, recording.truth[mark])] for mark in marks]


class TestPostures:
    @pytest.mark.parametrize("lift", ["rdl", "good_morning", "dowel_drill", "single_leg_rdl"])
    def test_hinges_start_in_standing_and_go_down(self, lift):
        start, far, _ = inclinations(person(lift, plan=STRAIGHT, reps=2))
        assert np.all((start > 2) & (start < 9))
        assert np.all((far > 38) & (far < 95))

    def test_a_deadlift_starts_on_the_floor_and_comes_up_first(self):
        start, far, end = inclinations(person("deadlift", plan=STRAIGHT, reps=2))
        assert np.all(start > 35)
        assert np.all(np.abs(far) < 8)
        assert np.all(end > 35)

    def test_a_hip_thrust_starts_lying_back_and_comes_up_to_level(self):
        start, far, _ = inclinations(person("hip_thrust", plan=STRAIGHT, reps=2))
        assert np.all((start > -75) & (start < -45))
        assert np.all((far > -100) & (far < -80))

    def test_swings_are_quick_and_follow_each_other(self):
        truth = person("swing", plan=replace(STRAIGHT, regrip=0.0), reps=6).truth
        period_s = np.diff(truth["rep_start_us"]) / 1e6
        assert np.all((period_s > 1.0) & (period_s < 2.3))


class TestTempo:
    @pytest.mark.parametrize("rep_s", [1.2, 8.0])
    def test_it_can_be_chosen(self, rep_s):
        plan = replace(STRAIGHT, rep_s=(rep_s, rep_s), pause_s=(1.0, 1.0), fatigue=False)
        truth = person("rdl", seed=2, plan=replace(plan, mix=Mix(0, 0, 0, 0)), reps=3).truth
        lasted_s = (truth["rep_end_us"] - truth["rep_start_us"]) / 1e6
        # The first and last 5 degrees do not count.
        assert np.all((lasted_s > 0.6 * rep_s) & (lasted_s < 1.35 * rep_s))

    def test_holds_last_5_seconds_and_more(self):
        truth = person("rdl", plan=replace(STRAIGHT, hold=1.0), reps=2).truth
        assert np.all(truth["rep_rise_us"] - truth["rep_low_us"] > 5_000_000)


class TestPeople:
    def test_the_same_seed_gives_the_same_recording(self):
        first, second = (lifter(5, "rdl", sets=1, reps=2, plan=STRAIGHT) for _ in range(2))
        assert np.array_equal(first.sites["t12"].gyr, second.sites["t12"].gyr)
        assert np.array_equal(first.truth["trunk_deg"], second.truth["trunk_deg"])

    def test_another_seed_is_another_person(self):
        people = [person(seed=seed, difficulty=ASKEW, plan=STRAIGHT, reps=1) for seed in range(5)]
        assert len({float(one.truth["range_deg"]) for one in people}) == 5
        assert len({one.samples for one in people}) > 3

    def test_a_person_keeps_the_body_from_lift_to_lift(self):
        people = [person(lift, plan=STRAIGHT, reps=2) for lift in ("deadlift", "rdl", "squat")]
        ranges = {float(one.truth["range_deg"]) for one in people}
        assert len(ranges) == 1

    def test_about_a_quarter_of_reps_come_within_10_degrees_of_the_limit(self):
        near = total = 0
        for seed in range(4):
            recording = person(
                "rdl", seed=seed, difficulty=Difficulty(), plan=STRAIGHT, sets=2, reps=15
            )
            truth, t_us = recording.truth, recording.t_us
            n = truth["skin_neutral_flexion_deg"]
            over = truth["skin_flexion_deg"] - 0.5 * (n + float(truth["skin_range_deg"]))
            for start, end in zip(truth["rep_start_us"], truth["rep_end_us"], strict=True):
                peak = over[(t_us >= start) & (t_us <= end)].max()
                near += abs(peak) < 10
                total += 1
        assert 0.12 < near / total < 0.42


class TestTopSensor:
    def test_a_third_one_between_the_shoulders_can_be_worn(self):
        plan = replace(STRAIGHT, sites=("pelvis", "t12", "c7"))
        recording = person("rdl", plan=plan, reps=2)
        assert recording.roles == {"lower": "pelvis", "upper": "t12", "top": "c7"}
        two = person("rdl", plan=STRAIGHT, reps=2)
        assert np.array_equal(two.sites["t12"].acc, recording.sites["t12"].acc)


class TestDemo:
    def test_one_rep_of_two_sets_of_five_is_rounded_and_nobody_waits_long(self):
        recording = demo_person(1)
        assert recording.duration_us < 112e6
        assert recording.truth["rep_set"].tolist() == [1] * 5 + [2] * 5
        expected = ["good"] * 10
        expected[2] = "rounded"
        assert recording.truth["rep_quality"].tolist() == expected


@pytest.fixture(scope="module")
def hour():
    # A sixth of it.
    return lifter(1, "none", plan=Plan(minutes=10.0))


class TestEverydayMovement:
    def test_it_lasts_as_long_as_asked_for(self, hour):
        assert hour.duration_us >= 600e6

    def test_reps_in_it_are_squats_alone(self, hour):
        assert set(hour.truth["rep_label"].tolist()) <= {"squat"}
        assert 4 not in hour.truth["phase"]

    def test_most_of_it_is_no_hinge(self, hour):
        assert len(during(hour, 5)) > 0.7 * hour.samples

    def test_people_walk_jump_sit_and_bend(self, hour):
        size = np.linalg.norm(acc_g(hour, "pelvis"), axis=1)
        assert size.min() < 0.2  # free flight
        assert size.max() > 2.0  # and landing
        flexion = hour.truth["flexion_deg"][during(hour, 5)]
        assert flexion.max() > 0.5 * float(hour.truth["range_deg"])
        assert hour.truth["trunk_deg"][during(hour, 5)].max() > 60

    def test_nobody_flies_off(self, hour):
        # Over any 10 s the body neither rises nor falls for good.
        force = acc_g(hour, "pelvis")
        mean = np.linalg.norm(
            force[: 2000 * (len(force) // 2000)].reshape(-1, 2000, 3).mean(1), axis=1
        )
        assert np.all(mean < 1.1)


def test_the_centre_of_pressure_stays_over_the_feet():
    # From 5 cm behind the ankles to 18 cm before them: heel and toes.
    from dowel_host.twin.lifter.lifter import Session  # noqa: PLC0415
    from dowel_host.twin.lifter.skeleton import pressure_m  # noqa: PLC0415

    for lift in ("deadlift", "good_morning", "squat", "swing"):
        skeleton = Session(3, lift, Difficulty(), STRAIGHT).skeleton(1, 5)
        place = pressure_m(skeleton)
        assert place.min() > -0.05
        assert place.max() < 0.18
        assert skeleton.shank_deg.max() < 46
        assert skeleton.shank_deg.min() > -25


def test_rate_is_that_of_the_recordings():
    recording = person("rdl", plan=STRAIGHT, reps=1)
    assert recording.rate_hz == RATE_HZ
    assert np.all(np.abs(np.diff(recording.t_us) - 1e6 / RATE_HZ) <= 1)
