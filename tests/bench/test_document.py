"""The results as JSON, in the form that the recordings' description gives, and as tables."""

import json

import pytest

from bench import report
from bench.cost import Cost
from bench.document import check_place, document, save
from bench.errors import FolderError
from bench.results import Results
from bench.scale import ScaleOfSensor

FILTERS = {"dowel", "vqf", "madgwick", "mahony", "imufusion"}
COSTS = {
    "dowel": Cost({4: 2594.9, 16: 1632.3}, 0.0, 104.0, 87.1234567, {"xtensawin": 9, "rv32imc": 8}),
    "madgwick": Cost(None, 1872.0, 9000.0, 1.0, {"xtensawin": 7, "rv32imc": 6}),
}


def trial(vqf, dowel, **more):
    return {
        "vqf": vqf,
        "dowel": dowel,
        "dowel_cpython": dowel,
        "madgwick": 2.0,
        "mahony": 3.0,
        "imufusion": 4.0,
        "imufusion_default": 5.0,
        **more,
    }


def plain():
    return Results({"broad_01_a": trial(1.0, 0.5), "broad_06_b": trial(3.0, 3.0)})


def scaled():
    return Results(
        {
            "broad_01_a": trial(1.0, 0.5, vqf_scaled=0.9, dowel_scaled=0.4),
            "broad_06_b": trial(3.0, 3.0, vqf_scaled=2.9, dowel_scaled=2.0),
        }
    )


def test_tilt_part():
    tilt = document(plain(), COSTS)["tilt"]
    assert set(tilt) == {"trials", "mean", "ratio_to_vqf"}
    assert set(tilt["trials"]) == {"broad_01_a", "broad_06_b"}
    assert all(set(one) == FILTERS for one in tilt["trials"].values())
    assert set(tilt["mean"]) == {"all", "lifting_like"}
    assert tilt["mean"]["all"] == {
        "vqf": 2.0,
        "dowel": 1.75,
        "madgwick": 2.0,
        "mahony": 3.0,
        "imufusion": 4.0,
    }
    assert tilt["ratio_to_vqf"] == {
        "all": 0.875,
        "lifting_like": 0.5,
        "geometric": pytest.approx(0.5**0.5, abs=1e-6),
    }


def test_cost_part():
    cost = document(plain(), COSTS)["cost"]
    assert cost["dowel"] == {
        "instructions_per_sample": {"4": 2595, "16": 1632},
        "time_ratio": 87.123457,
        "heap_bytes": 0,
        "code_bytes": {"xtensawin": 9, "rv32imc": 8},
    }
    assert "instructions_per_sample" not in cost["madgwick"]


def test_scaled_ratio_is_to_vqf_as_it_comes():
    tilt = document(scaled(), COSTS)["tilt"]
    assert all(set(one) == FILTERS | {"dowel_scaled"} for one in tilt["trials"].values())
    assert tilt["ratio_to_vqf_scaled"]["all"] == pytest.approx(1.2 / 2.0)
    assert tilt["ratio_to_vqf_scaled"]["lifting_like"] == pytest.approx(0.4)
    assert tilt["ratio_to_vqf"]["all"] == 0.875


def test_a_folder_without_lifting_like_names():
    tilt = document(Results({"stick": trial(1.0, 0.9)}), COSTS)["tilt"]
    assert set(tilt["mean"]) == {"all"}
    assert "lifting_like" not in tilt["ratio_to_vqf"]


def test_saved_document_is_json(tmp_path):
    content = document(plain(), COSTS)
    save(tmp_path / "out.json", content)
    assert json.loads((tmp_path / "out.json").read_text()) == content
    assert [one.name for one in tmp_path.iterdir()] == ["out.json"]


def test_a_place_that_will_not_do_is_named_before_the_work(tmp_path):
    for place in (tmp_path, tmp_path / "no" / "out.json"):
        with pytest.raises(FolderError, match="name a file with JSON=FILE"):
            check_place(place)
    check_place(tmp_path / "out.json")


def test_table_for_people(simulated, sensor):
    results = scaled()
    results.cold = {0.1: {"broad_01_a": {"vqf": 1.0, "dowel": 0.8}}}
    results.learnt = {"sensor": ScaleOfSensor([sensor(simulated(40))]).learnt()}
    text = report.tilt(results)
    assert "broad_01_a *" in text
    assert "broad_06_b *" not in text
    assert "ratio to VQF, dowel: of the means 0.875, lifting-like 0.500, geometric 0.707" in text
    assert "worst 1.00 (broad_06_b)" in text
    assert "ratio to VQF, dowel_scaled: of the means 0.600" in text
    assert "+0.1 degrees/s added" in report.cold(results)
    assert "0.800" in report.cold(results)
    assert "sensor, 1 recordings: 65" in report.learnt(results)
    assert "2,595  not counted" in report.cost(COSTS)


def test_sentences_are_not_repeated():
    assert report.sentences(["One.", "Two.", "One."]) == "One.\nTwo."
