"""A gyro's scale is learnt from gravity alone, and a trial does not teach what it is judged by."""

from dataclasses import replace

import numpy as np
import pytest

from bench.scale import ScaleOfSensor, learn_by_site
from bench.trial import load_sensors

PLANTED = np.array([0.012, -0.008, 0.004])


@pytest.fixture(scope="module")
def moved(simulated, sensor):
    """Three recordings of one sensor whose gyro reads wrong by PLANTED."""
    return [sensor(simulated(120, seed, error=PLANTED), f"recording_{seed}") for seed in range(3)]


@pytest.fixture(scope="module")
def learner(moved):
    return ScaleOfSensor(moved)


def test_a_planted_scale_is_found(learner, report):
    learnt = learner.learnt()
    found = ", ".join(f"{100 * axis:+.3f}" for axis in learnt.error)
    report("gyro scale of +1.2, -0.8, +0.4 % learnt as", f"{found} %")
    assert learnt.error == pytest.approx(PLANTED, abs=5e-4)
    assert (np.abs(learnt.error - PLANTED) < 4 * learnt.deviation).all()
    assert learnt.recordings == 3


def test_the_integers_are_parts_of_65536(learner):
    learnt = learner.learnt()
    assert learnt.scale == tuple(round(65536 * (1 + axis)) for axis in learnt.error)
    assert learnt.scale[0] > 65536 > learnt.scale[1]


def test_truth_is_not_looked_at(moved):
    # A sensor has none: what could be looked at is the samples and their clock.
    assert set(vars(moved[0])) == {"name", "site", "rate_hz", "t_us", "gyr", "acc"}


def test_a_recording_left_out_teaches_nothing(moved, learner):
    without = learner.learnt(without={moved[0].name})
    assert without.recordings == 2
    assert learner.learnt(without={moved[0].digest}).error == pytest.approx(without.error)
    assert without.error == pytest.approx(ScaleOfSensor(moved[1:]).learnt().error, abs=1e-4)


def test_with_all_left_out_the_scale_stays_nominal(moved, learner):
    none = learner.learnt(without={one.name for one in moved})
    assert none.scale == (65536, 65536, 65536)
    assert none.recordings == 0


def test_a_sensor_at_rest_says_nothing(simulated, sensor):
    arrays = simulated(60, rate_dps=0.0)
    learnt = ScaleOfSensor([sensor(arrays)]).learnt()
    assert learnt.deviation.min() > 0.005
    assert learnt.scale == (65536, 65536, 65536)


def test_bias_without_rest_is_not_taken_for_scale(simulated, sensor):
    arrays = simulated(120, error=PLANTED)
    moving = slice(np.argmax(arrays["movement"]), None)
    for key in ("t_us", "gyr", "acc"):
        arrays[key] = arrays[key][moving]
    arrays["gyr"] = arrays["gyr"] + np.int16(20)  # 0.7 degrees/s
    assert ScaleOfSensor([sensor(arrays)]).learnt().error == pytest.approx(PLANTED, abs=2e-3)


def test_gaps_and_clipped_samples_are_kept_out(simulated, sensor):
    arrays = simulated(120, error=PLANTED)
    arrays["gyr"][5000:5050, 0] = 32767
    arrays["t_us"] = arrays["t_us"] + np.where(np.arange(len(arrays["t_us"])) > 12000, 900_000, 0)
    assert ScaleOfSensor([sensor(arrays)]).learnt().error == pytest.approx(PLANTED, abs=1e-3)


def test_sensors_are_told_apart_by_their_site(simulated, sensor):
    there = simulated(120, error=PLANTED)
    here = simulated(120, error=-PLANTED)
    learners = learn_by_site([sensor(there, "person", "t12"), sensor(here, "person", "pelvis")])
    assert set(learners) == {"t12", "pelvis"}
    assert learners["t12"].learnt().error[0] > 0.01 > -0.01 > learners["pelvis"].learnt().error[0]


def test_no_scale_beyond_what_the_core_takes(simulated, sensor):
    learnt = ScaleOfSensor([sensor(simulated(120, error=(0.06, 0, 0)))]).learnt()
    assert learnt.scale[0] == round(65536 * 1.03)


def test_a_factor_on_recorded_counts_is_found(recordings_dir):
    # None of these is clipped: a clipped count would no longer look it.
    sensors = [one for one in load_sensors(recordings_dir)[0] if "slow_rotation" in one.name]
    if len(sensors) < 3:
        pytest.skip(f"{recordings_dir} lacks the slow rotations of BROAD")
    slower = [
        replace(one, gyr=np.rint(one.gyr / (1 + PLANTED)).astype(np.int16)) for one in sensors
    ]
    before, after = (ScaleOfSensor(them).learnt().error for them in (sensors, slower))
    assert (1 + after) / (1 + before) - 1 == pytest.approx(PLANTED, abs=1e-4)
