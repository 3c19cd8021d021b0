"""Each difficulty does what it says, and leaves all else alone when it is left out."""

from dataclasses import replace

import numpy as np
import pytest

from dowel_host.recording import ACC_G_PER_LSB, GYR_DPS_PER_LSB
from dowel_host.twin.lifter import IDEAL, Difficulty
from twin.lifter.people import STRAIGHT, acc_g, gyr_rad_s, person

TALL = slice(100, 728)
SKELETON = ("trunk_deg", "pelvis_deg", "lateral_deg")
SKIN = ("skin_trunk_deg", "skin_pelvis_deg")


def one(*only):
    difficulty = replace(IDEAL, **dict.fromkeys(only, True))
    return person("deadlift", seed=11, difficulty=difficulty, plan=STRAIGHT, reps=3)


def same(first, second, keys):
    return all(np.array_equal(first.truth[key], second.truth[key]) for key in keys)


def tilt_deg(recording, site):
    mean = acc_g(recording, site)[TALL].mean(0)
    return np.degrees(np.arccos(mean[1] / np.linalg.norm(mean)))


class TestWhatEachTouches:
    @pytest.mark.parametrize("name", ["placement", "bias", "offset", "scale", "noise"])
    def test_of_the_sensor_only_the_counts(self, name):
        assert same(one(), one(name), SKELETON + SKIN)

    @pytest.mark.parametrize("name", ["skin", "ringing", "breathing"])
    def test_of_the_skin_not_the_skeleton(self, name):
        assert same(one(), one(name), SKELETON)
        assert not same(one(), one(name), SKIN)

    def test_with_none_the_patches_are_the_skeleton(self):
        truth = one().truth
        for key in ("trunk_deg", "pelvis_deg", "flexion_deg", "neutral_flexion_deg"):
            assert np.allclose(truth[f"skin_{key}"], truth[key], atol=0.02)
        assert truth["skin_range_deg"] == pytest.approx(truth["range_deg"])


class TestPlacement:
    def test_sensors_sit_askew_by_hand_and_by_the_slope_of_the_back(self):
        tilts = []
        for seed in range(5):
            hard = person(
                seed=seed, difficulty=replace(IDEAL, placement=True), plan=STRAIGHT, reps=1
            )
            tilts += [tilt_deg(hard, "pelvis"), tilt_deg(hard, "t12")]
        # 30 degrees about each axis, and a slope of 28 at most.
        assert np.median(tilts) > 12
        assert max(tilts) < 75

    def test_without_it_they_sit_straight(self):
        assert tilt_deg(one(), "pelvis") < 1
        assert tilt_deg(one(), "t12") < 1


class TestSkin:
    def test_patches_turn_against_the_bones_as_the_body_bends(self):
        apart = []
        for seed in range(5):
            truth = person(
                seed=seed, difficulty=replace(IDEAL, skin=True), plan=STRAIGHT, reps=1
            ).truth
            apart.append(truth["skin_flexion_deg"].max() - truth["flexion_deg"].max())
            assert truth["skin_range_deg"] != pytest.approx(truth["range_deg"])
        assert 0.3 < np.std(apart) < 6


class TestRinging:
    def test_sensors_ring_when_the_plates_meet_the_floor(self):
        still, ringing = one(), one("ringing")
        added = np.abs(acc_g(ringing, "pelvis") - acc_g(still, "pelvis")).max(1)
        ends = ringing.truth["rep_end_us"]
        for end_us in ends:
            # A slow way down takes a while for its last 5 degrees.
            at_floor = (ringing.t_us > end_us - 300_000) & (ringing.t_us < end_us + 1_500_000)
            assert added[at_floor].max() > 0.08
        before = ringing.t_us < ringing.truth["rep_start_us"][0]
        assert added[before].max() < 0.001


class TestChip:
    def test_bias_stands_in_the_gyro_and_drifts(self):
        biases = np.degrees(gyr_rad_s(one("bias"), "t12") - gyr_rad_s(one(), "t12"))
        assert 0.1 < np.abs(biases.mean(0)).max() < 1.7
        # In counts of 35 mdps.
        assert biases.std(0).max() < 0.1

    def test_noise_is_that_of_the_data_sheet(self):
        noisy, clean = one("noise"), one()
        gyr_dps = np.degrees(gyr_rad_s(noisy, "t12") - gyr_rad_s(clean, "t12"))
        force = acc_g(noisy, "t12") - acc_g(clean, "t12")
        # 3.8 mdps by root Hz in 67 Hz, 110 ug in 104 Hz; both counts round.
        assert gyr_dps.std() == pytest.approx(np.hypot(0.031, GYR_DPS_PER_LSB / 6**0.5), rel=0.25)
        assert force.std() == pytest.approx(np.hypot(0.00112, ACC_G_PER_LSB / 6**0.5), rel=0.1)

    def test_offset_and_scale_keep_standing_within_a_few_percent_of_1_g(self):
        for name in ("offset", "scale"):
            size = np.linalg.norm(acc_g(one(name), "pelvis")[TALL].mean(0))
            assert 1e-4 < abs(size - 1) < 0.04

    def test_scale_shows_only_in_motion(self):
        difference = gyr_rad_s(one("scale"), "t12") - gyr_rad_s(one(), "t12")
        assert np.abs(difference[TALL]).max() < 0.002
        assert np.abs(difference).max() > 0.002


class TestSway:
    def test_a_standing_body_is_never_quite_still(self):
        swaying, still = one("sway"), one()
        sway_deg = swaying.truth["trunk_deg"][TALL].std()
        assert still.truth["trunk_deg"][TALL].std() < 0.01
        assert 0.03 < sway_deg < 1.5

    def test_the_whole_of_it_is_on_by_default(self):
        assert all(vars(Difficulty()).values())
        assert not any(vars(IDEAL).values())
