"""Which board's pins the firmware will use: its own choice, asked of the board beforehand."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from dowel_host.flasher.board import BoardInfo
from dowel_host.flasher.errors import NoBoardError
from dowel_host.flasher.link import BoardLink

CHOOSER = "dowel/boards/__init__.py"
AUTO = "auto"  # as a name: take back an earlier choice


def known_boards(sources: Mapping[str, bytes]) -> list[str]:
    """Return the names of the boards whose pins the firmware has."""
    return sorted(
        PurePosixPath(path).stem
        for path in sources
        if path.startswith("dowel/boards/") and path != CHOOSER
    )


def check_board(
    link: BoardLink, info: BoardInfo, sources: Mapping[str, bytes], name: str | None
) -> None:
    """Make sure that the firmware will know the pins of the board: NoBoardError.

    name: what --board says; None: what the board was told before, or its chip. The firmware's own
    chooser decides, run on the board from its source.
    """
    known = known_boards(sources)
    if name not in (None, AUTO, *known):
        raise NoBoardError(f"There is no board '{name}'", known)
    chosen, by_chip = _ask(link, sources)
    if name == AUTO:
        chosen = ""
    board = name if name not in (None, AUTO) else chosen or by_chip
    if not board:
        raise NoBoardError(f"The pins of this board ({info.machine}) are not known", known)
    if board not in known:
        raise NoBoardError(f"This board was told to be '{board}', which is not known", known)
    if by_chip and _chip(link, sources, board) != _chip(link, sources, by_chip):
        raise NoBoardError(f"{board} has another chip than this board ({info.machine})", known)


def _ask(link: BoardLink, sources: Mapping[str, bytes]) -> tuple[str, str]:
    """What the board was told, and what its chip says; empty: nothing."""
    code = sources[CHOOSER].decode() + (
        "\nprint(chosen_name())\n"
        "try:\n"
        "    print(module_name(sys.implementation._machine))\n"
        "except UnknownBoardError:\n"
        "    print()\n"
    )
    chosen, by_chip = link.run(code)
    return chosen, by_chip


def _chip(link: BoardLink, sources: Mapping[str, bytes], board: str) -> str:
    return link.run(sources[f"dowel/boards/{board}.py"].decode() + "\nprint(CHIP)\n")[-1]
