"""`dowel live`: the angles of the moment, and reps into the library as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live

from dowel_host.cli.common import notes, print_document, twin_extra
from dowel_host.cli.live_view import LiveView
from dowel_host.cli.options import RadioTransport
from dowel_host.cli.radio import on_radio
from dowel_host.last_device import last_device, remember
from dowel_host.library.library import Library
from dowel_host.library.location import library_path
from dowel_host.links.ble import Radio
from dowel_host.links.carrier import Carrier
from dowel_host.places import Place, connect_ble, connect_usb, only_ble_name
from dowel_host.receiver import Receiver

_REFRESH_HZ = 10
_CHECK_PERIOD_S = 0.1


def live(
    device: Annotated[
        str | None,
        typer.Option(
            help="ble:[NAME], usb:[PORT], or twin:FILE (a recording); else the one used last.",
            metavar="DEVICE",
        ),
    ] = None,
    radio: RadioTransport = None,
    library: Annotated[
        Path | None, typer.Option(help="Keep reps in this file instead.", metavar="FILE")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Stop after so long.", min=0.1)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout at the end.")
    ] = False,
) -> None:
    """Show angles and reps of a device as they come, and keep the reps; Ctrl-C ends it."""
    place = Place.parse(last_device() if device is None else device)
    with Live(console=notes, refresh_per_second=_REFRESH_HZ, transient=True) as screen:
        view = LiveView(None if as_json or not notes.is_terminal else screen)
        if place.kind == "twin":
            _watch_twin(place.file, view, seconds)
        else:
            with Library(library_path(library)) as store:
                on_radio(radio, lambda r: _watch(_way(place, r), store, view, seconds))
    if as_json:
        print_document(view.document())
    else:
        notes.print(f"{view.frames} frames, {len(view.reps)} reps.")


Way = Callable[[], "asyncio.Future[Carrier]"]


def _way(place: Place, radio: Radio) -> Callable[[], object]:
    """Make what finds the device again and again; without a name it stays with the first one."""
    chosen = place.name

    async def find() -> Carrier:
        nonlocal chosen
        if place.kind == "usb":
            carrier = await connect_usb(place.name)
        else:
            chosen = chosen or await only_ble_name(radio)
            carrier = await connect_ble(radio, chosen)
        if place.kind != "twin":
            remember(f"{place.kind}:{carrier.name}")
        return carrier

    return find


def _watch_twin(file: Path, view: LiveView, seconds: float | None) -> None:
    with twin_extra("dowel live --device twin:"):
        from dowel_host.recording_file import load_recording
        from dowel_host.twin.clock import run
        from dowel_host.twin.session import Twin

    recording = load_recording(file)

    async def play() -> None:
        async with Twin(recording) as twin:

            def over() -> bool:
                return twin.end_us is not None and twin.board.loop.now_us > twin.end_us

            way = _way(Place("twin", ""), twin.radio)
            await _watch(way, None, view, seconds, over)

    run(play(), realtime=True)


async def _watch(
    way: Callable[[], object],
    library: Library | None,
    view: LiveView,
    seconds: float | None,
    over: Callable[[], bool] = lambda: False,
) -> None:
    """Receive until the time is up, or the recording over."""
    receiver = Receiver(way, library, view.events())  # pyright: ignore[reportArgumentType]
    work = asyncio.create_task(receiver.run())
    loop = asyncio.get_running_loop()
    end = None if seconds is None else loop.time() + seconds
    while not work.done() and not over() and not (end and loop.time() >= end):
        await asyncio.wait({work}, timeout=_CHECK_PERIOD_S)
    if work.done():
        work.result()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    view.report = receiver.report
