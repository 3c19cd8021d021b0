"""What the firmware is asked when Bluetooth is switched on: identity key, bonded peers."""

import asyncio

import pytest

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.handler import HandlerError, Reply
from twin.radio.firmware import GET, PEER, SET, prepare, restart, secrets
from twin.radio.world import World, play

IDENTITY, THEIRS = nimble.SECRET_IDENTITY, nimble.SECRET_PEER


async def never(*_: object) -> Reply:
    """A handler that never returns."""
    return await asyncio.get_running_loop().create_future()


def test_without_an_identity_key_a_new_one_is_to_be_kept():
    async def scene(world: World):
        firmware = prepare(world)
        await world.boot()
        return secrets(world), firmware.secrets[IDENTITY, b"irk"]

    told, key = play(scene, boot=False)
    assert told == [
        (GET, IDENTITY, 0, b"irk"),
        (SET, IDENTITY, b"irk", True),
        (GET, THEIRS, 0, None),
    ]
    assert len(key) == 16


def test_with_one_the_bonded_peers_are_listed():
    async def scene(world: World):
        prepare(world)
        await world.boot()
        for number in (1, 2):
            client = await world.connect(await world.radio(number))
            await client.pair()
            await client.disconnect()
            await world.advertise()
        await restart(world)
        return secrets(world)

    listed = [(GET, THEIRS, index, None) for index in range(3)]
    assert play(scene, boot=False) == [(GET, IDENTITY, 0, b"irk"), *listed]


def test_firmware_that_keeps_nothing_is_not_asked_for_peers():
    async def scene(world: World):
        await world.boot()
        return secrets(world)

    told = [(GET, IDENTITY, 0, b"irk"), (SET, IDENTITY, b"irk", True)]
    assert play(scene, boot=False) == told


def test_an_identity_key_of_another_size_is_none():
    async def scene(world: World):
        firmware = prepare(world)
        firmware.secrets[IDENTITY, b"irk"] = bytes(15)
        await world.boot()
        return len(firmware.secrets[IDENTITY, b"irk"])

    assert play(scene, boot=False) == 16


def test_a_reset_while_the_handler_thinks_leaves_nothing_behind():
    async def scene(world: World):
        world.board.ask = never
        starting = asyncio.ensure_future(world.board.active(True))
        await asyncio.sleep(1)
        assert not world.board.is_active
        world.board.reset()
        await asyncio.wait([starting])
        assert starting.cancelled()
        world.board.ask = world.ask
        await world.boot()
        return (await world.connect()).is_connected

    assert play(scene, boot=False)


def test_a_secret_for_every_index_would_never_end():
    async def scene(world: World):
        prepare(world)
        await world.boot()
        client = await world.connect()
        await client.pair()
        await asyncio.sleep(0.5)
        firmware = world.answer
        bond = firmware(GET, (THEIRS, 0), (PEER,))
        world.answer = lambda event, ints, blobs: (
            bond if (event, ints[0]) == (GET, THEIRS) else firmware(event, ints, blobs)
        )
        with pytest.raises(HandlerError, match="without end"):
            await world.board.active(True)

    play(scene, boot=False)
