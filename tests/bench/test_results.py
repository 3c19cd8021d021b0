"""What is compared with what."""

import pytest

from bench.ours import NOMINAL
from bench.results import Results, add_cold, add_scaled
from bench.scale import ScaleOfSensor


class Watched(ScaleOfSensor):
    """Notes what it has to leave out."""

    def __init__(self, sensors):
        super().__init__(sensors)
        self.left_out = []

    def learnt(self, *, without=()):
        self.left_out.append(set(without))
        return super().learnt(without=without)


@pytest.fixture(scope="module")
def two(simulated, trial):
    return [trial(simulated(45, seed), f"trial_{seed}") for seed in range(2)]


def empty(trials):
    return Results({trial.name: {} for trial in trials})


def test_a_trial_is_left_out_of_its_own_learning(two):
    watched = Watched([])
    results = empty(two)
    add_scaled(results, two, {"sensor": watched})
    wanted = [{trial.name, trial.sensor.digest} for trial in two]
    assert [one for one in watched.left_out if one] == wanted
    assert all(set(errors) == {"dowel_scaled", "vqf_scaled"} for errors in results.errors.values())
    assert results.learnt["sensor"].scale == NOMINAL


def test_a_site_that_was_not_learnt_stays_nominal(two):
    other, same = empty(two), empty(two)
    add_scaled(other, two, {"t12": Watched([])})
    add_scaled(same, two, {})
    assert other.errors == same.errors


def test_cold_starts_are_of_our_filter_and_vqf(two, simulated, trial):
    short = trial(simulated(20), "short")
    results = empty([*two, short])
    add_cold(results, [*two, short])
    assert set(results.cold) == {0.1, -0.1, 0.2, -0.2, 0.5, -0.5}
    for errors in results.cold.values():
        assert set(errors) == {"trial_0", "trial_1"}
        assert all(set(one) == {"dowel", "vqf"} for one in errors.values())
