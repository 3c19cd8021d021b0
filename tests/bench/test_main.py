"""The command: any folder, one document, one sentence where something is wrong."""

import json
import subprocess
import sys

import numpy as np
import pytest


def bench(root, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "bench", *map(str, arguments)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def done(root, tmp_path_factory, simulated):
    """A run over two recordings and two that are left out, scale learnt from the same."""
    place = tmp_path_factory.mktemp("recordings")
    for seed, name in enumerate(("broad_01_made", "stick")):
        np.savez(place / f"{name}.npz", **simulated(45, seed))
    mute = simulated(8)
    del mute["gref"]
    np.savez(place / "mute.npz", **mute)
    (place / "empty.npz").touch()
    out = place / "out.json"
    run = bench(root, "--data", place, "--json", out, "--scale-from", place)
    assert run.returncode == 0, run.stderr
    return run, json.loads(out.read_text())


def test_document_has_what_can_be_judged(done):
    tilt = done[1]["tilt"]
    assert set(tilt["trials"]) == {"broad_01_made", "stick"}
    for trial in tilt["trials"].values():
        assert {"dowel", "vqf", "madgwick", "mahony", "imufusion"} <= set(trial)
        assert all(0 < error < 10 for error in trial.values())
    assert set(done[1]["cost"]) == {"dowel", "madgwick"}


def test_tables_are_printed_and_what_is_left_out_is_named(done):
    text = done[0].stdout
    assert "mute is skipped: it has no reference (gref)." in text
    assert "empty is skipped:" in text
    assert "RMSE of inclination, degrees" in text
    assert "VM and CPython gave the same integers" in text
    assert "Gyro scale learnt from gravity alone" in text
    assert "rest cut off, from 30 s on" in text
    assert "bursts of 4" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--data", "/nowhere"), "/nowhere is no folder"),
        (("--data", "tools"), "tools holds no recording that can be judged"),
        (("--json", "/nowhere/out.json"), "lies in a folder that does not exist"),
    ],
)
def test_one_sentence_where_something_is_wrong(root, arguments, said):
    run = bench(root, *arguments)
    assert run.returncode == 2
    (sentence,) = run.stderr.splitlines()
    assert sentence.startswith("bench: ")
    assert said in sentence
    assert sentence.endswith(".")
