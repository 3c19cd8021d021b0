"""Who may read and write: the security flags of characteristics, with the errors of ATT."""

import asyncio

import pytest
from bleak import BleakClient
from bleak.exc import BleakGATTProtocolError

from dowel_host.twin.radio import nimble
from twin.radio.firmware import Firmware
from twin.radio.world import NOTIFY, READ, SERVICE, WRITE, World, play, uuid

FLAGS = {
    "open": READ | WRITE,
    "encrypted": READ | WRITE | nimble.FLAG_READ_ENCRYPTED | nimble.FLAG_WRITE_ENCRYPTED,
    "authenticated": READ
    | WRITE
    | nimble.FLAG_READ_AUTHENTICATED
    | nimble.FLAG_WRITE_AUTHENTICATED,
    "authorized": READ | WRITE | nimble.FLAG_READ_AUTHORIZED | nimble.FLAG_WRITE_AUTHORIZED,
    "reading": READ | WRITE | nimble.FLAG_READ_ENCRYPTED,
    "writing": READ | WRITE | nimble.FLAG_WRITE_ENCRYPTED,
    "live": NOTIFY | nimble.FLAG_READ_ENCRYPTED,
}
UNPROVEN, UNAUTHORIZED, UNENCRYPTED = 0x05, 0x08, 0x0F  # errors of ATT


async def boot(world: World, **config: int) -> dict[str, int]:
    """A board with one characteristic for each of FLAGS; their handles."""
    world.answer = Firmware(world.board, passkey=123456)
    for name, value in {"bond": 1, **config}.items():
        world.board.config_set(name, value)
    await world.board.active(True)
    layout = [(uuid(index), flags, []) for index, flags in enumerate(FLAGS.values(), 1)]
    handles = world.board.gatts_register_services([(SERVICE, layout)])
    await world.advertise()
    return dict(zip(FLAGS, handles, strict=True))


async def outcome(client: BleakClient, handle: int) -> tuple[int, int]:
    """Errors of reading and of writing a characteristic; 0: none."""
    codes: list[int] = []
    for access in (client.read_gatt_char(handle), client.write_gatt_char(handle, b"x", True)):
        try:
            await access
        except BleakGATTProtocolError as error:
            codes.append(error.code)
        else:
            codes.append(0)
    reading, writing = codes
    return reading, writing


EXPECTED = {
    "unpaired": {
        "open": (0, 0),
        "encrypted": (UNPROVEN, UNPROVEN),
        "authenticated": (UNPROVEN, UNPROVEN),
        "authorized": (UNAUTHORIZED, UNAUTHORIZED),
        "reading": (UNPROVEN, 0),
        "writing": (0, UNPROVEN),
    },
    # A peer whose bond the board knows is told that encryption is all that is missing.
    "bonded, not encrypted": {
        "open": (0, 0),
        "encrypted": (UNENCRYPTED, UNENCRYPTED),
        "authenticated": (UNENCRYPTED, UNENCRYPTED),
        "authorized": (UNAUTHORIZED, UNAUTHORIZED),
        "reading": (UNENCRYPTED, 0),
        "writing": (0, UNENCRYPTED),
    },
    "paired without a passkey": {
        "open": (0, 0),
        "encrypted": (0, 0),
        "authenticated": (UNPROVEN, UNPROVEN),
        "authorized": (UNAUTHORIZED, UNAUTHORIZED),
        "reading": (0, 0),
        "writing": (0, 0),
    },
    "paired with a passkey": {
        "open": (0, 0),
        "encrypted": (0, 0),
        "authenticated": (0, 0),
        "authorized": (UNAUTHORIZED, UNAUTHORIZED),
        "reading": (0, 0),
        "writing": (0, 0),
    },
}


async def come(world: World, peer: str) -> BleakClient:
    """Connect as one of the peers of EXPECTED."""
    client = await world.connect()
    if peer == "paired with a passkey":
        await client.pair(passkey=123456)
    elif peer != "unpaired":
        await client.pair()
    await asyncio.sleep(0.5)
    if peer == "bonded, not encrypted":
        await client.unpair()  # on its side only
        await world.advertise()
        await client.connect()
    return client


@pytest.mark.parametrize("peer", EXPECTED)
def test_each_flag_for_each_peer(peer):
    async def scene(world: World):
        handles = await boot(world, mitm=1, io=0)
        client = await come(world, peer)
        return {name: await outcome(client, handles[name]) for name in EXPECTED[peer]}

    assert play(scene, boot=False) == EXPECTED[peer]


def test_a_refused_write_reaches_neither_the_value_nor_the_program():
    async def scene(world: World):
        handles = await boot(world)
        world.board.gatts_write(handles["encrypted"], b"ours")
        client = await come(world, "unpaired")
        for response in (True, False):
            try:
                await client.write_gatt_char(handles["encrypted"], b"theirs", response)
            except BleakGATTProtocolError:
                continue
        await asyncio.sleep(0.2)
        return world.board.gatts_read(handles["encrypted"]), world.events_of(3)

    assert play(scene, boot=False) == (b"ours", [])


def test_a_refused_reader_is_nothing_that_the_program_is_asked_about():
    async def scene(world: World):
        handles = await boot(world)
        client = await come(world, "unpaired")
        world.story.clear()
        await outcome(client, handles["encrypted"])
        return [event for event, _, _ in world.story]

    # Once for reading and once for writing it is asked whether it knows the peer.
    assert play(scene, boot=False) == [nimble.IRQ_GET_SECRET] * 2


def test_notifications_go_to_anybody():
    """The subscription is not protected, and notifying looks at no flag: the firmware has to."""

    async def scene(world: World):
        handles = await boot(world)
        client = await come(world, "unpaired")
        heard = await world.listen(client, handles["live"])
        world.board.gatts_notify(0, handles["live"], b"angle")
        await asyncio.sleep(0.2)
        return [value for _, value in heard]

    assert play(scene, boot=False) == [b"angle"]


def test_each_of_several_centrals_has_its_own_security():
    async def scene(world: World):
        handles = await boot(world)
        first = await come(world, "paired without a passkey")
        await world.advertise()
        second = await world.connect(await world.radio(2))
        return [(await outcome(client, handles["encrypted"]))[0] for client in (first, second)]

    assert play(scene, boot=False) == [0, UNPROVEN]


def test_it_ends_with_the_connection():
    async def scene(world: World):
        handles = await boot(world, bond=0)
        client = await come(world, "paired without a passkey")
        paired = await outcome(client, handles["encrypted"])
        await client.disconnect()
        await world.advertise()
        await client.connect()
        return paired, await outcome(client, handles["encrypted"])

    assert play(scene, boot=False) == ((0, 0), (UNPROVEN, UNPROVEN))
