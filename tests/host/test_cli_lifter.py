"""`dowel lifter` from outside."""

import sys

import pytest
from typer.testing import CliRunner

from dowel_host.cli import app
from dowel_host.errors import DowelError, MissingExtraError
from dowel_host.recording_file import load_recording


def run(*arguments):
    return CliRunner().invoke(app, ["lifter", *arguments], catch_exceptions=True)


def test_it_writes_a_recording_with_its_truth(tmp_path):
    out = tmp_path / "person.npz"
    done = run(
        "--seed", "3", "--lift", "deadlift", "--sets", "2", "--reps", "3", "--rest", "4",
        "--out", str(out),
    )  # fmt: skip
    assert done.exit_code == 0
    truth = load_recording(out).truth
    assert truth["rep_set"].tolist() == [1, 1, 1, 2, 2, 2]
    assert set(truth["rep_label"].tolist()) == {"deadlift"}


@pytest.mark.parametrize(
    ("option", "value", "names"),
    [
        ("--lift", "curl", "dowel_drill"),
        ("--sets", "0", "from 1 to 100"),
        ("--reps", "1000", "from 1 to 100"),
        ("--seed", "-1", "from 0"),
        ("--minutes", "nan", "from 0.1"),
        ("--rest", "0", "from 2"),
    ],
)
def test_bad_input_is_one_sentence(option, value, names, tmp_path):
    out = tmp_path / "person.npz"
    done = run(option, value, "--out", str(out))
    assert isinstance(done.exception, DowelError)
    assert option in str(done.exception)
    assert names in str(done.exception)
    assert str(done.exception).endswith(".")
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    done = run("--sets", "1", "--reps", "1", "--out", str(tmp_path / "no" / "person.npz"))
    assert isinstance(done.exception, DowelError)
    assert "cannot be written" in str(done.exception)


def test_a_missing_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "dowel_host.recording_file", None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    for name in list(sys.modules):
        if name.startswith("dowel_host.twin.lifter") or name == "dowel_host.recording_file":
            monkeypatch.delitem(sys.modules, name)
    done = run("--out", str(tmp_path / "person.npz"))
    assert isinstance(done.exception, MissingExtraError)
    assert "twin" in str(done.exception)
