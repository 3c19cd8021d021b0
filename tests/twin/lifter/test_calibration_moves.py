"""The three calibration movements, and the ways in which they go wrong."""

from typing import Literal

import numpy as np
import pytest

from dowel_host.twin.lifter import Difficulty, Fault, Plan, lifter
from twin.lifter.people import RATE_HZ, acc_g, during, gyr_rad_s, person

HARD = Difficulty()


def calibrated(fault: Fault | None = None, seed: int = 1, movement: Literal[2, 3] = 2):
    plan = Plan(fault=fault, fault_movement=movement, rest_s=(4.0, 4.0))
    return person("dowel_drill", seed=seed, difficulty=HARD, plan=plan, sets=1, reps=1)


class TestDoneWell:
    def test_all_three_come_in_order_with_time_between(self):
        phase = calibrated().truth["phase"]
        order = phase[np.flatnonzero(np.diff(phase, prepend=255))]
        assert order.tolist() == [0, 1, 0, 2, 0, 3, 0, 4, 0]

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_standing_tall_is_long_and_still(self, seed):
        recording = calibrated(seed=seed)
        tall = during(recording, 1)
        assert len(tall) >= 4 * RATE_HZ
        rate = gyr_rad_s(recording, "t12")[tall]
        assert np.degrees(np.abs(rate - rate.mean(0))).max() < 3

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_the_hinge_follows_the_neutral_curve(self, seed):
        recording = calibrated(seed=seed)
        truth, hinge = recording.truth, during(recording, 2)
        assert 55 < truth["trunk_deg"][hinge].max() < 96
        for kind in ("", "skin_"):
            off = truth[f"{kind}flexion_deg"] - truth[f"{kind}neutral_flexion_deg"]
            assert np.sqrt(np.mean(off[hinge] ** 2)) < 2

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_the_rounding_reaches_the_range(self, seed):
        recording = calibrated(seed=seed)
        truth, rounding = recording.truth, during(recording, 3)
        for kind in ("", "skin_"):
            reached = truth[f"{kind}flexion_deg"][rounding].max()
            assert reached == pytest.approx(float(truth[f"{kind}range_deg"]), abs=2)

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_both_bends_start_and_end_in_standing(self, seed):
        recording = calibrated(seed=seed)
        for phase in (2, 3):
            trunk = recording.truth["trunk_deg"][during(recording, phase)]
            for still in (trunk[: int(0.5 * RATE_HZ)], trunk[-int(0.5 * RATE_HZ) :]):
                assert np.abs(still).max() < 6


def peak(recording, key, phase):
    values = recording.truth[key][during(recording, phase)]
    return values[np.argmax(np.abs(values))]


class TestDoneWrong:
    def test_moved_the_trunk_leaves_its_place_while_standing(self):
        assert np.ptp(calibrated(Fault.MOVED).truth["trunk_deg"][:2000]) > 8

    def test_not_upright(self):
        assert peak(calibrated(Fault.NOT_UPRIGHT), "trunk_deg", 1) > 70

    @pytest.mark.parametrize("movement", [2, 3])
    def test_backward(self, movement):
        assert -30 < peak(calibrated(Fault.BACKWARD, 1, movement), "trunk_deg", movement) < -8

    @pytest.mark.parametrize("movement", [2, 3])
    def test_shallow(self, movement):
        assert peak(calibrated(Fault.SHALLOW, 1, movement), "trunk_deg", movement) < 28

    @pytest.mark.parametrize("movement", [2, 3])
    def test_fast(self, movement):
        rates = []
        for recording in (calibrated(), calibrated(Fault.FAST, 1, movement)):
            rate_rad_s = gyr_rad_s(recording, "t12")[during(recording, movement)]
            rates.append(np.degrees(np.linalg.norm(rate_rad_s, axis=1)).max())
        assert rates[0] < 90
        assert rates[1] > 150

    @pytest.mark.parametrize("movement", [2, 3])
    def test_twisted(self, movement):
        assert abs(peak(calibrated(Fault.TWISTED, 1, movement), "lateral_deg", movement)) > 15
        assert abs(peak(calibrated(), "lateral_deg", movement)) < 8

    def test_no_rounding_is_a_second_hinge(self):
        recording = calibrated(Fault.NO_ROUNDING)
        truth, again = recording.truth, during(recording, 3)
        assert truth["trunk_deg"][again].max() > 50
        assert (truth["flexion_deg"] - truth["neutral_flexion_deg"])[again].max() < 5

    def test_swapped_each_site_reads_what_the_other_should(self):
        right, wrong = calibrated(), calibrated(Fault.SWAPPED)
        assert np.array_equal(right.sites["t12"].acc, wrong.sites["pelvis"].acc)
        assert np.array_equal(right.sites["pelvis"].gyr, wrong.sites["t12"].gyr)

    def test_loose_one_sensor_hangs_and_the_other_turns_with_the_body(self):
        turned = []
        recording = calibrated(Fault.LOOSE)
        hinge = during(recording, 2)
        for site in ("pelvis", "t12"):
            acc = acc_g(recording, site)[hinge]
            turned.append(np.degrees(np.arccos(np.clip(acc @ acc[0], -1, 1))).max())
        assert min(turned) < 25
        assert max(turned) > 45

    def test_the_same_fault_is_not_the_same_in_two_people(self):
        depths = {peak(calibrated(Fault.SHALLOW, seed), "trunk_deg", 2) for seed in (1, 2, 3)}
        assert len(depths) == 3


def test_without_calibration_the_person_stands_first():
    recording = lifter(2, "dowel_drill", sets=1, reps=1, plan=Plan(calibration=False))
    assert set(recording.truth["phase"].tolist()) == {0, 4}
    assert np.abs(recording.truth["trunk_deg"][: int(3.5 * RATE_HZ)]).max() < 4
