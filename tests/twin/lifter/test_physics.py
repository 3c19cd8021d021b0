"""The lifter's sensors obey physics: checked with none of the lifter's own mechanics."""

import numpy as np
import pytest

from dowel_host.twin.lifter import LIFTS
from twin.lifter.people import RATE_HZ, SITES, STRAIGHT, acc_g, during, gyr_rad_s, person

LIFTS_DONE = [lift for lift in LIFTS if lift != "none"]


def directions_by_gyro(rate_rad_s, start):
    # A fixed direction seen from a turning sensor: each step by the exact rotation (Rodrigues)
    # with the mean rate of its two ends.
    turn = -(rate_rad_s[1:] + rate_rad_s[:-1]) / 2 / RATE_HZ
    angle = np.linalg.norm(turn, axis=1) + 1e-12
    axis, sine, cosine = turn / angle[:, None], np.sin(angle), np.cos(angle)
    seen = np.empty_like(rate_rad_s)
    seen[0] = u = np.asarray(start, float)
    for k in range(len(turn)):
        a = axis[k]
        u = u * cosine[k] + np.cross(a, u) * sine[k] + a * (a @ u) * (1 - cosine[k])
        seen[k + 1] = u
    return seen


class TestGyro:
    @pytest.mark.parametrize("lift", ["dowel_drill", "hip_thrust", "swing"])
    @pytest.mark.parametrize(("site", "truth"), SITES)
    def test_it_integrates_to_the_inclination(self, lift, site, truth):
        recording = person(lift, plan=STRAIGHT, reps=2)
        angle_deg = recording.truth[truth].astype(float)
        start = np.radians(angle_deg[0])
        up = directions_by_gyro(gyr_rad_s(recording, site), [-np.sin(start), np.cos(start), 0])
        found_deg = np.degrees(np.arctan2(-up[:, 0], up[:, 1]))
        # Quantisation and a start with no lateral lean remain.
        assert np.abs(found_deg - angle_deg).max() < 0.3


class TestAccelerometer:
    @pytest.mark.parametrize("site", ["pelvis", "t12"])
    def test_it_reads_one_g_upward_in_standing(self, site):
        recording = person()
        mean = acc_g(recording, site)[during(recording, 1)].mean(0)
        assert np.linalg.norm(mean) == pytest.approx(1.0, abs=5e-4)
        assert mean[1] / np.linalg.norm(mean) > np.cos(np.radians(0.5))

    @pytest.mark.parametrize("lift", LIFTS_DONE)
    @pytest.mark.parametrize("site", ["pelvis", "t12"])
    def test_over_a_whole_session_the_mean_force_in_the_world_is_gravity(self, lift, site):
        recording = person(lift, plan=STRAIGHT, reps=2)
        force = in_the_world(recording, site)
        assert force[:, 1].mean() == pytest.approx(1.0, abs=1e-3)
        assert force[:, 0].mean() == pytest.approx(0.0, abs=2e-3)

    @pytest.mark.parametrize(("site", "truth"), SITES)
    def test_twice_integrated_it_takes_each_rep_back_to_its_place(self, site, truth):
        # Slow reps with a stand between them.
        recording = person()
        t_us, starts = recording.t_us, recording.truth["rep_start_us"]
        force = in_the_world(recording, site)
        for start_us, end_us in zip(starts, recording.truth["rep_end_us"], strict=True):
            rep = (t_us >= start_us - 400_000) & (t_us <= end_us + 400_000)
            acceleration = (force[rep, :2] - (0.0, 1.0)) * 9.80665
            speed = np.cumsum(acceleration, 0) / RATE_HZ
            place = np.cumsum(speed, 0) / RATE_HZ
            assert np.abs(speed[-1]).max() < 0.06
            assert np.abs(place[-1]).max() < 0.12
            # In between the sacrum went back, and the trunk down.
            assert place.min(0)[0 if site == "pelvis" else 1] < -0.04


def in_the_world(recording, site):
    # Forces forward and up, by the true inclination and lateral lean; X is where the body faces.
    site_deg = recording.truth[dict(SITES)[site]].astype(float)
    force = acc_g(recording, site)
    lean = np.radians(site_deg)
    # Lateral lean of a few degrees takes less than 1 percent of it.
    forward = force[:, 0] * np.cos(lean) + force[:, 1] * np.sin(lean)
    up = force[:, 1] * np.cos(lean) - force[:, 0] * np.sin(lean)
    side = np.radians(recording.truth["lateral_deg"].astype(float))
    share = 1.0 if site == "t12" else 0.6
    up = up * np.cos(share * side) - force[:, 2] * np.sin(share * side)
    return np.stack((forward, up), 1)
