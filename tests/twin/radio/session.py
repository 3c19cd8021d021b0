"""A session with a bit of everything, boiled down to a digest: of contents, times and HCI traffic.

Run as a program it prints the digest, so that other processes can be compared with this one.
"""

import asyncio
import contextlib
import hashlib
import random
import sys

from twin.radio.world import World, play

LIVE_RATE_HZ = 13


async def session(world: World, seconds: float) -> str:
    client = await world.connect()
    live = await world.listen(client, world.handles.live)
    await world.advertise()
    other = await world.connect(await world.radio(2))
    info = await world.listen(other, world.handles.info)
    picks = random.Random(7)
    start = world.loop.now_us
    refused: list[int] = []

    def notify(connection: int, handle: int, data: bytes) -> None:
        try:
            world.board.gatts_notify(connection, handle, data)
        except OSError as error:
            refused.append(error.errno or 0)

    for number in range(int(seconds * LIVE_RATE_HZ)):
        at = start + number * 1_000_000 // LIVE_RATE_HZ + picks.randrange(3_000)
        data = number.to_bytes(4) + picks.randbytes(picks.randrange(10, 60))
        world.loop.call_at_us(at, notify, 0, world.handles.live, data)
        if number % 40 == 39:
            world.loop.call_at_us(at, notify, 1, world.handles.info, picks.randbytes(200))
    writes = 0
    while world.loop.now_us < start + seconds * 1_000_000:
        await asyncio.sleep(picks.randrange(1, 400) / 1000)
        with contextlib.suppress(Exception):
            await client.write_gatt_char(world.handles.control, picks.randbytes(30), response=True)
            writes += 1
    world.board.go_dark()
    await asyncio.sleep(0.3)
    world.board.come_back()
    await asyncio.sleep(0.3)
    traffic = [(packet.time_us, packet.to_controller, packet.data) for packet in world.hci]
    story = (live, info, refused, writes, world.events, world.board.station, traffic)
    return hashlib.sha256(repr(story).encode()).hexdigest() + f" {len(live)} {len(info)}"


def digest(seconds: float, *, realtime: bool = False) -> str:
    return play(lambda world: session(world, seconds), realtime=realtime)


if __name__ == "__main__":
    print(digest(float(sys.argv[1])))  # noqa: T201 - that is its purpose
