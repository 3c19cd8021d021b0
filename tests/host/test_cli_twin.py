"""`dowel twin` and `--radio` from outside: what cannot be is refused in one sentence."""

import socket
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from twin.repl.wire import Wire
from twin.twin_process import TwinProcess, dowel

NO_VM = {"MICROPYTHON": "/nowhere/micropython"}


def refusal(*arguments, **environment):
    """The one sentence of a command that was refused."""
    done = dowel(*arguments, **environment)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("dowel: ")
    assert done.stderr.endswith(".\n")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.fixture
def still(tmp_path):
    """Give the path of a recording of half a second of rest."""
    acc = np.tile(np.array([0, 4098, 0], np.int16), (104, 1))
    arrays: dict[str, Any] = {
        "acc_pelvis": acc,
        "gyr_pelvis": 0 * acc,
        "acc_t12": acc,
        "gyr_t12": 0 * acc,
    }
    t_us = (np.arange(104) * 4808).astype(np.int32)
    path = tmp_path / "still.npz"
    np.savez(path, t_us=t_us, fs=208.0, **arrays)
    return path


class TestRecording:
    def test_one_that_is_not_there_is_named(self, tmp_path):
        assert "none.npz does not exist" in refusal("twin", tmp_path / "none.npz")

    def test_what_is_none_is_told(self, tmp_path):
        (tmp_path / "text.npz").write_text("no recording")
        assert "is no recording" in refusal("twin", tmp_path / "text.npz")

    def test_an_unknown_site_is_answered_with_those_there_are(self, still):
        assert "pelvis, t12" in refusal("twin", still, "--lower", "knee")


class TestMachine:
    def test_no_vm_is_said_with_the_way_to_get_one(self, still):
        for arguments in ((), (still,)):
            assert "/nowhere/micropython" in refusal("twin", *arguments, **NO_VM)

    def test_a_port_in_use_is_said_with_the_way_round_it(self, micropython):
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = other.getsockname()[1]
            said = refusal("twin", "--hci-port", port)
        assert f"Port {port} of 127.0.0.1 cannot be had (Address already in use)" in said
        assert "choose another with --hci-port" in said

    def test_a_port_that_cannot_be_is_a_usage_error(self):
        done = dowel("twin", "--hci-port", 70000)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


class TestOwnModules:
    def test_only_some_can_be_left_out(self, micropython):
        said = refusal("twin", "--own", "time")
        assert "--own time: only bluetooth and machine can be left out" in said

    def test_a_build_without_one_is_refused(self, micropython, tmp_path):
        said = refusal("twin", "--own", "bluetooth", MICROPYPATH=str(tmp_path))
        assert "no module named 'bluetooth'" in said
        assert "MICROPYTHON=PATH" in said

    def test_what_is_lost_with_ours_is_said(self, micropython, tmp_path):
        for name in ("bluetooth", "machine"):
            (tmp_path / f"{name}.py").write_text("class Timer:\n    pass\n")
        own = ("--own", "bluetooth", "--own", "machine")
        with TwinProcess(*own, MICROPYPATH=str(tmp_path)) as twin:
            assert (twin.name, twin.radio) == ("-", "-")
            with closing(Wire(twin.serial)) as wire:
                # The firmware itself runs, and fails where the build's module does.
                said = wire.send(b"", b">>> ")
            status, _, notes = twin.end()
        assert b"in <module>" in said
        assert b"AttributeError" in said
        assert status == 0
        assert "Bluetooth is the build's own: no name, no radio" in notes
        assert "machine is the build's own: nobody wears its sensors" in notes
        assert "The firmware's VM ended with status 1 (AttributeError" in notes


@pytest.mark.parametrize("command", [("scan",), ("live", "--device", "ble:")])
class TestRadio:
    def test_a_name_that_names_none_is_refused(self, command):
        said = refusal(*command, "--radio", "nonsense")
        assert "--radio nonsense: no such radio" in said

    def test_where_nothing_listens_it_says_what_to_start(self, command):
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = other.getsockname()[1]
        said = refusal(*command, "--radio", f"tcp-client:127.0.0.1:{port}")
        assert "nothing listens there; start `dowel twin`" in said
