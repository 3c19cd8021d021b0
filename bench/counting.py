"""Counts the instructions of a MicroPython program between the marks that it makes.

The VM runs under Debian's qemu-user with a small plugin (tools/get-qemu): a count, not a time, and
the same on every machine.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path

from bench.errors import CounterError
from bench.micropython import ROOMY_HEAP, run
from dowel_host.twin.vm import find_vm

_COUNTER = Path(".cache") / "qemu" / "count"
_LOG = "counts"
_ELF = b"\x7fELF"
_ELF_32 = 1
_LIBRARIES = ("usr/lib/i386-linux-gnu", "lib/i386-linux-gnu")


def count_between_marks(
    folder: Path, program: str, *arguments: object, heap: str = ROOMY_HEAP
) -> list[int]:
    """Run a program of a prepared folder; return the instructions from each mark to the next.

    CounterError, VmProgramError, VmMissingError.
    """
    log = folder / _LOG
    log.unlink(missing_ok=True)
    command = [find_counter(), log, *guest_command(find_vm())]
    run(folder, program, *arguments, heap=heap, vm=command)
    if not log.exists():
        raise CounterError("QEMU said nothing; run: rm -r .cache/qemu && make bench")
    counts = [int(line) for line in log.read_text().split()]
    return [after - before for before, after in pairwise(counts)]


@cache
def find_counter() -> Path:
    """Return the counting program. CounterError: set-up could not make it."""
    for folder in (Path.cwd(), *Path(__file__).resolve().parents):
        if (folder / _COUNTER).exists():
            return folder / _COUNTER
    raise CounterError("tools/get-qemu has not been run with success (it says why not)")


def guest_command(vm: Path) -> list[str | Path]:
    """Return the command that starts the VM's own program, past the script around it.

    CounterError: it is not one for 32-bit x86.
    """
    with vm.open("rb") as file:
        head = file.read(20)
    if head.startswith(_ELF):
        if head[4] != _ELF_32:
            raise CounterError(f"{vm} is no 32-bit program; unset MICROPYTHON")
        return [vm]
    root = vm.resolve().parent / "root"
    loader = next(iter(sorted(root.rglob("ld-linux.so.2"))), None)
    if loader is None:
        raise CounterError(f"{vm} is a script of unknown kind; unset MICROPYTHON")
    libraries = ":".join(str(root / one) for one in _LIBRARIES)
    return [loader, "--library-path", libraries, root / "usr" / "bin" / "micropython"]
