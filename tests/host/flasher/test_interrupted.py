"""Flashing that is killed: what is left is never started half, and the next run finishes."""

import random
import subprocess
import sys

from dowel_host.flasher.install import flash
from dowel_host.flasher.link import BoardLink
from dowel_host.twin.flash import BLOCK_BYTES, Flash
from dowel_host.twin.repl import SerialRepl
from twin.repl.wire import Wire

from .conftest import FEW, Running, files_on, of_firmware

KILLS = 10
# Kills itself in the middle of its N-th write to the port: half of the bytes are gone out.
DYING = """
import os, signal, sys
import serial
from dowel_host.firmware_files import firmware_files
from dowel_host.flasher.install import flash
from dowel_host.flasher.link import BoardLink

port, at = sys.argv[1], int(sys.argv[2])
sources = firmware_files()
few = {path: sources[path] for path in sys.argv[3:]}
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
    flash(link, sources=few)
print(count)
"""


def run_dying(board, at):
    """Return the number of writes, or None if it was killed."""
    done = subprocess.run(
        [sys.executable, "-c", DYING, board.port, str(at), *FEW],
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


def power_cycle(chip, firmware):
    """Let the board start with what it has."""
    starts = len(firmware.images)
    with SerialRepl(chip, main=firmware) as board:
        wire = Wire(board.port)
        got = b""
        while len(firmware.images) == starts and not got.endswith(b">>> "):
            wire.serial.write(b"\r")
            got += wire.serial.read(1000)
        wire.close()


def test_killed_at_random_moments_it_finishes_at_last(micropython, older, few, report):
    chip, trial, new = Flash(None), Flash(None), Flash(None)
    put(chip, older)
    put(new, few)
    wholes = [of_firmware(files_on(chip)), of_firmware(files_on(new))]
    before = chip.read(0, 0, chip.blocks * BLOCK_BYTES)
    trial.load(before)
    with SerialRepl(trial, main=Running(trial)) as board:
        writes = run_dying(board, 0)
        assert writes is not None
    moments = random.Random(7).sample(range(1, writes), KILLS // 2)
    # The second half of the moments is where the last files come.
    moments += random.Random(8).sample(range(writes * 3 // 4, writes), KILLS - len(moments))
    firmware = Running(chip)
    killed = 0
    for number, moment in enumerate(moments):
        if number % 3 == 0:  # else the next run meets what the last one left
            chip.load(before)
        with SerialRepl(chip, main=firmware) as board:
            killed += run_dying(board, moment) is None
            if number % 2:  # twice without a power cycle
                killed += run_dying(board, moment // 2) is None
        power_cycle(chip, firmware)
    with SerialRepl(chip, main=firmware) as board, BoardLink(board.port, watch_s=0.1) as link:
        done = flash(link, sources=few)
    assert killed >= KILLS
    assert done.version == "0.1.0"
    assert of_firmware(files_on(chip)) == wholes[1]
    for image in {image.read(0, 0, len(before)): image for image in firmware.images}.values():
        assert of_firmware(files_on(image)) in wholes, "half a firmware was started"
    report("flashing killed", f"{killed} times, started whole {len(firmware.images)} times")
