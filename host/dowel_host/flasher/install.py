"""Flashing, from the first question to the running firmware.

An interruption at any moment leaves a board that does not start half a firmware: main.py and
boot.py are the first files to go and the last ones to come, by a rename, when all others have been
read back. Until then the board starts into its REPL. The next run copies what is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from dowel_host.firmware_files import firmware_files
from dowel_host.flasher.board import (
    BoardInfo,
    FileOnBoard,
    calm_watchdog,
    identify,
    list_files,
    make_folders,
    mentions_dowel,
    remove_file,
    rename_file,
    write_file,
)
from dowel_host.flasher.build import build
from dowel_host.flasher.errors import FirmwareStoppedError, NoRoomError, NotVerifiedError
from dowel_host.flasher.link import BoardLink
from dowel_host.flasher.pins import AUTO, check_board
from dowel_host.flasher.plan import (
    ARRIVING,
    ARRIVING_FILES,
    CHOICE,
    OUR_FOLDER,
    START,
    Plan,
    digest,
    make_plan,
)

# Where a main.py or boot.py that is not ours goes; if there is one already, with a number.
STRANGER = "{}_before_dowel{}.py"
# Shares of the whole work that its parts take, by the time they take on a USB cable.
_COMPILED, _COPIED = 0.2, 0.9

_READ_BACK = """
from dowel import VERSION, boards
b = boards.choose()
print(VERSION)
print(b.NAME)
"""


@dataclass
class Watcher:
    """Who wants to know: on_step(sentence), on_share(share done, 0 to 1)."""

    on_step: Callable[[str], None] = lambda _: None
    on_share: Callable[[float], None] = lambda _: None


@dataclass(frozen=True)
class Flashed:
    """What was done. version, board: as the board says them.

    said: what it printed at start.
    """

    port: str
    version: str
    board: str
    copied: int
    same: int
    removed: int
    said: str


def flash(
    link: BoardLink,
    *,
    board: str | None = None,
    sources: Mapping[str, bytes] | None = None,
    watcher: Watcher | None = None,
) -> Flashed:
    """Put sources (the firmware) on the board behind link, and start it.

    board: a module of dowel.boards to be used from now on, 'auto' to go by the chip again, None to
    leave that as it is. Raises the errors of flasher.errors.
    """
    watch = watcher or Watcher()
    files = firmware_files() if sources is None else sources
    info = identify(link)
    watch.on_step(f"MicroPython {_version(info)} on {info.machine} at {link.port}")
    calm_watchdog(link)
    check_board(link, info, files, board)
    built = build(files, info.arch, lambda done: watch.on_share(_COMPILED * done / len(files)))
    plan = make_plan(built, _on_board(link), info)
    if plan.needed_blocks > info.free_blocks:
        raise NoRoomError(
            link.port, plan.needed_blocks * info.block_bytes, info.free_blocks * info.block_bytes
        )
    if plan.is_done:
        watch.on_step("Every file is up to date")
    else:
        watch.on_step(f"Copying {plan.copied} of {len(built)} files")
        _change(link, plan, watch)
    _choose(link, board)
    watch.on_share(1.0)
    link.restart()
    version, name = link.run(_READ_BACK)
    said = _start(link)
    same = len(built) - plan.copied
    return Flashed(link.port, version, name, plan.copied, same, len(plan.stale), said)


def _on_board(link: BoardLink) -> dict[str, FileOnBoard]:
    return list_files(link, (OUR_FOLDER, *START, *ARRIVING_FILES))


def _change(link: BoardLink, plan: Plan, watch: Watcher) -> None:
    for path in reversed(START):
        _take_away(link, path)
    for path in plan.stale:
        remove_file(link, path)
    make_folders(link, plan.copy)
    _copy(link, plan, watch)
    _verify(link, plan.wanted)
    for path, content in plan.start.items():
        _bring(link, path, content)


def _take_away(link: BoardLink, path: str) -> None:
    if not list_files(link, (path,)):
        return
    if mentions_dowel(link, path):
        remove_file(link, path)
        return
    stem = path.removesuffix(".py")
    names = (STRANGER.format(stem, number or "") for number in count())
    rename_file(link, path, next(name for name in names if not list_files(link, (name,))))


def _copy(link: BoardLink, plan: Plan, watch: Watcher) -> None:
    done = 0

    def on_bytes(count: int) -> None:
        nonlocal done
        done += count
        watch.on_share(_COMPILED + (_COPIED - _COMPILED) * done / plan.copy_bytes)

    for path in plan.copy:
        write_file(link, path, plan.wanted[path], on_bytes)


def _verify(link: BoardLink, wanted: Mapping[str, bytes]) -> None:
    have = list_files(link, wanted)
    for path, content in wanted.items():
        if path not in have or have[path].digest != digest(content):
            raise NotVerifiedError(link.port, path)


def _bring(link: BoardLink, path: str, content: bytes) -> None:
    arriving = path + ARRIVING
    write_file(link, arriving, content)
    _verify(link, {arriving: content})
    rename_file(link, arriving, path)


def _choose(link: BoardLink, board: str | None) -> None:
    if board == AUTO:
        if list_files(link, (CHOICE,)):
            remove_file(link, CHOICE)
    elif board is not None:
        content = f"{board}\n".encode()
        write_file(link, CHOICE, content)
        _verify(link, {CHOICE: content})


def _start(link: BoardLink) -> str:
    said, ended = link.start_main()
    if ended and "Traceback" in said:
        lines = [line for line in said.splitlines() if line and line[0] not in " >"]
        # The last line of the traceback; the REPL's greeting follows it.
        at = max(number for number, line in enumerate(lines) if line.startswith("Traceback"))
        raise FirmwareStoppedError(link.port, (lines[at + 1 :] or [""])[0])
    return said


def _version(info: BoardInfo) -> str:
    return ".".join(str(part) for part in info.version)
