"""The command line from outside: bad input ends in one sentence and status 2."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


def dowel(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "dowel_host", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'host'}{os.pathsep}{ROOT / 'firmware'}"}
        | environment,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Check the form of a refusal and return its sentence."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("dowel: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.rstrip().endswith(".")
    return done.stderr.strip()


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """A recording of two seconds of rest, two sites."""
    samples = 416
    acc = np.tile(np.array([0, 4098, 0], np.int16), (samples, 1))
    path = tmp_path / "still.npz"
    np.savez_compressed(
        path,
        t_us=(np.arange(samples) * 4808).astype(np.int32),
        fs=np.float64(208),
        acc_pelvis=acc,
        gyr_pelvis=np.zeros_like(acc),
        acc_t12=acc,
        gyr_t12=np.zeros_like(acc),
    )
    return path


@pytest.mark.parametrize("command", [("replay",), ("demo", "--fast", "--recording")])
class TestRecordings:
    def test_a_missing_file_is_named(self, command, tmp_path) -> None:
        said = one_sentence(dowel(*command, str(tmp_path / "none.npz")))
        assert "none.npz" in said

    def test_a_folder_is_no_recording(self, command, tmp_path) -> None:
        assert "folder" in one_sentence(dowel(*command, str(tmp_path)))

    def test_an_empty_file_is_no_recording(self, command, tmp_path) -> None:
        empty = tmp_path / "empty.npz"
        empty.touch()
        assert "empty" in one_sentence(dowel(*command, str(empty)))

    def test_a_cut_file_is_refused(self, command, still) -> None:
        still.write_bytes(still.read_bytes()[:300])
        one_sentence(dowel(*command, str(still)))

    def test_wrong_shapes_are_refused_by_name(self, command, tmp_path) -> None:
        path = tmp_path / "wrong.npz"
        np.savez(
            path,
            t_us=np.arange(10, dtype=np.int32),
            fs=208.0,
            acc=np.zeros((10, 2), np.int16),
            gyr=np.zeros((10, 3), np.int16),
        )
        assert "acc" in one_sentence(dowel(*command, str(path)))

    def test_an_unknown_site_is_answered_with_the_sites_there_are(self, command, still) -> None:
        said = one_sentence(dowel(*command, str(still), "--upper", "head"))
        assert "head" in said
        assert "pelvis" in said
        assert "t12" in said

    def test_no_vm_is_said_with_the_way_to_get_one(self, command, still) -> None:
        said = one_sentence(dowel(*command, str(still), MICROPYTHON="/nowhere/micropython"))
        assert "/nowhere/micropython" in said


@pytest.mark.parametrize(
    "text", ["radio", "radio:", "radio:0", "radio:-1", "kitchen:3", "radio:x"]
)
def test_a_drop_that_cannot_be_is_refused(text: str) -> None:
    assert "STATION:N" in one_sentence(dowel("demo", "--fast", "--drop", text))


@pytest.mark.parametrize("device", ["", "twin:", "tcp:host", "somewhere"])
def test_a_device_that_cannot_be_is_refused(device: str) -> None:
    assert "--device" in one_sentence(dowel("live", "--device", device))


def test_no_bluetooth_adapter_is_said_with_the_remedy() -> None:
    said = one_sentence(dowel("live", "--device", "ble:", DBUS_SYSTEM_BUS_ADDRESS="unix:path=/no"))
    assert "Bluetooth" in said


def test_an_unknown_option_is_a_usage_error() -> None:
    done = dowel("demo", "--quick")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_replay_prints_one_document_and_nothing_else(still) -> None:
    done = dowel("replay", str(still), "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["counts"] == {"samples": 416, "gaps": 0, "saturated": 0}
    assert set(document["sensors"]) == {"pelvis", "t12"}
    assert document["sensors"]["t12"]["tilt_rmse_deg"] is None
    assert document["reps"] == document["cues"] == []


def test_demo_prints_one_document_and_nothing_else(still) -> None:
    done = dowel("demo", "--fast", "--recording", str(still), "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert list(document) == ["reps", "cues", "stations", "lost", "board_s", "wall_s"]
    assert list(document["stations"]) == ["chip", "driver", "core", "link", "radio", "receiver"]
    assert document["reps"] == document["cues"] == document["lost"] == 0
    assert done.stderr == ""
