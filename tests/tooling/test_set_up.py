"""What the set-up scripts say where something is missing: one sentence, with the remedy."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def tool_folder(tmp_path):
    """Give a folder that comes first on the PATH, and a function that puts a program there."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def put(name, text):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
        return program

    return folder, put


def run(command, folder=None, **environment):
    path = os.environ["PATH"]
    environment = {**os.environ, "MICROPYTHON": "", **environment}
    environment["PATH"] = f"{folder}:{path}" if folder else path
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def sentence(done):
    # The last line; before it a script may say what it is doing.
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) <= 2, done.stderr
    assert lines[-1].endswith(".")
    return lines[-1]


class TestSetUp:
    def run(self, root, python):
        return run([root / "tools" / "set-up", "twin"], PYTHON=str(python))

    def test_without_python(self, root):
        said = sentence(self.run(root, "python-that-is-not-there"))
        assert (
            "python-that-is-not-there is missing: run 'apt install python3 python3-venv'" in said
        )

    def test_with_an_old_python(self, root, tool_folder):
        old = tool_folder[1](
            "python3", 'case "$2" in *print*) echo 3.9.2;; *"< (3, 11)"*) exit 1;; esac'
        )
        assert "is Python 3.9.2 and 3.11 is the oldest" in sentence(self.run(root, old))

    def test_without_venv(self, root, tool_folder):
        python = tool_folder[1](
            "python3", f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
        )
        said = sentence(self.run(root, python))
        assert "cannot make a virtual environment: run 'apt install python3-venv'" in said


class TestGetMicropython:
    def get(self, root, target, folder=None, **environment):
        return run([root / "tools" / "get-micropython", target], folder, **environment)

    def test_takes_the_one_it_is_given(self, root, micropython, tmp_path):
        done = self.get(root, tmp_path / "vm", MICROPYTHON=micropython)
        assert (done.returncode, done.stdout.strip()) == (0, micropython)
        assert not (tmp_path / "vm").exists()

    @pytest.mark.parametrize("other", [sys.executable, "/bin/true", "no-such-program"])
    def test_refuses_one_that_will_not_do(self, root, tmp_path, other):
        said = sentence(self.get(root, tmp_path / "vm", MICROPYTHON=other))
        assert f"MICROPYTHON={other} is not a MicroPython 1.25 or later" in said

    def test_on_another_kind_of_machine(self, root, tmp_path, tool_folder):
        folder, put = tool_folder
        put("uname", "echo Darwin arm64")
        said = sentence(self.get(root, tmp_path / "vm", folder))
        assert "this is Darwin arm64" in said
        assert "set MICROPYTHON" in said

    def test_without_an_archive(self, root, tmp_path, tool_folder):
        folder, put = tool_folder
        put("apt-get", "exit 0")
        said = sentence(self.get(root, tmp_path / "vm", folder))
        assert "apt knows no Debian archive here; set DEBIAN_MIRROR" in said

    @pytest.mark.parametrize(
        ("fails", "message"),
        [("update", "did not answer"), ("install", "did not give MicroPython for trixie")],
    )
    def test_when_the_archive_fails_nothing_half_made_stays(
        self, root, tmp_path, tool_folder, fails, message
    ):
        folder, put = tool_folder
        put("apt-get", f'case " $* " in *" {fails} "*) exit 100;; esac')
        done = self.get(root, tmp_path / "vm", folder, DEBIAN_MIRROR="file:/nowhere")
        assert message in sentence(done)
        assert [file.name for file in (tmp_path / "vm").iterdir()] == ["log"]

    def test_what_was_left_half_made_is_not_taken_for_whole(self, root, tmp_path, tool_folder):
        folder, put = tool_folder
        put("apt-get", "exit 100")
        half = tmp_path / "vm"
        (half / "new.123" / "vm").mkdir(parents=True)
        (half / "root").mkdir()
        (half / "micropython").touch(mode=0o755)
        done = self.get(root, half, folder, DEBIAN_MIRROR="file:/nowhere")
        assert "did not answer" in sentence(done)
        assert not (half / "new.123").exists()
