"""Errors are counted as the recordings' description says, and ratios are those of the means."""

import numpy as np
import pytest

from bench.score import groups, means, poor, ratios, rmse_deg, worst
from bench.trial import is_lifting_like

ERRORS = {
    "broad_01_slow": {"vqf": 1.0, "dowel": 0.5},
    "broad_06_fast": {"vqf": 3.0, "dowel": 3.0},
    "broad_32_magnet": {"vqf": 2.0, "dowel": 1.0},
}


def described_rmse_deg(up, z):
    """The recordings' own words."""
    m = z["movement"] & np.isfinite(z["gref"]).all(1)
    return np.degrees(np.sqrt(np.mean(np.arccos(np.clip((up * z["gref"]).sum(1), -1, 1))[m] ** 2)))


def test_error_is_that_of_the_description(simulated, trial):
    arrays = simulated(8)
    arrays["gref"][1500:1520] = np.nan
    rng = np.random.default_rng(3)
    up = arrays["gref"] + rng.normal(0, 0.02, arrays["gref"].shape)
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    one = trial(arrays)
    one.judged[:] &= np.isfinite(arrays["gref"]).all(1)
    assert rmse_deg(up, one) == pytest.approx(described_rmse_deg(up, arrays), abs=1e-9)
    assert 1 < rmse_deg(up, one) < 3


def test_error_of_the_truth_turned_by_a_degree(simulated, trial):
    arrays = simulated(8)
    one = trial(arrays)
    one.up[:] = (0, 0, 1)
    tilted = np.tile((np.sin(np.radians(1)), 0, np.cos(np.radians(1))), (len(one.up), 1))
    assert rmse_deg(tilted, one) == pytest.approx(1.0)


def test_rest_is_not_judged(simulated, trial):
    arrays = simulated(8)
    up = arrays["gref"].astype(float)
    up[~arrays["movement"]] *= -1
    assert rmse_deg(up, trial(arrays)) < 0.05


def test_ratio_is_that_of_the_means():
    assert means(ERRORS)["all"] == {"vqf": 2.0, "dowel": 1.5}
    assert means(ERRORS)["lifting_like"] == {"vqf": 1.5, "dowel": 0.75}
    found = ratios(ERRORS, "dowel")
    assert found["all"] == pytest.approx(0.75)
    assert found["lifting_like"] == pytest.approx(0.5)


def test_geometric_ratio_is_over_the_trials():
    assert ratios(ERRORS, "dowel")["geometric"] == pytest.approx((0.5 * 1.0 * 0.5) ** (1 / 3))


def test_worst_trial_is_by_ratio_not_by_error():
    errors = {**ERRORS, "broad_02_slow": {"vqf": 0.1, "dowel": 0.2}}
    assert worst(errors, "dowel") == ("broad_02_slow", 2.0)


def test_a_folder_without_lifting_like_names_has_one_group():
    errors = {"stick": {"vqf": 1.0, "dowel": 0.9}}
    assert groups(errors) == {"all": ["stick"]}
    assert set(ratios(errors, "dowel")) == {"all", "geometric"}


@pytest.mark.parametrize(
    ("name", "lifting"),
    [
        ("broad_01_undisturbed_slow_rotation_A", True),
        ("broad_05_x", True),
        ("broad_06_x", False),
        ("broad_13_x", False),
        ("broad_14_x", True),
        ("broad_31_x", False),
        ("36_disturbed_attached_magnet_5cm", True),
        ("stick_01_x", False),
        ("person", False),
    ],
)
def test_lifting_like_goes_by_the_number_of_a_broad_trial(name, lifting):
    assert is_lifting_like(name) is lifting


def test_fourteen_of_broads_trials_are_lifting_like():
    assert sum(is_lifting_like(f"broad_{number:02}_x") for number in range(1, 40)) == 14


def test_a_trial_is_poor_where_it_is_much_worse_than_vqf_and_not_good() -> None:
    errors = {
        "equal": {"vqf": 2.0, "dowel": 2.0},
        "good": {"vqf": 0.5, "dowel": 0.99},
        "poor": {"vqf": 0.5, "dowel": 1.0},
        "large": {"vqf": 2.0, "dowel": 2.61},
        "near": {"vqf": 2.0, "dowel": 2.59},
    }
    assert poor(errors, "dowel") == ["poor", "large"]
