"""The same messages over the serial port: frames, noise, and the console given back."""

import asyncio
import random

import pytest

from chain.serial_carrier import PortCarrier
from dowel.link import wire
from dowel_host.client import Client, Listener
from dowel_host.links.carrier import LinkError
from dowel_host.links.frames import encode
from dowel_host.messages import LiveFrame, Rep, command
from dowel_host.twin.clock import run
from dowel_host.twin.person import simple_person
from dowel_host.twin.session import Twin, TwinSettings


def on_twin(work, seed: int = 11, reps: int = 2):
    """Run work(twin) on a powered twin whose person does a set."""

    async def main():
        person = simple_person(seed, sets=1, reps=reps, rounded=None)
        async with Twin(person, TwinSettings(seed=seed)) as twin:
            await asyncio.sleep(1.5)
            return await work(twin)

    return run(main(), realtime=False)


@pytest.mark.parametrize("noise", [b"", b"dowel: a line of the console\r\n"])
def test_reps_and_live_frames_come_over_the_serial_port(noise: bytes) -> None:
    frames: list[LiveFrame] = []
    reps: list[Rep] = []

    async def work(twin: Twin):
        listener = Listener(on_live=frames.extend, on_rep=lambda rep, _: reps.append(rep))
        async with Client(PortCarrier(twin.board, noise), listener) as client:
            await client.reps_after(0, 0)
            await client.live(True)
            await asyncio.sleep(16)
            counters = await client.device_counters()
            return client.counters, counters

    counters, device = on_twin(work)
    assert [rep.seq for rep in reps] == [1, 2]
    assert len(frames) > 350
    assert counters.live_missed == counters.bad == 0
    assert device["bad_frames"] == 0
    assert device["overruns"] == 0


def test_the_clock_is_set_and_told() -> None:
    async def work(twin: Twin):
        async with Client(PortCarrier(twin.board)) as client:
            before_ms = twin.board.loop.now_us // 1000
            clock = await client.set_time()
            return before_ms, clock.uptime_ms, twin.board.loop.now_us // 1000

    before_ms, told_ms, after_ms = on_twin(work)
    assert before_ms <= told_ms <= after_ms


def test_acknowledged_reps_are_not_sent_again() -> None:
    async def work(twin: Twin):
        seen: list[int] = []
        listener = Listener(on_rep=lambda rep, _: seen.append(rep.seq))
        async with Client(PortCarrier(twin.board), listener) as client:
            await asyncio.sleep(16)
            info = await client.info()
            await client.reps_after(info.epoch, 0)
            await asyncio.sleep(0.2)
            first = list(seen)
            await client.acknowledge(info.epoch, 1)
            await client.reps_after(info.epoch, 0)
            await asyncio.sleep(0.2)
            with pytest.raises(LinkError, match="finds the command wrong"):
                await client.acknowledge(info.epoch, 99)
            return first, seen[len(first) :], (await client.info()).reps_waiting

    assert on_twin(work) == ([1, 2], [2], 1)


def test_until_the_first_frame_ctrl_c_ends_the_program() -> None:
    async def work(twin: Twin):
        twin.board.devices.serial.receive(b"\x03")
        await asyncio.wait_for(asyncio.shield(twin.board.ended), 5)
        return twin.board.output()

    assert "the console is yours" in on_twin(work)


@pytest.mark.parametrize("way", ["frame", "mpremote"])
def test_the_console_is_given_back(way: str) -> None:
    async def work(twin: Twin):
        async with Client(PortCarrier(twin.board)) as client:
            await client.live(True)
            await asyncio.sleep(1)
            # Frames hold any byte, also 3, without harm.
            twin.board.devices.serial.receive(encode(b"\x03\x03\x03"))
            await asyncio.sleep(0.5)
            assert not twin.board.ended.done()
            twin.board.devices.serial.receive(
                encode(command(wire.CMD_REPL, 1)) if way == "frame" else b"\r\x03"
            )
            await asyncio.wait_for(asyncio.shield(twin.board.ended), 5)
            return twin.board.output(), twin.board.pins.read(4)

    said, motor = on_twin(work)
    assert "the console is yours" in said
    assert motor == 0


def test_a_silent_host_loses_the_line_after_half_a_minute() -> None:
    async def work(twin: Twin):
        async with Client(PortCarrier(twin.board)) as client:
            await client.info()
            await asyncio.sleep(35)
            twin.board.devices.serial.receive(b"\x03")
            await asyncio.wait_for(asyncio.shield(twin.board.ended), 5)
            return True

    assert on_twin(work)


COMMANDS = [
    command(wire.CMD_INFO, 1),
    command(wire.CMD_LIVE, 2, 1),
    command(wire.CMD_REPS, 3, 0, 0),
    command(0x7E, 4),
    command(wire.CMD_ACK, 5, 1, 1)[:7],
]


def garbage(rng: random.Random) -> bytes:
    """A frame gone wrong: random, cut, twice, or with a flipped bit."""
    good = encode(rng.choice(COMMANDS))
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(1, 40)).replace(b"\r\x03", b"\r\x04")
    if kind == 1:
        return good[: rng.randrange(1, len(good))]
    if kind == 2:
        return good + good
    flipped = bytearray(good)
    flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped).replace(b"\r\x03", b"\r\x04")


def storm(count: int, seed: int):
    """Send count bad frames over the serial port; return what the device counted and its reps."""

    async def work(twin: Twin):
        rng = random.Random(seed)
        reps: list[int] = []
        listener = Listener(on_rep=lambda rep, _: reps.append(rep.seq))
        async with Client(PortCarrier(twin.board), listener) as client:
            await client.reps_after(0, 0)
            for _ in range(count):
                twin.board.devices.serial.receive(garbage(rng))
                # A host keeps at most 200 bytes on the way.
                if rng.random() < 0.2:
                    await asyncio.sleep(0.05)
            await asyncio.sleep(16)
            twin.board.devices.serial.receive(b"\0")
            return await client.device_counters(), reps

    return on_twin(work, seed)


def test_hundreds_of_bad_frames_do_no_harm(report) -> None:
    counters, reps = storm(400, 5)
    assert sorted(set(reps)) == [1, 2]
    assert counters["bad_frames"] > 50
    assert counters["handler_faults"] == counters["overruns"] == 0
    report("bad frames on the serial port", f"400 sent, {counters['bad_frames']} counted")
