"""What has to change on a board, found before anything is changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from dowel_host.flasher.board import BoardInfo, FileOnBoard
from dowel_host.flasher.build import START_FILES

# What MicroPython runs at start, in that order.
START = tuple(f"/{name}" for name in START_FILES)
# They come under another name first: half of one must never be run.
ARRIVING = ".new"
ARRIVING_FILES = tuple(path + ARRIVING for path in START)
# The choice of a board's pins (dowel/boards/__init__.py).
CHOICE = "/board.txt"
OUR_FOLDER = "/dowel"
# Only these are ours to remove: settings, calibration and the log of reps have other names.
_OUR_SUFFIXES = (".py", ".mpy")
# Blocks that littlefs needs besides the files': pairs for changed folders, room to move in.
_SPARE_BLOCKS = 4
_FOLDER_BLOCKS = 2


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Plan:
    """What is to be on the board, {path: content}, and what has to be done for it, paths.

    start: the files that MicroPython runs by itself, in its order; wanted: all others.
    """

    wanted: dict[str, bytes]
    start: dict[str, bytes]
    copy: list[str]
    stale: list[str]
    new_start: list[str]
    needed_blocks: int

    @property
    def is_done(self) -> bool:
        """Nothing has to change."""
        return not (self.copy or self.stale or self.new_start)

    @property
    def copied(self) -> int:
        """Files to send."""
        return len(self.copy) + len(self.new_start)

    @property
    def copy_bytes(self) -> int:
        """Bytes to send, the start files' not counted."""
        return sum(len(self.wanted[path]) for path in self.copy)


def make_plan(
    built: Mapping[str, bytes], have: Mapping[str, FileOnBoard], info: BoardInfo
) -> Plan:
    """Compare what is built {path: content} with what lies on the board.

    A stale source would be imported before the compiled file beside it: it has to go.
    """
    files = {f"/{path}": content for path, content in built.items()}
    start = {path: files.pop(path) for path in START if path in files}
    copy = [path for path, content in files.items() if not _is_same(content, have.get(path))]
    stale = [path for path in have if _is_ours(path) and path not in files]
    new_start = [path for path, content in start.items() if not _is_same(content, have.get(path))]
    sizes = [len(files[path]) for path in copy] + [len(content) for content in start.values()]
    freed = [have[path].size for path in (*copy, *stale) if path in have]
    new_folders = {path.rsplit("/", 1)[0] for path in copy} - {
        path.rsplit("/", 1)[0] for path in have
    }
    needed = (
        _blocks(sizes, info.block_bytes)
        + _FOLDER_BLOCKS * len(new_folders)
        + _SPARE_BLOCKS
        - _blocks(freed, info.block_bytes)
    )
    return Plan(files, start, copy, stale, new_start, needed)


def _is_same(content: bytes, file: FileOnBoard | None) -> bool:
    return file is not None and file.digest == digest(content)


def _is_ours(path: str) -> bool:
    inside = path.startswith(f"{OUR_FOLDER}/") and path.endswith(_OUR_SUFFIXES)
    return inside or path in ARRIVING_FILES


def _blocks(sizes: list[int], block_bytes: int) -> int:
    return sum(-(-size // block_bytes) for size in sizes)
