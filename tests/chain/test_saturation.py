"""More to say than the air carries: reps come through, live frames thin out and are counted."""

import asyncio

from dowel_host.client import Client, Listener
from dowel_host.links.ble import BleCarrier, Radio, find
from dowel_host.messages import Rep
from dowel_host.twin.clock import run
from dowel_host.twin.person import simple_person
from dowel_host.twin.radio.bleak_backend import backend_for
from dowel_host.twin.radio.central import CentralRadio
from dowel_host.twin.radio.settings import LinkSettings
from dowel_host.twin.session import Twin, TwinSettings

# 10 notifications a second for each listener; live frames want 13.
SLOW = LinkSettings(interval_us=100_000, pdus_per_event=1)
LIVE_S = 100


def test_two_listeners_on_a_slow_link(report) -> None:
    async def listen(twin: Twin, radio: Radio):
        reps: list[Rep] = []
        listener = Listener(on_rep=lambda rep, _: reps.append(rep))
        async with Client(BleCarrier(await find(radio), radio), listener) as client:
            await client.reps_after(0, 0)
            await client.live(True)
            await asyncio.sleep(LIVE_S)
            await client.live(False)
            await asyncio.sleep(4)  # what waits in the radio's buffers arrives
            return reps, client.counters, await client.device_counters()

    async def main():
        person = simple_person(21, sets=3, reps=8, rounded=None)
        settings = TwinSettings(seed=21, air=SLOW)
        async with Twin(person, settings) as twin:
            second = await CentralRadio.open(twin.link, "F0:F0:F0:00:00:02")
            radios = [twin.radio, Radio(*backend_for(second))]
            try:
                return await asyncio.gather(*(listen(twin, radio) for radio in radios))
            finally:
                await second.close()

    for place, (reps, counters, device) in enumerate(run(main(), realtime=False)):
        assert [rep.seq for rep in reps] == list(range(1, len(reps) + 1))
        assert len(reps) >= 20
        assert device["reps_overwritten"] == 0
        assert counters.live_missed > 0
        assert counters.live_missed == device["live_dropped_here"]
        assert device["radio_full"] > 0
        assert device["overruns"] == 0
        assert device["gaps"] == 0
        report(
            f"saturated link, listener {place + 1}",
            f"{counters.live_missed} live messages dropped, as the device counts; "
            f"{len(reps)} reps, none lost; longest turn {device['worst_turn_us'] / 1000:.1f} ms",
        )
