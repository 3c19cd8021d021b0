"""The truth in a lifter's recording obeys the definitions of the recording's format."""

from dataclasses import replace

import numpy as np
import pytest

from dowel_host.recording_file import load_recording, save_recording
from dowel_host.twin.lifter import LIFTS, Difficulty, Plan
from twin.lifter.people import RATE_HZ, SHORT, STRAIGHT, during, person

LIFTS_DONE = [lift for lift in LIFTS if lift != "none"]
HARD = Difficulty()
WITH_HALVES = Plan(calibration=False, rest_s=(4.0, 5.0), half=0.25, bail=0.15, hold=0.1)


def at(recording, key):
    return np.searchsorted(recording.t_us, recording.truth[key])


class TestAngles:
    def test_flexion_is_trunk_less_pelvis(self):
        truth = person(difficulty=HARD).truth
        for kind in ("", "skin_"):
            flexion = truth[f"{kind}trunk_deg"] - truth[f"{kind}pelvis_deg"]
            assert np.allclose(flexion, truth[f"{kind}flexion_deg"], atol=1e-3)

    def test_all_count_from_the_mean_of_standing_tall(self):
        recording = person(difficulty=HARD)
        tall = during(recording, 1)
        for key in ("trunk_deg", "pelvis_deg", "lateral_deg", "skin_trunk_deg"):
            assert abs(recording.truth[key][tall].mean()) < 0.05

    def test_the_neutral_curve_rises_with_the_bend(self):
        truth = person().truth
        order = np.argsort(truth["trunk_deg"])
        assert np.all(np.diff(truth["neutral_flexion_deg"][order]) >= -1e-4)
        upright = np.abs(truth["trunk_deg"]) < 0.5
        assert np.abs(truth["neutral_flexion_deg"][upright]).max() < 0.3

    def test_neutral_says_whether_flexion_is_within_the_limits(self):
        truth = person(seed=5, difficulty=HARD, sets=2, reps=8).truth
        n, flexion = truth["neutral_flexion_deg"], truth["flexion_deg"]
        limit = n + 0.5 * (float(truth["range_deg"]) - n)
        clear = np.minimum(np.abs(flexion - limit), np.abs(flexion - n + 10)) > 0.01
        expected = (n - 10 <= flexion) & (flexion <= limit)
        assert np.array_equal(truth["neutral"][clear], expected[clear])
        assert 0 < truth["neutral"].mean() < 1


class TestMarks:
    @pytest.mark.parametrize("lift", LIFTS_DONE)
    def test_they_are_where_the_definition_says(self, lift):
        recording = person(lift, seed=6, plan=WITH_HALVES, sets=2, reps=6)
        trunk = recording.truth["trunk_deg"].astype(float)
        start, low, peak, rise, end = (
            at(recording, f"rep_{name}_us") for name in ("start", "low", "peak", "rise", "end")
        )
        sets = recording.truth["rep_set"]
        way = -1.0 if lift in ("deadlift", "hip_thrust") else 1.0
        posture = {}
        for k in range(len(sets)):
            # 5 degrees from the posture in which its set began.
            posture.setdefault(sets[k], trunk[start[k]] - way * 5.0)
            bend = way * (trunk - posture[sets[k]])
            part = bend[start[k] : end[k] + 1]
            # A sample is reached after the edge: 2 degrees at the fastest.
            assert 5.0 <= bend[start[k]] + 1.0 < 8.0
            assert 3.0 < bend[end[k]] < 5.8
            assert bend[peak[k]] == part.max()
            far = np.flatnonzero(part >= 0.97 * part.max()) + start[k]
            assert abs(low[k] - far[0]) <= 4
            assert abs(rise[k] - far[-1]) <= 4

    @pytest.mark.parametrize("lift", LIFTS_DONE)
    def test_they_are_in_order_and_reps_do_not_overlap(self, lift):
        recording = person(lift, seed=6, plan=WITH_HALVES, sets=2, reps=6)
        names = ("start", "low", "peak", "rise", "end")
        marks = np.stack([recording.truth[f"rep_{name}_us"] for name in names])
        assert np.all(np.diff(marks, axis=0) >= 0)
        assert np.all(marks[-1, :-1] <= marks[0, 1:])
        assert recording.truth["rep_set"].tolist() == [1] * 6 + [2] * 6
        assert set(recording.truth["rep_label"].tolist()) == {lift}

    def test_reps_lie_in_phase_4(self):
        for lift in ("deadlift", "good_morning", "hip_thrust"):
            recording = person(lift, plan=STRAIGHT, reps=2)
            for name in ("rep_start_us", "rep_end_us"):
                assert np.all(recording.truth["phase"][at(recording, name)] == 4)

    def test_a_rep_under_60_percent_of_the_median_is_half(self):
        recording = person("rdl", seed=6, plan=WITH_HALVES, sets=2, reps=12)
        trunk, truth = recording.truth["trunk_deg"], recording.truth
        depth = trunk[at(recording, "rep_peak_us")]
        kind, sets = truth["rep_kind"], truth["rep_set"]
        assert {"full", "half", "bail"} == set(kind.tolist())
        for number in (1, 2):
            median = np.median(depth[(sets == number) & (kind != "bail")])
            full = (sets == number) & (kind == "full")
            half = (sets == number) & (kind == "half")
            assert depth[full].min() > 0.55 * median
            assert np.all(depth[half] < 0.65 * median)


class TestQuality:
    def test_it_is_judged_on_the_patches_by_3_degrees_and_150_ms(self):
        recording = person("rdl", seed=9, difficulty=HARD, sets=3, reps=8)
        truth = recording.truth
        n, flexion = truth["skin_neutral_flexion_deg"], truth["skin_flexion_deg"]
        over = flexion - (n + 0.5 * (float(truth["skin_range_deg"]) - n))
        under = n - 10 - flexion
        starts, ends = at(recording, "rep_start_us"), at(recording, "rep_end_us")
        found = set()
        for start, end, quality in zip(starts, ends, truth["rep_quality"], strict=True):
            part = slice(start, end + 1)
            outside = {"rounded": over[part], "arched": under[part]}
            lasting = [
                name for name, by in outside.items() if longest_run(by >= 3) >= 0.15 * RATE_HZ
            ]
            inside = max(over[part].max(), under[part].max()) <= -3
            expected = lasting[0] if lasting else "good" if inside else "borderline"
            assert quality == expected
            found.add(quality)
        assert {"good", "rounded"} <= found

    def test_asked_for_qualities_come_out(self):
        plan = Plan(
            calibration=False,
            rest_s=(4.0, 5.0),
            qualities=(("rounded",) * 6, ("arched",) * 6, ("good",) * 6),
            half=0.0,
            bail=0.0,
        )
        for lift in ("deadlift", "good_morning", "dowel_drill"):
            quality = person(lift, seed=21, plan=plan, sets=3, reps=6).truth["rep_quality"]
            assert quality.tolist() == ["rounded"] * 6 + ["arched"] * 6 + ["good"] * 6


def longest_run(flags):
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


class TestCreep:
    @pytest.mark.parametrize("lift", ["deadlift", "rdl"])
    def test_peak_flexion_rises_by_it_from_rep_to_rep(self, lift):
        plan = Plan(calibration=False, rest_s=(4.0, 5.0), creep_deg_per_rep=(0.8, 1.2), hold=0.0)
        errors = []
        for seed in range(2):
            recording = person(lift, seed=seed, plan=plan, sets=3, reps=12)
            truth = recording.truth
            # A pull's flexion peaks as the weight leaves the floor.
            before = int(RATE_HZ) if lift == "deadlift" else 0
            starts, ends = at(recording, "rep_start_us") - before, at(recording, "rep_end_us")
            peaks = [truth["flexion_deg"][a:b].max() for a, b in zip(starts, ends, strict=True)]
            for k, slope in enumerate(truth["creep_deg_per_rep"]):
                assert 0.8 <= slope <= 1.2
                errors.append(np.polyfit(range(12), peaks[12 * k : 12 * k + 12], 1)[0] - slope)
        assert np.sqrt(np.mean(np.square(errors))) < 0.3

    def test_where_reps_are_planned_one_by_one_it_is_not_known(self):
        assert np.isnan(person().truth["creep_deg_per_rep"]).tolist() == [True]


class TestSlips:
    PLAN = replace(SHORT, slips=2, slip_tilt_deg=(6.0, 12.0))

    def test_asked_for_slips_are_there_and_turn_what_the_sensor_takes_for_up(self):
        recording = person(seed=8, plan=self.PLAN, sets=2)
        truth = recording.truth
        assert len(truth["slip_us"]) == 2
        assert np.all((truth["slip_deg"] >= 6) & (truth["slip_deg"] <= 12))
        tall, end = during(recording, 1), slice(-300, None)
        tilts = []
        for site in ("pelvis", "t12"):
            acc = recording.sites[site].acc.astype(float)
            first, last = acc[tall].mean(0), acc[end].mean(0)
            cosine = first @ last / np.linalg.norm(first) / np.linalg.norm(last)
            tilts.append(np.degrees(np.arccos(cosine)))
        # Two slips may undo each other in part; one sensor at least has moved.
        assert max(tilts) > 3

    def test_they_leave_body_and_skin_alone(self):
        slipped = person(seed=8, plan=self.PLAN, sets=2).truth
        still = person(seed=8, plan=SHORT, sets=2).truth
        assert len(still["slip_us"]) == 0
        for key in ("trunk_deg", "skin_trunk_deg", "skin_pelvis_deg"):
            assert np.array_equal(slipped[key], still[key])


class TestFile:
    def test_a_recording_comes_back_whole(self, tmp_path):
        recording = person(difficulty=HARD)
        save_recording(tmp_path / "r.npz", recording)
        again = load_recording(tmp_path / "r.npz")
        assert again.roles == {"lower": "pelvis", "upper": "t12"}
        assert again.truth.keys() == recording.truth.keys()
        for key, values in recording.truth.items():
            assert np.array_equal(again.truth[key], values, equal_nan=values.dtype.kind == "f")
        for site in ("pelvis", "t12"):
            assert np.array_equal(again.sites[site].acc, recording.sites[site].acc)
