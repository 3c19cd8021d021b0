"""`dowel twin`: a board that stays on, for other programs."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from dowel_host.cli.common import notes, twin_extra
from dowel_host.cli.options import LowerSite, UpperSite

if TYPE_CHECKING:
    from dowel_host.twin.standing import StandingTwin

_LEFT_TO_THE_BUILD = {
    "bluetooth": "Bluetooth is the build's own: no name, no radio and no timing of ours.",
    "machine": "machine is the build's own: nobody wears its sensors, and its pins, battery, "
    "timers and watchdog are not ours.",
}


def twin(
    recording: Annotated[
        Path | None,
        typer.Argument(
            help="Play this recording once, then stand still; else the person of `dowel demo`, "
            "over and over.",
            metavar="RECORDING",
            show_default=False,
        ),
    ] = None,
    lower: LowerSite = None,
    upper: UpperSite = None,
    seed: Annotated[int, typer.Option(help="Person, jitter and all else that is drawn.")] = 1,
    hci_port: Annotated[
        int,
        typer.Option(help="TCP port of the radio's HCI; 0: any free one.", min=0, max=65535),
    ] = 0,
    own: Annotated[
        list[str] | None,
        typer.Option(
            help="Leave out our stand-in for this module (bluetooth, machine): the MicroPython "
            "build brings its own. May be given twice.",
            metavar="NAME",
        ),
    ] = None,
) -> None:
    """Keep one virtual board on, in real time, until Ctrl-C.

    Prints its Bluetooth name, the transport by which other programs join its radio
    (`dowel scan --radio TRANSPORT`), and its serial port.
    """
    with twin_extra("dowel twin"):
        from dowel_host.recording_file import load_recording
        from dowel_host.twin.clock import run
        from dowel_host.twin.endless import Held, Looping
        from dowel_host.twin.own import check_own
        from dowel_host.twin.person import simple_person
        from dowel_host.twin.session import TwinSettings
        from dowel_host.twin.standing import StandingTwin

    endless = Looping if recording is None else Held
    settings = TwinSettings(seed=seed, own=check_own(own or ()), endless=endless)
    person = (
        load_recording(recording, lower=lower, upper=upper)
        if recording is not None
        else simple_person(seed)
    )

    for name in settings.own:
        _note(_LEFT_TO_THE_BUILD[name])

    async def stand() -> None:
        task = asyncio.current_task()
        assert task is not None
        # In a script's background Ctrl-C does not come through: `kill` ends it as well.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        board = StandingTwin(person, settings, hci_port=hci_port, on_note=_note)
        try:
            async with board:
                await _introduce(board)
                await board.stay()
        finally:
            if (lost := board.lost()) is not None:
                _note(lost)

    try:
        run(stand(), realtime=True)
    except (KeyboardInterrupt, asyncio.CancelledError):  # its regular end
        _note("The twin is off.")


async def _introduce(board: StandingTwin) -> None:
    """Print how the board is reached, a line each; - where it is not."""
    # The board's own parts first: its name takes it a moment.
    name = await board.name()
    for what, value in (("name", name), ("radio", board.transport), ("serial", board.port)):
        print(f"{what}: {value or '-'}", flush=True)
    if name is None and board.transport is not None:
        _note("The firmware has given itself no Bluetooth name; see its serial port.")


def _note(text: str) -> None:
    notes.print(Text(text), soft_wrap=True)
