"""Any folder of recordings will do; what cannot be judged is left out with a sentence."""

import numpy as np
import pytest

from bench.errors import FolderError
from bench.trial import load_sensors, load_trials


def without(arrays, *keys):
    return {key: value for key, value in arrays.items() if key not in keys}


def as_sites(arrays, *sites):
    several = without(arrays, "acc", "gyr")
    for site in sites:
        several |= {f"acc_{site}": arrays["acc"], f"gyr_{site}": arrays["gyr"]}
    return several


def test_a_recording_with_reference_is_a_trial(folder, simulated):
    place, put = folder
    arrays = simulated(8)
    put("one", arrays)
    (one,), skipped = load_trials(place)
    assert (one.name, one.sensor.site, skipped) == ("one", "sensor", [])
    assert (one.sensor.gyr == arrays["gyr"]).all()
    assert one.judged.sum() == arrays["movement"].sum()


def test_a_single_named_site_is_judged_too(folder, simulated):
    place, put = folder
    put("back", as_sites(simulated(8), "back"))
    (one,), skipped = load_trials(place)
    assert (one.sensor.site, skipped) == ("back", [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda z: without(z, "gref"), "it has no reference"),
        (lambda z: as_sites(z, "pelvis", "t12"), "one reference for 2 sensors"),
        (lambda z: z | {"movement": np.zeros(len(z["t_us"]), bool)}, "missing wherever it moves"),
        (lambda z: z | {"fs": np.asarray(104.0)}, "it has 104 Hz and the filter is for 208"),
        (lambda z: without(z, "t_us"), "has no 't_us'"),
    ],
)
def test_what_cannot_be_judged_is_skipped_with_a_sentence(folder, simulated, change, reason):
    place, put = folder
    put("good", simulated(8))
    put("other", change(simulated(8)))
    trials, (sentence,) = load_trials(place)
    assert [one.name for one in trials] == ["good"]
    assert sentence.startswith("other is skipped:")
    assert reason in sentence
    assert sentence.endswith(".")


def test_a_damaged_file_is_skipped(folder, simulated):
    place, put = folder
    put("good", simulated(8))
    whole = (place / "good.npz").read_bytes()
    (place / "cut.npz").write_bytes(whole[: len(whole) // 2])
    trials, (sentence,) = load_trials(place)
    assert len(trials) == 1
    assert "cut is skipped" in sentence


def test_samples_without_reference_are_not_judged(folder, simulated):
    place, put = folder
    arrays = simulated(8)
    arrays["gref"][1200:1300] = np.nan
    put("one", arrays)
    (one,), _ = load_trials(place)
    assert not one.judged[1200:1300].any()


def test_learning_takes_every_sensor_and_needs_no_reference(folder, simulated):
    place, put = folder
    put("person", as_sites(without(simulated(8), "gref", "movement"), "pelvis", "t12", "c7"))
    sensors, skipped = load_sensors(place)
    assert sorted(one.site for one in sensors) == ["c7", "pelvis", "t12"]
    assert skipped == []


@pytest.mark.parametrize("load", [load_trials, load_sensors])
def test_a_folder_without_recordings(load, tmp_path):
    with pytest.raises(FolderError, match="holds no recording"):
        load(tmp_path)
    with pytest.raises(FolderError, match="is no folder"):
        load(tmp_path / "nowhere")


def test_a_sensor_as_a_block_is_what_the_core_takes(simulated, sensor):
    arrays = simulated(8)
    words = np.frombuffer(sensor(arrays).block(), "<i2").reshape(-1, 8)
    assert (words[:, :3] == arrays["gyr"]).all()
    assert (words[:, 3:6] == arrays["acc"]).all()
    ticks = np.frombuffer(sensor(arrays).block(), "<u4").reshape(-1, 4)[:, 3]
    assert (ticks == arrays["t_us"] // 25).all()
