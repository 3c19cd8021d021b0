"""Receivers killed at random moments, each a process of its own, on a twin that stays."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from dowel_host.client import Client
from dowel_host.library.library import Library
from dowel_host.links.ble import BleCarrier, Radio, find
from dowel_host.messages import Info
from dowel_host.twin.radio.transport import adapter_on

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": f"{ROOT / 'host'}{os.pathsep}{ROOT / 'firmware'}",
}


@dataclass
class Aftermath:
    """stored: sequence numbers in the library. oldest_kept: what the device still has."""

    kills: int = 0
    kills_connected: int = 0
    integrity: str = ""
    stored: list[int] = field(default_factory=list[int])
    conflicts: int = 0
    oldest_kept: int = 0
    waiting: int = 0


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dowel_host", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )


def kill_receivers(folder: Path, kills: int, seed: int) -> Aftermath:
    """Kill so many receivers, let a last one finish, and look at library and device."""
    rng = random.Random(seed)
    path = folder / "library.sqlite"
    aftermath = Aftermath(kills=kills)
    twin = start("twin", "--seed", str(seed))
    try:
        assert twin.stdout is not None
        said = dict(twin.stdout.readline().strip().split(": ", 1) for _ in range(3))
        device = f"ble:{said['name']}"
        receive = ("live", "--device", device, "--radio", said["radio"], "--library", str(path))
        for _ in range(kills):
            receiver = start(*receive)
            before = _count(path)
            time.sleep(rng.uniform(2.0, 9.0))
            receiver.send_signal(signal.SIGKILL)
            receiver.communicate()
            aftermath.kills_connected += _count(path) > before
        last = start(*receive, "--seconds", "8", "--json")
        last.communicate(timeout=60)
        info = asyncio.run(_ask(said["radio"]))
    finally:
        twin.terminate()
        twin.communicate()
    with sqlite3.connect(path) as database:
        (aftermath.integrity,) = database.execute("PRAGMA integrity_check").fetchone()
    database.close()
    with Library(path) as library:
        aftermath.stored = [one.record.seq for one in library.reps()]
        aftermath.conflicts = library.conflicts()
    aftermath.oldest_kept, aftermath.waiting = info.oldest_seq, info.reps_waiting
    return aftermath


def _count(path: Path) -> int:
    if not path.exists():
        return 0
    with Library(path) as library:
        return len(library.reps())


async def _ask(transport: str) -> Info:
    async with adapter_on(transport) as radio, Client(await _carrier(radio)) as client:
        return await client.info()


async def _carrier(radio: Radio) -> BleCarrier:
    return BleCarrier(await find(radio), radio)
