"""Runs the bench's programs on the MicroPython VM beside the firmware's core, without a board."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.errors import VmProgramError
from dowel_host.firmware_files import firmware_files
from dowel_host.twin.vm import find_vm

PROGRAMS = Path(__file__).parent / "vm"
_CORE = ("dowel/__init__.py", "dowel/core/")
ROOMY_HEAP = "16m"
_TIMEOUT_S = 600


def prepare(folder: Path) -> None:
    """Put the core and the bench's programs into a folder."""
    for path, content in firmware_files().items():
        if path.startswith(_CORE):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for program in PROGRAMS.glob("*.py"):
        shutil.copy(program, folder)


def run(
    folder: Path,
    program: str,
    *arguments: object,
    heap: str = ROOMY_HEAP,
    vm: Sequence[str | Path] = (),
) -> list[list[str]]:
    """Run a program of a prepared folder; return the words of the lines it printed.

    heap: its size as MicroPython writes it. vm: the command to run instead of the VM.
    VmProgramError, VmMissingError.
    """
    command = [*(vm or [find_vm()]), "-X", f"heapsize={heap}", program, *arguments]
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise VmProgramError(program, done.stdout + done.stderr)
    return [line.split() for line in done.stdout.splitlines()]
