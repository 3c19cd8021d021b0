"""The whole chain in one program: a person, both chips, the firmware, Bluetooth, the receiver."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dowel_host.client import Client, Listener, ReceiverCounters
from dowel_host.links.ble import BleCarrier, find
from dowel_host.links.carrier import LinkError
from dowel_host.messages import Info, LiveFrame, Rep
from dowel_host.recording import Recording
from dowel_host.twin.clock import run
from dowel_host.twin.session import Twin, TwinSettings
from dowel_host.twin.stations import Station, Stations

# After the last sample: what is on its way arrives. Four connection intervals of 100 ms and the
# firmware's 50 ms.
_DRAIN_S = 0.5
_PROGRESS_PERIOD_S = 0.25
# From power-on to the first sample: bus recovery, resets and the 1 g check take half a second.
_BOOT_TIMEOUT_S = 10.0


@dataclass
class DemoResult:
    """What a run showed. board_s and wall_s: its length on either clock, seconds."""

    info: Info
    reps: list[Rep] = field(default_factory=list[Rep])
    frames: list[LiveFrame] = field(default_factory=list[LiveFrame])
    notifications: list[bytes] = field(default_factory=list[bytes])
    device: Mapping[str, int] = field(default_factory=dict[str, int])
    stations: Stations = field(default_factory=lambda: Stations(0, {}))
    board_s: float = 0.0
    wall_s: float = 0.0
    heap_free: int = 0
    heap_peak: int = 0
    said: str = ""
    start_us: int = 0  # board time of the recording's first sample
    motor_us: list[int] = field(
        default_factory=list[int]
    )  # board times at which the motor started

    @property
    def cues(self) -> int:
        """Times the motor was switched on."""
        return self.device.get("cues", 0)

    def document(self) -> dict[str, Any]:
        """As `dowel demo --json` prints it."""
        return {
            "reps": len(self.reps),
            "cues": self.cues,
            "stations": {
                name: {"in": station.came, "out": station.went}
                for name, station in self.stations.chain.items()
            },
            "lost": self.stations.lost,
            "board_s": round(self.board_s, 3),
            "wall_s": round(self.wall_s, 3),
        }


@dataclass
class Watcher:
    """Who looks on. on_progress gets the share of the recording that is over, 0 to 1."""

    on_progress: Callable[[float], None] | None = None
    on_live: Callable[[list[LiveFrame]], None] | None = None
    on_rep: Callable[[Rep], None] | None = None
    on_connected: Callable[[str, Info], None] | None = None


def play(
    recording: Recording,
    settings: TwinSettings | None = None,
    *,
    realtime: bool = False,
    watcher: Watcher | None = None,
) -> DemoResult:
    """Run recording through the chain. VmMissingError, VmDiedError, LinkError."""
    started = time.perf_counter()
    result = run(
        _play(recording, settings or TwinSettings(), watcher or Watcher()), realtime=realtime
    )
    result.wall_s = time.perf_counter() - started
    return result


async def _play(recording: Recording, settings: TwinSettings, watcher: Watcher) -> DemoResult:
    async with Twin(recording, settings) as twin:
        work = asyncio.ensure_future(_receive(twin, watcher))
        # The firmware's end before the receiver's is a failure: it says more than the receiver's.
        await asyncio.wait({work, twin.board.ended}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await twin.board.ended
            raise LinkError(f"The firmware ended by itself; it said: {_said(twin)}")
        return work.result()


async def _receive(twin: Twin, watcher: Watcher) -> DemoResult:
    reps: list[Rep] = []
    frames: list[LiveFrame] = []
    armed = False

    def on_live(new: list[LiveFrame]) -> None:
        nonlocal armed
        if not armed:
            armed = True
            twin.arm_drops()
        frames.extend(new)
        if watcher.on_live:
            watcher.on_live(new)

    def on_rep(rep: Rep, _: bytes) -> None:
        reps.append(rep)
        if watcher.on_rep:
            watcher.on_rep(rep)

    device = await find(twin.radio)
    carrier = BleCarrier(device, twin.radio)
    async with Client(carrier, Listener(on_live=on_live, on_rep=on_rep)) as client:
        info = await client.info()
        if watcher.on_connected:
            watcher.on_connected(carrier.name, info)
        await client.reps_after(0, 0)
        await client.live(True)
        await _until_over(twin, watcher)
        counters = client.counters
        air = twin.peripheral.station
        snapshot = (
            air.notifications_in,
            air.notifications_out,
            ReceiverCounters(**vars(counters)),
        )
        device_counters = await client.device_counters()
        return DemoResult(
            info=info,
            reps=reps,
            frames=frames,
            device=device_counters,
            stations=_stations(twin, device_counters, *snapshot),
            board_s=twin.board.loop.now_us / 1e6,
            heap_free=twin.board.heap.free_at_start,
            heap_peak=twin.board.heap.peak_used,
            said=twin.board.output(),
            start_us=twin.scene.start_us or 0,
            motor_us=twin.motor_starts_us(),
        )


def _said(twin: Twin) -> str:
    """What the firmware printed, on one line."""
    return "; ".join(twin.board.output().split("\n")).strip("; ") or "nothing"


async def _until_over(twin: Twin, watcher: Watcher) -> None:
    waited_s = 0.0
    while twin.end_us is None:
        if waited_s > _BOOT_TIMEOUT_S:
            raise LinkError(f"The firmware started no sensor; it said: {_said(twin)}")
        await asyncio.sleep(_PROGRESS_PERIOD_S)
        waited_s += _PROGRESS_PERIOD_S
    length_us = max(1, twin.recording.duration_us)
    while (left_us := twin.end_us - twin.board.loop.now_us) > 0:
        if watcher.on_progress:
            watcher.on_progress(1.0 - left_us / length_us)
        await asyncio.sleep(min(_PROGRESS_PERIOD_S, left_us / 1e6))
    if watcher.on_progress:
        watcher.on_progress(1.0)
    await asyncio.sleep(_DRAIN_S)


def _stations(
    twin: Twin, device: Mapping[str, int], on_air: int, off_air: int, receiver: ReceiverCounters
) -> Stations:
    chips = twin.chips.values()
    return Stations(
        offered=sum(chip.taken for chip in chips),
        chain={
            "chip": Station(
                sum(chip.taken - chip.dropped for chip in chips),
                sum(chip.batched for chip in chips),
            ),
            "driver": Station(device["driver_in"], device["driver_out"]),
            "core": Station(device["core_in"], device["core_out"]),
            "link": Station(device["link_in"], device["link_out"]),
            "radio": Station(on_air, off_air),
            "receiver": Station(receiver.notifications, receiver.messages),
        },
    )
