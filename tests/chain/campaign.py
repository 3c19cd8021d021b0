"""A training session during which the link is lost again and again; what came of it."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path

from dowel_host.library.library import Library
from dowel_host.links.ble import BleCarrier, find
from dowel_host.links.carrier import Carrier
from dowel_host.receiver import Events, Receiver
from dowel_host.twin.clock import run
from dowel_host.twin.person import simple_person
from dowel_host.twin.radio.settings import LinkSettings
from dowel_host.twin.session import Twin, TwinSettings

SET_EVERY_S = 120
# Shorter than the supervision timeout of 4 s: the connection survives; longer: it does not.
DARK_S = (0.2, 9.0)
_SETTLE_S = 20.0


@dataclass
class Outcome:
    """reps: made by the person, stored, each once. back_s: from radio back to the next frame."""

    made: int = 0
    stored: list[int] = field(default_factory=list[int])
    repeated: int = 0
    conflicts: int = 0
    losses: int = 0
    connections: int = 0
    back_s: list[float] = field(default_factory=list[float])
    device: dict[str, int] = field(default_factory=dict[str, int])


def campaign(folder: Path, interval_us: int, sets: int, losses: int, seed: int) -> Outcome:
    """Play sets of ten, one every two minutes, with so many losses at random moments."""
    return run(
        _campaign(folder / "library.sqlite", interval_us, sets, losses, seed), realtime=False
    )


async def _campaign(path: Path, interval_us: int, sets: int, losses: int, seed: int) -> Outcome:
    person = simple_person(seed, sets=sets, reps=10, rounded=None, rest_s=SET_EVERY_S - 41)
    outcome = Outcome(made=10 * sets)
    settings = TwinSettings(seed=seed, air=LinkSettings(interval_us=interval_us))
    with Library(path) as library:
        async with Twin(person, settings) as twin:
            loop = asyncio.get_running_loop()
            came_back_s: float | None = None

            def on_live(_: object) -> None:
                nonlocal came_back_s
                if came_back_s is not None:
                    outcome.back_s.append(loop.time() - came_back_s)
                    came_back_s = None

            async def connect() -> Carrier:
                return BleCarrier(await find(twin.radio), twin.radio)

            receiver = Receiver(connect, library, Events(on_live=on_live))
            work = asyncio.create_task(receiver.run())
            rng = random.Random(seed)
            length_s = person.duration_us / 1e6
            moments = sorted(rng.uniform(3.0, length_s - 12.0) for _ in range(losses))
            for moment_s in moments:
                await asyncio.sleep(max(0.0, moment_s - loop.time()))
                twin.peripheral.go_dark()
                await asyncio.sleep(rng.uniform(*DARK_S))
                twin.peripheral.come_back()
                came_back_s = loop.time()
            await asyncio.sleep(max(0.0, length_s - loop.time()) + _SETTLE_S)
            assert not work.done(), work
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        stored = library.reps()
        outcome.stored = [one.record.seq for one in stored]
        outcome.conflicts = library.conflicts()
    outcome.repeated = receiver.report.reps_repeated
    outcome.losses = receiver.report.losses
    outcome.connections = receiver.report.connections
    return outcome
