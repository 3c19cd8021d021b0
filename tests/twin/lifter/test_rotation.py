"""The lifter's mathematics: rotations, derivatives, noise, how long something lasts."""

import numpy as np
import pytest

from dowel_host.twin.lifter import truth
from dowel_host.twin.lifter.noise import band_noise, lagged
from dowel_host.twin.lifter.rotation import (
    RATE_HZ,
    about_x,
    about_y,
    about_z,
    angles_deg,
    first_derivative,
    from_vector,
    rate_rad_s,
    second_derivative,
    segment_rotation,
    turn_between,
)
from dowel_host.twin.lifter.timeline import Timeline
from twin.lifter.people import up_by_design

T_S = np.arange(1000) / RATE_HZ
INNER = slice(4, -4)


class TestDerivatives:
    @pytest.mark.parametrize("rate_hz", [0.5, 5.0, 20.0])
    def test_of_a_sine_are_right_within_half_a_percent(self, rate_hz):
        w = 2 * np.pi * rate_hz
        sine, cosine = np.sin(w * T_S), np.cos(w * T_S)
        assert first_derivative(sine)[INNER] == pytest.approx(w * cosine[INNER], abs=0.005 * w)
        assert second_derivative(sine)[INNER] == pytest.approx(
            -w * w * sine[INNER], abs=0.005 * w * w
        )


class TestRotations:
    def test_up_in_a_segment_is_as_the_design_has_it(self):
        inclination, lateral = np.array([0.0, 90.0, 0.0, 60.0]), np.array([0.0, 0.0, 30.0, -20.0])
        axes = segment_rotation(inclination, lateral, np.array([0.0, 50.0, 120.0, 10.0]))
        up = axes[:, 1, :]
        assert np.allclose(up, up_by_design(inclination, lateral))
        assert np.allclose(angles_deg(up), (inclination, lateral))

    @pytest.mark.parametrize(("about", "axis"), [(about_x, 0), (about_y, 1), (about_z, 2)])
    def test_a_turn_about_an_axis_is_that_rotation_vector(self, about, axis):
        vector = np.zeros((1, 3))
        vector[0, axis] = 37.0
        assert np.allclose(about(np.array([37.0])), from_vector(vector))

    def test_a_steady_turn_has_its_rate(self):
        turn = np.outer(T_S, (40.0, -25.0, 10.0))
        rate = np.degrees(rate_rad_s(from_vector(turn)))
        assert np.allclose(rate[INNER], (40.0, -25.0, 10.0), atol=1e-3)

    def test_the_turn_between_two_directions_takes_one_to_the_other(self):
        a, b = np.array([0.3, 0.9, -0.2]), np.array([0.0, 1.0, 0.0])
        assert np.allclose(turn_between(a, b) @ (a / np.linalg.norm(a)), b)
        assert np.allclose(turn_between(b, b), np.eye(3))


class TestNoise:
    def test_it_has_unit_deviation_and_keeps_to_its_band(self):
        noise = band_noise(np.random.default_rng(1), 1 << 15, 1.0, 4.0)
        assert noise.std() == pytest.approx(1.0, rel=0.05)
        power = np.abs(np.fft.rfft(noise)) ** 2
        frequency_hz = np.fft.rfftfreq(len(noise), 1 / RATE_HZ)
        inside = (frequency_hz > 0.9) & (frequency_hz < 4.1)
        assert power[inside].sum() > 0.99 * power.sum()

    def test_a_lag_is_that_of_first_order(self):
        step = np.where(T_S < 1, 0.0, 1.0)
        late = lagged(step, 0.3)
        assert late[T_S < 0.99].max() < 0.01
        assert late[np.searchsorted(T_S, 1.3)] == pytest.approx(1 - np.exp(-1), abs=0.01)


class TestTimeline:
    def test_moves_overlays_and_phases_add_up(self):
        timeline = Timeline(np.random.default_rng(1))
        timeline.hold(1.0)
        timeline.set_phase(4)
        timeline.overlay("trunk", 3.5, 0.5, 0.5, 0.5, 5.0)
        timeline.move(2.0, {"trunk": 60.0})
        timeline.hold(3.0)
        channels, samples = timeline.render()
        trunk = channels["trunk"]
        assert samples == round(6 * RATE_HZ)
        assert trunk[np.searchsorted(T_S, 2.0)] == pytest.approx(30.0, abs=0.5)
        assert trunk[round(4.2 * RATE_HZ)] == pytest.approx(65.0)
        assert trunk[-1] == pytest.approx(60.0)
        assert np.flatnonzero(timeline.phase(samples))[0] == round(RATE_HZ)


@pytest.mark.parametrize(("samples", "lasts"), [(31, False), (32, True)])
def test_bad_is_what_lasts_150_ms(samples, lasts):
    outside_deg = np.zeros(200)
    outside_deg[50 : 50 + samples] = 3.5
    outside_deg[150:155] = 9.0
    assert truth._lasts(outside_deg) is lasts
