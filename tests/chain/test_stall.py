"""What stops the board for a while: FIFOs hold the samples; what they cannot hold is missed."""

import asyncio

import pytest

from dowel_host.twin.clock import run
from dowel_host.twin.person import simple_person
from dowel_host.twin.program import Program
from dowel_host.twin.session import Twin, TwinSettings

PROGRAM = """
import gc, time
gc.threshold(8192)
from dowel import app, boards
device = app.App(boards.choose())
device.sampler.start()
def turns(count):
    for _ in range(count):
        device.sampler.turn()
        time.sleep_ms(10)
turns(300)
time.sleep_ms({stall_ms})
turns(100)
core = device.sampler.pipeline
print(core.gaps, core.dropped(), sum([s.overruns for s in device.sensors]), core.flexion_cdeg)
"""


def after_a_stall(stall_ms: int) -> list[int]:
    async def main() -> str:
        settings = TwinSettings(program=Program(PROGRAM.format(stall_ms=stall_ms)))
        async with Twin(simple_person(1), settings) as twin:
            await asyncio.wait_for(asyncio.shield(twin.board.ended), 60)
            return twin.board.output()

    return [int(word) for word in run(main(), realtime=False).split()]


@pytest.mark.parametrize("stall_ms", [60, 300, 700])
def test_nothing_is_lost_while_the_fifos_have_room(stall_ms: int) -> None:
    gaps, dropped, overruns, flexion_cdeg = after_a_stall(stall_ms)
    assert (gaps, dropped, overruns) == (0, 0, 0)
    assert flexion_cdeg != -32768, "both sensors are together again"


def test_an_overflow_is_a_gap_of_each_sensor_and_counted() -> None:
    gaps, dropped, overruns, flexion_cdeg = after_a_stall(1500)
    assert gaps == 2
    assert overruns >= 2
    assert dropped == 0
    assert flexion_cdeg != -32768
