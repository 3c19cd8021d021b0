"""`dowel live`: the angles of the moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.live import Live
from rich.table import Table

from dowel_host.cli.common import notes, print_document, twin_extra
from dowel_host.client import Client, Radio, find
from dowel_host.errors import DowelError
from dowel_host.messages import LiveFrame, Rep

if TYPE_CHECKING:
    from dowel_host.twin.session import Twin

_REFRESH_HZ = 10
_CHECK_PERIOD_S = 0.1


class DeviceError(DowelError):
    """A --device that names no device."""

    def __init__(self, text: str) -> None:
        super().__init__(f"--device {text}: write ble:, ble:NAME, ble:ADDRESS or twin:FILE.")


class _View:
    """Shows the last frame; keeps the reps."""

    def __init__(self, screen: Live | None) -> None:
        self._screen = screen
        self.frames = 0
        self.reps: list[Rep] = []
        self.last: LiveFrame | None = None

    def on_live(self, frames: list[LiveFrame]) -> None:
        self.frames += len(frames)
        self.last = frames[-1]
        self._draw()

    def on_rep(self, rep: Rep) -> None:
        self.reps.append(rep)
        self._draw()

    def _draw(self) -> None:
        if self._screen is None or self.last is None:
            return
        table = Table(show_header=False, box=None)
        for name, cdeg in (
            ("trunk", self.last.trunk_cdeg),
            ("pelvis", self.last.pelvis_cdeg),
            ("flexion", self.last.flexion_cdeg),
            ("lateral", self.last.lateral_cdeg),
        ):
            table.add_row(name, "unknown" if cdeg is None else f"{cdeg / 100:+6.1f}°")
        table.add_row("reps", str(len(self.reps)))
        self._screen.update(table)

    def document(self) -> dict[str, Any]:
        return {"frames": self.frames, "reps": [vars(rep) for rep in self.reps]}


def live(
    device: Annotated[
        str,
        typer.Option(
            help="ble:, ble:NAME, ble:ADDRESS, or twin:FILE (a recording).", metavar="DEVICE"
        ),
    ] = "ble:",
    seconds: Annotated[float | None, typer.Option(help="Stop after so long.", min=0.1)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout at the end.")
    ] = False,
) -> None:
    """Show angles and reps of a device as they come; Ctrl-C ends it."""
    kind, _, name = device.partition(":")
    if kind not in ("ble", "twin") or (kind == "twin" and not name):
        raise DeviceError(device)
    with Live(console=notes, refresh_per_second=_REFRESH_HZ, transient=True) as screen:
        view = _View(None if as_json or not notes.is_terminal else screen)
        if kind == "twin":
            _watch_twin(Path(name), view, seconds)
        else:
            asyncio.run(_watch(Radio(), name or None, view, seconds))
    if as_json:
        print_document(view.document())
    else:
        notes.print(f"{view.frames} frames, {len(view.reps)} reps.")


def _watch_twin(file: Path, view: _View, seconds: float | None) -> None:
    with twin_extra("dowel live --device twin:"):
        from dowel_host.recording_file import load_recording
        from dowel_host.twin.clock import run
        from dowel_host.twin.session import Twin as TwinClass

    recording = load_recording(file)

    async def play() -> None:
        async with TwinClass(recording) as twin:
            await _watch(twin.radio, None, view, seconds, twin)

    run(play(), realtime=True)


async def _watch(
    radio: Radio, name: str | None, view: _View, seconds: float | None, twin: Twin | None = None
) -> None:
    found = await find(radio, name)
    lost = asyncio.Event()
    async with Client(
        found, radio, on_live=view.on_live, on_rep=view.on_rep, on_lost=lost.set
    ) as client:
        await client.live(True)
        await _wait(lost, seconds, None if twin is None else lambda: _over(twin))


def _over(twin: Twin) -> bool:
    return twin.end_us is not None and twin.board.loop.now_us > twin.end_us


async def _wait(
    lost: asyncio.Event, seconds: float | None, over: Callable[[], bool] | None
) -> None:
    """Until the link is lost, the time is up, or the recording is over."""
    loop = asyncio.get_running_loop()
    end = None if seconds is None else loop.time() + seconds
    while not (over and over()) and not (end and loop.time() >= end):
        with suppress(TimeoutError):
            await asyncio.wait_for(lost.wait(), _CHECK_PERIOD_S)
            return
