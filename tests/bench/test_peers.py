"""The peers are run as they are meant: their published figures come out."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bench.peers import PEERS, up_from_quaternion
from bench.score import rmse_deg
from bench.trial import is_lifting_like, load_trials

# Mean RMSE over the 17 open trials of BROAD and the 8 lifting-like ones, degrees: from the
# recordings' description.
PUBLISHED = {"vqf": (0.80, 0.55), "imufusion": (3.64, 0.81), "imufusion_default": (5.72, 1.34)}
# Of ahrs, which takes seconds a trial: Madgwick (mean 2.00 and 1.06) and Mahony (2.80 and 1.19)
# on the shortest trial, as they came out of the run that gave those means.
SHORTEST = "broad_36_disturbed_attached_magnet_5cm"
SLOW = {"madgwick": 1.130, "mahony": 1.416}


def error(name, trial):
    sensor = trial.sensor
    up = PEERS[name](sensor.gyr_rad_s, sensor.acc_m_s2, sensor.rate_hz)
    return rmse_deg(up, trial)


@pytest.fixture(scope="module")
def broad(recordings_dir):
    trials = [one for one in load_trials(recordings_dir)[0] if one.name.startswith("broad_")]
    if len(trials) != 17:
        pytest.skip(f"{recordings_dir} does not hold the 17 open trials of BROAD")
    return trials


def test_up_is_the_last_row_of_the_rotation_matrix():
    turns = Rotation.random(50, np.random.default_rng(1))
    q = turns.as_quat()[:, [3, 0, 1, 2]]
    assert up_from_quaternion(q) == pytest.approx(turns.as_matrix()[:, 2, :])


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_follows_a_movement(name, simulated, trial):
    assert error(name, trial(simulated(12))) < 5


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures_come_out(name, broad, report):
    errors = {trial.name: error(name, trial) for trial in broad}
    every = np.mean(list(errors.values()))
    lifting = np.mean([one for trial, one in errors.items() if is_lifting_like(trial)])
    report(f"{name} on BROAD", f"{every:.3f} degrees, lifting-like {lifting:.3f}")
    assert (every, lifting) == pytest.approx(PUBLISHED[name], abs=0.006)


@pytest.mark.parametrize("name", SLOW)
def test_ahrs_is_run_as_published(name, broad):
    (shortest,) = [trial for trial in broad if trial.name == SHORTEST]
    assert error(name, shortest) == pytest.approx(SLOW[name], abs=0.001)
