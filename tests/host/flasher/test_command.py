"""`dowel flash` as a user runs it."""

import subprocess
import sys

from dowel_host.flasher import ports

from .conftest import on_a_board


def dowel(*words):
    return subprocess.run(
        [sys.executable, "-m", "dowel_host", "flash", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_board(board, firmware, sources):
    done = dowel("--port", board.port)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"Dowel 0.1.0 runs on ESP32-S3-DevKitC-1 at {board.port}: "
        f"{len(sources)} files copied, 0 were up to date, 0 removed.\n"
    )
    assert "Generic ESP32S3 module with ESP32S3" in done.stderr
    assert "The board prints: dowel: ready" in done.stderr
    assert set(firmware.started_on()) == on_a_board(sources)


def test_what_goes_wrong_is_one_sentence_and_status_2(board):
    for words in (("--port", "/dev/ttyNONE"), ("--port", board.port, "--board", "feather")):
        done = dowel(*words)
        assert (done.returncode, done.stdout) == (2, "")
        last = done.stderr.splitlines()[-1]
        assert last.startswith("dowel: ")
        assert "Traceback" not in done.stderr


def test_the_list_of_ports_changes_nothing():
    done = dowel("--list")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        port.device for port in ports.usb_ports()
    ]
