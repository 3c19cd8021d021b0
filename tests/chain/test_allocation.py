"""The sampling loop allocates nothing: not the driver, the core, the link, nor the stand-ins."""

import asyncio

import numpy as np
import pytest

from dowel_host.client import Client
from dowel_host.links.ble import BleCarrier, find
from dowel_host.recording import Recording, Site
from dowel_host.twin.clock import run
from dowel_host.twin.program import Program
from dowel_host.twin.session import Twin, TwinSettings

TURNS = 1000

# Turns at intervals that leave 1 to 8 samples of each sensor. A host listens to live frames. What
# the measurement itself takes is measured with no turn at all.
PROGRAM = f"""
import gc, time
gc.threshold(8192)  # as main.py does
from dowel import app
from dowel.boards import esp32_s3_devkitc as board
device = app.App(board)
device.sampler.start()
while not any([peer.listening for peer in device.link.peers]):
    device.link.service()
    device.sampler.turn()
    time.sleep_ms(10)
def turns(count):
    least, most, live = 99, 0, device.link.sent
    turn, sleep_us = device.sampler.turn, time.sleep_us
    sensor = device.sensors[0]
    for number in range(count):
        for _ in range(4):  # pieces below the tick: exact
            sleep_us(50 + number * 7919 % 6700)
        before = sensor.samples
        turn()
        read = sensor.samples - before
        least = min(least, read)
        most = max(most, read)
    return least, most, device.link.sent - live
turns(100)
def allocated(count):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    found = turns(count)
    used = gc.mem_alloc() - before
    gc.enable()
    return used, found
nothing, _ = allocated(0)
used, found = allocated({TURNS})
print(used - nothing, *found)
"""


@pytest.fixture
def still() -> Recording:
    """40 s of a person who stands still, with the noise of the sensors."""
    rng = np.random.default_rng(1)
    samples = 40 * 208
    sites = {}
    for name in ("pelvis", "t12"):
        acc = np.array([0, 4098, 0]) + rng.normal(0, 8, (samples, 3))
        gyr = rng.normal(0, 3, (samples, 3))
        sites[name] = Site(gyr.round().astype(np.int16), acc.round().astype(np.int16))
    t_us = np.round(np.arange(samples) * 1e6 / 208).astype(np.int64)
    return Recording("still", t_us, 208.0, sites, {"lower": "pelvis", "upper": "t12"}, {})


def test_a_thousand_turns_of_the_sampling_loop_allocate_nothing(still: Recording, report) -> None:
    async def main() -> str:
        async with Twin(still, TwinSettings(program=Program(PROGRAM))) as twin:
            listening = asyncio.create_task(listen(twin))
            await asyncio.wait({listening, twin.board.ended}, return_when="FIRST_COMPLETED")
            await twin.board.ended
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            return twin.board.output()

    async def listen(twin: Twin) -> None:
        async with Client(BleCarrier(await find(twin.radio), twin.radio)) as client:
            await client.live(True)
            await twin.board.ended

    used, least, most, notifications = (int(word) for word in run(main(), realtime=False).split())
    report(f"allocated in {TURNS} turns of the sampling loop", f"{used} bytes")
    assert (least, most) == (1, 8)
    assert notifications > 100
    assert used == 0
