"""`dowel demo`: the whole chain, from a simulated person to the receiver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dowel_host.cli.common import notes, print_document, progress, twin_extra
from dowel_host.cli.options import LowerSite, UpperSite
from dowel_host.errors import DowelError

if TYPE_CHECKING:
    from dowel_host.demo import DemoResult


class DropError(DowelError):
    """A --drop that names no station or no number."""

    def __init__(self, text: str, stations: tuple[str, ...]) -> None:
        super().__init__(
            f"--drop {text}: write STATION:N, STATION one of {', '.join(stations)}, "
            "N a number from 1 on."
        )


def demo(
    fast: Annotated[
        bool, typer.Option("--fast", help="As fast as the machine can, not in real time.")
    ] = False,
    recording: Annotated[
        Path | None, typer.Option(help="Play this recording instead.", metavar="FILE")
    ] = None,
    lower: LowerSite = None,
    upper: UpperSite = None,
    seed: Annotated[int, typer.Option(help="Person, jitter and all else that is drawn.")] = 1,
    drop: Annotated[
        list[str] | None,
        typer.Option(help="Lose N items on the way into STATION.", metavar="STATION:N"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Two sets of five hinges, one rep rounded.

    Sensors, firmware, Bluetooth and receiver, all in this program.
    """
    with twin_extra("dowel demo"):
        from dowel_host.cli.demo_view import summary
        from dowel_host.demo import Watcher, play
        from dowel_host.recording_file import load_recording
        from dowel_host.twin.faults import STATIONS
        from dowel_host.twin.person import simple_person
        from dowel_host.twin.session import TwinSettings

    drops = dict(_parse_drop(text, STATIONS) for text in drop or [])
    person = (
        load_recording(recording, lower=lower, upper=upper)
        if recording is not None
        else simple_person(seed)
    )
    with progress("Playing") as show:
        watcher = Watcher(on_progress=show)
        if not fast and not as_json:
            watcher.on_rep = lambda rep: notes.print(
                f"rep {rep.seq}: trunk {_deg(rep.peak_trunk_cdeg)}, "
                f"flexion {_deg(rep.peak_flexion_cdeg)}{', cued' if rep.cues else ''}"
            )
        result: DemoResult = play(
            person, TwinSettings(seed=seed, drops=drops), realtime=not fast, watcher=watcher
        )
    if as_json:
        print_document(result.document())
    else:
        summary(result)


def _deg(cdeg: int | None) -> str:
    return "unknown" if cdeg is None else f"{cdeg / 100:.0f}°"


def _parse_drop(text: str, stations: tuple[str, ...]) -> tuple[str, int]:
    name, _, number = text.partition(":")
    if name not in stations or not number.isdecimal() or int(number) < 1:
        raise DropError(text, stations)
    return name, int(number)
