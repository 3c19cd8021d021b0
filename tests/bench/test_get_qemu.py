"""What the fetching of the counter says where something is missing: one sentence."""

import os
import subprocess

import pytest


@pytest.fixture
def get(root, tmp_path):
    """Give a function that runs tools/get-qemu with programs of its own first on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def run(programs, **environment):
        for name, text in programs.items():
            (folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / name).chmod(0o755)
        path = f"{folder}:{os.environ['PATH']}"
        done = subprocess.run(
            [root / "tools" / "get-qemu", tmp_path / "qemu"],
            env={**os.environ, **environment, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        sentence = done.stderr.strip().splitlines()[-1]
        assert sentence.startswith("get-qemu: ")
        assert sentence.endswith("instructions stay uncounted without it.")
        return sentence, sorted(path.name for path in (tmp_path / "qemu").iterdir())

    return run


def test_on_another_kind_of_machine(get):
    sentence, left = get({"uname": "echo Darwin arm64"})
    assert "this is Darwin arm64 and the counter needs Linux x86_64" in sentence
    assert left == []


def test_without_an_archive(get):
    assert "set DEBIAN_MIRROR to the address of one" in get({"apt-get": "exit 0"})[0]


@pytest.mark.parametrize(
    ("fails", "message"),
    [("update", "did not answer"), ("install", "did not give qemu-user and tcc for bookworm")],
)
def test_when_the_archive_fails_nothing_half_made_stays(get, fails, message):
    sentence, left = get(
        {"apt-get": f'case " $* " in *" {fails} "*) exit 100;; esac'},
        DEBIAN_MIRROR="file:/nowhere",
    )
    assert message in sentence
    assert left == ["log"]


def test_what_is_there_is_not_fetched_again(root, counter):
    done = subprocess.run(
        [root / "tools" / "get-qemu", counter.parent],
        env={**os.environ, "DEBIAN_MIRROR": "file:/nowhere"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == (str(counter), "")
