"""How far from up, on other people's recordings with optical truth."""

import numpy as np
import pytest

from core.movement import DPS_PER_COUNT, errors_deg, run
from dowel.core.tilt import Tilt
from vm_core import pack_samples, recorded_blocks

# The prototype's figures on the same 17 recordings: mean 0.675, lifting-like 0.480 degrees.
BOUND_ALL_DEG = 0.675
BOUND_LIFTING_DEG = 0.48
# VQF 2.1.2 (6D, real time, default parameters) on the same recordings: `make bench`.
VQF_DEG = {
    1: 0.607, 3: 0.375, 4: 0.792, 6: 0.656, 8: 2.538, 10: 0.295, 12: 0.253, 15: 0.442, 18: 0.581,
    21: 1.672, 24: 0.539, 26: 0.486, 28: 1.141, 30: 1.192, 32: 0.568, 34: 0.648, 36: 0.872,
}  # fmt: skip
LIFTING_LIKE = {1, 2, 3, 4, 5, 10, 11, 12, 14, 32, 33, 34, 35, 36}


def rmse_deg(path) -> float:
    """Root mean square angle to the truth over the movement: the recordings' own formula."""
    with np.load(path) as z:
        gref, judged = z["gref"], z["movement"] & np.isfinite(z["gref"]).all(1)
    out = run(Tilt(), recorded_blocks(path)["sensor"], 32)[:, :3].astype(float)
    up = out / np.linalg.norm(out, axis=1, keepdims=True)
    angle = np.arccos(np.clip((up * gref).sum(1), -1, 1))
    return float(np.degrees(np.sqrt(np.mean(angle[judged] ** 2))))


@pytest.fixture(scope="module")
def rmse_by_trial(recordings_dir):
    trials = sorted(recordings_dir.glob("broad_*.npz"))
    if not trials:
        pytest.skip(f"no broad_*.npz in {recordings_dir}")
    return {int(path.stem.split("_")[1]): rmse_deg(path) for path in trials}


def test_tilt_is_as_accurate_as_the_prototype(rmse_by_trial, report):
    every = float(np.mean(list(rmse_by_trial.values())))
    lifting = float(np.mean([e for trial, e in rmse_by_trial.items() if trial in LIFTING_LIKE]))
    report("tilt RMSE, mean of BROAD", f"{every:.3f} degrees, lifting-like {lifting:.3f}")
    assert every <= BOUND_ALL_DEG
    assert lifting <= BOUND_LIFTING_DEG


def test_the_ratios_to_vqf_are_kept(rmse_by_trial):
    assert rmse_by_trial.keys() == VQF_DEG.keys()
    lifting = rmse_by_trial.keys() & LIFTING_LIKE
    assert mean(rmse_by_trial, VQF_DEG) <= 0.85 * mean(VQF_DEG, VQF_DEG)
    assert mean(rmse_by_trial, lifting) <= 0.88 * mean(VQF_DEG, lifting)
    each = [rmse_by_trial[trial] / VQF_DEG[trial] for trial in VQF_DEG]
    assert np.exp(np.mean(np.log(each))) <= 0.90


def mean(errors, trials) -> float:
    return float(np.mean([errors[trial] for trial in trials]))


def test_no_trial_is_much_worse_than_vqf_unless_it_is_good(rmse_by_trial):
    poor = [t for t, error in rmse_by_trial.items() if error > max(1.3 * VQF_DEG[t], 1.0)]
    assert poor == []


# VQF 2.1.2 (real time, default) on the same samples: mean RMSE of all 17, and of the 8.
VQF_WITHOUT_REST_DEG = {0.1: (0.781, 0.548), 0.2: (0.794, 0.566), 0.5: (0.863, 0.653)}


@pytest.mark.parametrize("bias_dps", VQF_WITHOUT_REST_DEG)
def test_without_rest_an_unknown_bias_is_learnt_in_movement(recordings_dir, report, bias_dps):
    trials = sorted(recordings_dir.glob("broad_*.npz"))
    if not trials:
        pytest.skip(f"no broad_*.npz in {recordings_dir}")
    errors = {int(path.stem.split("_")[1]): rmse_without_rest(path, bias_dps) for path in trials}
    every = np.mean(list(errors.values()))
    lifting = np.mean([e for trial, e in errors.items() if trial in LIFTING_LIKE])
    report(
        f"the same, rest cut off, {bias_dps} degrees/s added",
        f"{every:.3f} degrees, lifting-like {lifting:.3f}",
    )
    vqf_every, vqf_lifting = VQF_WITHOUT_REST_DEG[bias_dps]
    assert every <= 0.92 * vqf_every
    assert lifting <= 0.97 * vqf_lifting


def rmse_without_rest(path, bias_dps) -> float:
    """Over what is judged from 30 s on, of a recording that begins with the movement."""
    with np.load(path) as z:
        begin = int(np.flatnonzero(z["movement"])[0])
        gyr, acc, t_us, gref, judged = (
            z[key][begin:] for key in ("gyr", "acc", "t_us", "gref", "movement")
        )
    judged = judged & np.isfinite(gref).all(1)
    judged[: 30 * 208] = False
    gyr = np.clip(gyr.astype(int) + round(bias_dps / DPS_PER_COUNT), -32768, 32767)
    error = errors_deg(run(Tilt(), pack_samples(gyr, acc, t_us // 25), 32), gref)
    return float(np.sqrt(np.mean(error[judged] ** 2)))
