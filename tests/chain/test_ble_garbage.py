"""Messages gone wrong over Bluetooth: no crash, no wrong record, errors counted, at both ends."""

import asyncio
import random

from dowel.link import wire
from dowel_host.client import Client, Listener
from dowel_host.links.ble import BleCarrier, find
from dowel_host.links.carrier import LinkError
from dowel_host.messages import Rep, command
from dowel_host.twin.clock import run
from dowel_host.twin.person import simple_person
from dowel_host.twin.session import Twin, TwinSettings

COMMANDS = [
    command(wire.CMD_INFO, 1),
    command(wire.CMD_LIVE, 2, 1),
    command(wire.CMD_REPS, 3, 0, 0),
    command(wire.CMD_TIME, 4, 5),
    command(wire.CMD_REPL, 5),
    command(0x7E, 6),
]


def spoil(message: bytes, rng: random.Random) -> bytes:
    """Random, cut, twice, or with a flipped bit."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(80))
    if kind == 1:
        return message[: rng.randrange(len(message))]
    if kind == 2:
        return message + message
    flipped = bytearray(message)
    flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def storm(count: int, rng: random.Random):
    """Write count bad commands to a device; return its counters and the reps that came."""

    async def main():
        person = simple_person(9, sets=1, reps=2, rounded=None)
        async with Twin(person, TwinSettings(seed=9)) as twin:
            reps: list[int] = []
            listener = Listener(on_rep=lambda rep, _: reps.append(rep.seq))
            carrier = BleCarrier(await find(twin.radio), twin.radio)
            async with Client(carrier, listener) as client:
                await client.reps_after(0, 0)
                for _ in range(count):
                    await carrier.send(spoil(rng.choice(COMMANDS), rng))
                await asyncio.sleep(max(0.0, 17.0 - asyncio.get_running_loop().time()))
                await client.reps_after(0, 0)
                await asyncio.sleep(0.5)
                return await client.device_counters(), reps

    return run(main(), realtime=False)


def test_bad_commands_do_no_harm_and_are_counted(report) -> None:
    counters, reps = storm(1500, random.Random(3))
    assert sorted(set(reps)) == [1, 2]
    assert counters["commands_refused"] > 300
    assert counters["handler_faults"] == counters["overruns"] == 0
    report("bad commands over Bluetooth", f"1500 sent, {counters['commands_refused']} refused")


class Nowhere:
    """A carrier that carries nothing: messages are put into the client by hand."""

    name = "nowhere"

    async def open(self, on_message, on_lost) -> None:
        self.put = on_message

    async def send(self, message: bytes) -> None:
        raise LinkError("nowhere")

    async def close(self) -> None:
        return


def test_a_hundred_thousand_bad_messages_at_the_host() -> None:
    good = [
        wire.pack(wire.REP, 7, wire.REP_BODY, 1, 7, 2, 3, 4, 5, 6, 7, 8, 0, 0),
        wire.pack(wire.DONE, 1, wire.DONE_BODY, 1, 0),
        bytes((wire.LIVE, 1, 0, 0, 2, 13)) + bytes(26),
    ]
    seen: list[Rep] = []

    async def main() -> Client:
        rng = random.Random(4)
        carrier = Nowhere()
        listener = Listener(on_rep=lambda rep, _: seen.append(rep))
        async with Client(carrier, listener) as client:
            for _ in range(100_000):
                carrier.put(spoil(rng.choice(good), rng))
            return client

    counters = asyncio.run(main()).counters
    assert counters.notifications == 100_000
    assert counters.bad > 10_000
    # Bluetooth has checksums of its own: a flipped bit that gets through is a test's alone.
    assert all(isinstance(rep, Rep) for rep in seen)
