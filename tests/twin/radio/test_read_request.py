"""The program is asked before a central gets a value."""

import asyncio

import pytest
from bleak import BleakClient
from bleak.exc import BleakError, BleakGATTProtocolError

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.handler import Blob, Reply
from twin.radio.world import World, play


def reads(world: World) -> list[tuple[int, ...]]:
    """Connection and handle of each question."""
    return [ints for event, ints, _ in world.story if event == nimble.IRQ_GATTS_READ_REQUEST]


async def read(client: BleakClient, handle: int) -> bytes | int:
    """The value, or the error."""
    try:
        return bytes(await client.read_gatt_char(handle))
    except BleakGATTProtocolError as error:
        return error.code


class Slow:
    """A handler that takes its time, microseconds, and then lets everybody read."""

    def __init__(self, world: World, delay_us: int) -> None:
        self.world = world
        self.delay_us = delay_us
        self.answered = 0

    async def __call__(
        self, _event: int, _ints: tuple[int, ...], _blobs: tuple[Blob, ...]
    ) -> Reply:
        await self.world.sleep_us(self.delay_us)
        self.answered += 1
        return None


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (None, b"value"),
        (0, b"value"),
        (False, b"value"),
        (0x05, 0x05),
        (0x80, 0x80),
        # True is 1, an error like any other; of a greater number the last byte counts.
        (True, 0x01),
        (0x105, 0x05),
        # What is no number allows it.
        (b"no", b"value"),
    ],
)
def test_what_the_handler_answers_is_what_the_reader_gets(answer, got):
    async def scene(world: World):
        world.board.gatts_write(world.handles.info, b"value")
        client = await world.connect()
        world.answer = lambda *_: answer
        return await read(client, world.handles.info), reads(world)

    assert play(scene) == (got, [(0, 21)])


def test_the_handler_may_write_the_value_that_is_read():
    async def scene(world: World):
        client = await world.connect()
        counted = iter(range(9))

        def count(event: int, ints: tuple[int, ...], _blobs: object) -> None:
            if event == nimble.IRQ_GATTS_READ_REQUEST:
                world.board.gatts_write(ints[1], bytes((next(counted),)))

        world.answer = count
        return [await read(client, world.handles.info) for _ in range(3)]

    assert play(scene) == [b"\x00", b"\x01", b"\x02"]


def test_a_long_value_is_asked_for_once_a_part():
    async def scene(world: World):
        world.board.gatts_write(world.handles.info, bytes(500))
        client = await world.connect()
        value = await client.read_gatt_char(world.handles.info)
        return len(value), len(reads(world))

    assert play(scene) == (500, 3)  # 246 bytes a part


def test_nobody_is_asked_about_what_cannot_be_read_or_is_not_the_programs():
    async def scene(world: World):
        client = await world.connect()
        denied = await read(client, world.handles.live)
        await client.read_gatt_char("2a00")  # the name, which NimBLE gives out itself
        return denied, reads(world)

    assert play(scene) == (0x02, [])


def test_the_boards_own_reading_asks_nobody():
    async def scene(world: World):
        await world.connect()
        world.board.gatts_write(world.handles.info, b"value", send_update=True)
        world.board.gatts_notify(0, world.handles.info)
        world.board.gatts_read(world.handles.info)
        return reads(world)

    assert play(scene) == []


def test_two_centrals_are_told_apart():
    async def scene(world: World):
        first = await world.connect()
        await world.advertise()
        second = await world.connect(await world.radio(2))
        world.answer = lambda event, ints, _: 0x05 if (event, ints[0]) == (4, 1) else None
        return [await read(client, world.handles.info) for client in (first, second)]

    assert play(scene) == [b"", 0x05]


def test_a_handler_that_takes_long_delays_the_answer():
    async def scene(world: World):
        client = await world.connect()
        world.board.ask = Slow(world, 700_000)
        start = world.loop.now_us
        await client.read_gatt_char(world.handles.info)
        return world.loop.now_us - start

    assert 700_000 <= play(scene) <= 800_000


@pytest.mark.parametrize("who", ["central", "board", "reset"])
def test_the_connection_may_end_while_the_handler_thinks(who):
    async def scene(world: World):
        client = await world.connect()
        slow = world.board.ask = Slow(world, 700_000)
        reading = asyncio.ensure_future(client.read_gatt_char(world.handles.info))
        await asyncio.sleep(0.2)
        if who == "central":
            await client.disconnect()
        elif who == "board":
            world.board.gap_disconnect(0)
        else:
            world.board.reset()
        await asyncio.sleep(5)
        with pytest.raises(BleakError):
            await reading
        return slow.answered

    assert play(scene) == 0
