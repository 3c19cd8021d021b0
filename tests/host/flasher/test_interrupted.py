"""Flashing that is killed: what is left is never started half, and the next run finishes."""

import random
import subprocess
import sys

from dowel_host.flasher.install import flash
from dowel_host.flasher.link import BoardLink
from dowel_host.twin.flash import Flash
from dowel_host.twin.repl import SerialRepl

from .conftest import Running, files_on, of_firmware

KILLS = 10
# Kills itself in the middle of its N-th write to the port: half of the bytes are gone out.
DYING = """
import os, signal, sys
import serial
from dowel_host.flasher.install import flash
from dowel_host.flasher.link import BoardLink

port, at = sys.argv[1], int(sys.argv[2])
write = serial.Serial.write
count = 0

def counted(self, data):
    global count
    count += 1
    if count == at:
        write(self, data[: (len(data) + 1) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    return write(self, data)

serial.Serial.write = counted
with BoardLink(port, watch_s=0.1) as link:
    flash(link)
print(count)
"""


def run_dying(board, at):
    """Return the number of writes, or None if it was killed."""
    done = subprocess.run(
        [sys.executable, "-c", DYING, board.port, str(at)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr
    return int(done.stdout) if done.returncode == 0 else None


def put(chip, sources):
    with SerialRepl(chip, main=Running(chip)) as board, BoardLink(board.port, watch_s=0.1) as link:
        flash(link, sources=sources)


def test_killed_at_random_moments_it_finishes_at_last(micropython, older, report):
    old, new = Flash(None), Flash(None)
    put(old, older)
    put(new, None)
    wholes = [of_firmware(files_on(chip)) for chip in (old, new)]
    chip, firmware = old, Running(old)
    with SerialRepl(new, main=Running(new)) as board:
        fewest = run_dying(board, 0)
        assert fewest is not None
    moments = random.Random(7)
    # The first writes are questions: most kills come where something changes.
    kills = [moments.randrange(fewest * 2 // 3, fewest + 20) for _ in range(KILLS - 2)]
    kills += [3, fewest // 2]
    moments.shuffle(kills)
    killed = 0
    for number, at in enumerate(kills):
        # Switched off and on after every other kill; else the next run meets what the last left.
        with SerialRepl(chip, main=firmware) as board:
            for moment in (at, at + 1)[: 1 + number % 2]:
                killed += run_dying(board, moment) is None
    with SerialRepl(chip, main=firmware) as board, BoardLink(board.port, watch_s=0.1) as link:
        done = flash(link)
    assert killed >= KILLS // 2
    assert done.version == "0.1.0"
    assert of_firmware(files_on(chip)) == wholes[1]
    for started_on in firmware.started_on:
        assert of_firmware(started_on) in wholes, "half a firmware was started"
    report("flashing killed", f"{killed} times, started whole {len(firmware.started_on)} times")
