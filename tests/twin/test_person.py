"""The simple person: its sensors obey physics, its truth obeys the product's definitions."""

import numpy as np
import pytest

from dowel_host.recording import ACC_G_PER_LSB, GYR_DPS_PER_LSB
from dowel_host.twin.person import RATE_HZ, STAND_S, segment_motion, simple_person

STEP_S = 1 / RATE_HZ
STANDING = slice(0, int(STAND_S * RATE_HZ))
ONE_G_COUNTS = 1 / 0.000244


@pytest.fixture(scope="module")
def person():
    return simple_person(7)


def rate_rad_s(site):
    return np.radians(site.gyr * GYR_DPS_PER_LSB)


def up_by_design(inclination_deg, lateral_deg):
    # u as the product defines it: inclination = atan2(-u_x, u_y), lateral = asin(-u_z).
    i, side = np.radians(inclination_deg), np.radians(lateral_deg)
    return np.stack((-np.sin(i) * np.cos(side), np.cos(i) * np.cos(side), -np.sin(side)), 1)


def up_by_gyro(rate, start):
    # Strapdown with none of the person's code: a fixed direction seen from a turning sensor,
    # each step by the exact rotation (Rodrigues) with the mean rate of its two ends.
    up = np.empty_like(rate)
    up[0] = start
    for k in range(1, len(rate)):
        turn = -(rate[k - 1] + rate[k]) / 2 * STEP_S
        angle = np.linalg.norm(turn) + 1e-12
        axis = turn / angle
        u = up[k - 1]
        up[k] = (
            u * np.cos(angle)
            + np.cross(axis, u) * np.sin(angle)
            + axis * (axis @ u) * (1 - np.cos(angle))
        )
    return up


class TestAtRest:
    @pytest.mark.parametrize("site", ["pelvis", "t12"])
    def test_the_accelerometer_reads_one_g_upward(self, person, site):
        mean = person.sites[site].acc[STANDING].mean(0)
        assert np.linalg.norm(mean) == pytest.approx(ONE_G_COUNTS, rel=2e-3)
        # Up the segment, but for the sensor's tilt on the body and some sway.
        assert mean[1] / np.linalg.norm(mean) > np.cos(np.radians(6))

    @pytest.mark.parametrize("site", ["pelvis", "t12"])
    def test_the_gyro_reads_its_bias_and_noise(self, person, site):
        gyr_dps = person.sites[site].gyr * GYR_DPS_PER_LSB
        # The body ends as it began: what remains of the whole is the bias.
        bias_dps = gyr_dps.mean(0)
        assert np.all(np.abs(bias_dps) < 0.55)
        assert np.abs(bias_dps).max() > 0.1
        noise_dps = np.diff(gyr_dps[STANDING], axis=0).std(0) / np.sqrt(2)
        assert noise_dps == pytest.approx(0.05, rel=0.2)

    def test_both_sensors_sit_askew_each_its_own_way(self, person):
        tilts = [person.sites[site].acc[STANDING].mean(0) for site in ("pelvis", "t12")]
        assert np.linalg.norm(tilts[0] - tilts[1]) > 0.01 * ONE_G_COUNTS


class TestMotion:
    @pytest.mark.parametrize(("site", "truth"), [("pelvis", "pelvis_deg"), ("t12", "trunk_deg")])
    def test_the_gyro_integrates_to_the_inclination(self, person, site, truth):
        rate = rate_rad_s(person.sites[site])
        # The body ends as it began: what the gyro read on the whole is its bias.
        rate = rate - rate.mean(0)
        acc = person.sites[site].acc
        up = up_by_gyro(rate, acc[0] / np.linalg.norm(acc[0]))
        true_up = up_by_design(person.truth[truth], person.truth["lateral_deg"])
        # The angle from the first sample's attitude does not depend on how the sensor sits.
        turned = np.degrees(np.arccos(np.clip(up @ up[0], -1, 1)))
        truly = np.degrees(np.arccos(np.clip(true_up @ true_up[0], -1, 1)))
        assert truly.max() > 30
        assert np.sqrt(np.mean((turned - truly) ** 2)) < 0.6

    def test_bending_forward_turns_the_gyro_negative_about_z(self, person):
        down = (person.t_us > person.truth["rep_start_us"][0]) & (
            person.t_us < person.truth["rep_low_us"][0]
        )
        assert np.all(person.sites["t12"].gyr[down, 2] < 0)

    def test_bent_forward_the_accelerometer_reads_minus_x(self, person):
        at_peak = np.searchsorted(person.t_us, person.truth["rep_peak_us"])
        u_x = person.sites["t12"].acc[at_peak, 0] * ACC_G_PER_LSB
        expected = -np.sin(np.radians(person.truth["trunk_deg"][at_peak]))
        assert u_x == pytest.approx(expected, abs=0.06)

    def test_leaning_to_the_right_reads_minus_z(self):
        still = np.full(50, 20.0)
        rate, force = segment_motion(np.zeros(50), still, 0.3)
        assert force == pytest.approx(up_by_design(np.zeros(50), still))
        assert not rate.any()

    @pytest.mark.parametrize("lever_m", [0.1, 0.35])
    def test_the_acceleration_integrates_to_the_way_of_the_sensor(self, lever_m):
        # From standing forward to 80 degrees in 1.5 s; velocity and place by summing up.
        x = np.clip(np.arange(round(2.5 * RATE_HZ)) * STEP_S / 1.5 - 0.3, 0, 1)
        lean = 80 * (10 * x**3 - 15 * x**4 + 6 * x**5)
        _, force_g = segment_motion(lean, np.zeros_like(lean), lever_m)
        c, s = np.cos(np.radians(lean)), np.sin(np.radians(lean))
        # The segment's X in the world is (cos, -sin), its Y is (sin, cos).
        forward = 9.80665 * (force_g[:, 0] * c + force_g[:, 1] * s)
        upward = 9.80665 * (-force_g[:, 0] * s + force_g[:, 1] * c - 1)
        for acceleration, way_m in (
            (forward, lever_m * s[-1]),
            (upward, lever_m * (c[-1] - 1)),
        ):
            velocity = np.cumsum(acceleration) * STEP_S
            assert velocity[-1] == pytest.approx(0, abs=2e-3)
            assert np.sum(velocity) * STEP_S == pytest.approx(way_m, abs=4e-3)

    def test_nothing_is_clipped(self, person):
        for site in person.sites.values():
            assert np.abs(site.gyr).max() < 32767
            assert np.abs(site.acc).max() < 32767


class TestTruth:
    def test_lumbar_flexion_is_trunk_minus_pelvis(self, person):
        truth = person.truth
        assert truth["flexion_deg"] == pytest.approx(
            truth["trunk_deg"] - truth["pelvis_deg"], abs=1e-4
        )

    def test_two_sets_of_five_full_reps_one_of_them_rounded(self, person):
        assert person.truth["rep_set"].tolist() == [1] * 5 + [2] * 5
        assert person.truth["rep_kind"].tolist() == ["full"] * 10
        assert np.flatnonzero(person.truth["rep_quality"] == "rounded").tolist() == [7]

    def test_the_rounded_rep_bends_the_back_and_the_others_do_not(self, person):
        reps = zip(person.truth["rep_start_us"], person.truth["rep_end_us"], strict=True)
        peaks = np.array([self.of(person, "flexion_deg", *rep).max() for rep in reps])
        rounded = person.truth["rep_quality"] == "rounded"
        assert peaks[rounded] == pytest.approx(40, abs=2)
        assert peaks[~rounded] == pytest.approx(10, abs=2)

    @staticmethod
    def of(person, key, start_us, end_us):
        return person.truth[key][(person.t_us >= start_us) & (person.t_us <= end_us)]

    def test_a_rep_begins_and_ends_five_degrees_from_standing(self, person):
        trunk_deg = person.truth["trunk_deg"]
        for key in ("rep_start_us", "rep_end_us"):
            at = np.searchsorted(person.t_us, person.truth[key])
            assert trunk_deg[at] == pytest.approx(5, abs=1.5)

    def test_its_far_end_is_within_three_percent_of_its_range(self, person):
        trunk_deg = person.truth["trunk_deg"]
        low, peak, rise = (
            trunk_deg[np.searchsorted(person.t_us, person.truth[f"rep_{name}_us"])]
            for name in ("low", "peak", "rise")
        )
        assert low == pytest.approx(0.97 * peak, abs=1)
        assert rise == pytest.approx(0.97 * peak, abs=1)

    def test_its_moments_follow_each_other(self, person):
        moments = np.stack(
            [person.truth[f"rep_{n}_us"] for n in ("start", "low", "peak", "rise", "end")], 1
        )
        assert np.all(np.diff(moments.ravel()) >= 0)
        assert np.all(moments[:, 4] - moments[:, 0] > 2_000_000)

    def test_only_the_rounded_rep_leaves_neutral(self, person):
        out = person.t_us[~person.truth["neutral"]]
        start_us, end_us = person.truth["rep_start_us"][7], person.truth["rep_end_us"][7]
        assert len(out) > 0.5 * RATE_HZ
        assert out.min() > start_us
        assert out.max() < end_us

    def test_the_phases_are_standing_sets_and_the_rest_between(self, person):
        phase = person.truth["phase"]
        changes = phase[np.flatnonzero(np.diff(phase, prepend=255))]
        assert changes.tolist() == [1, 4, 0, 4, 0]


class TestChoices:
    def test_the_same_seed_is_the_same_person(self, person):
        again = simple_person(7).arrays()
        for key, array in person.arrays().items():
            np.testing.assert_array_equal(again[key], array)

    def test_another_seed_is_another_person(self, person):
        assert simple_person(8).block("upper") != person.block("upper")

    def test_nobody_need_round_the_back(self):
        assert set(simple_person(1, rounded=None).truth["rep_quality"]) == {"good"}

    def test_an_hour_of_sets_of_ten_every_two_minutes(self):
        hour = simple_person(1, sets=30, reps=10, rest_s=80)
        assert len(hour.truth["rep_start_us"]) == 300
        assert hour.duration_us == pytest.approx(3.6e9, rel=0.03)
        starts_us = hour.truth["rep_start_us"][::10]
        assert np.diff(starts_us) == pytest.approx(120e6, rel=0.02)
