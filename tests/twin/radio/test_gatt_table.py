"""The board's attributes: handles, buffers, permissions, as on an ESP32."""

import asyncio

import pytest
from bleak.exc import BleakGATTProtocolError
from hypothesis import given
from hypothesis import strategies as st

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.gatt_table import AttributeBuffer
from twin.radio.world import (
    COMMAND,
    CONTROL,
    INDICATE,
    INFO,
    LAYOUT,
    LIVE,
    NOTIFY,
    READ,
    SERVICE,
    SERVICE_TEXT,
    WRITE,
    World,
    errno_of,
    play,
    uuid,
)


class TestServices:
    def test_value_handles_count_declarations_and_subscriptions(self):
        """Generic services to 13, service 14, then declaration, value, CCCD, descriptors."""

        async def scene(world: World):
            layout = [
                (
                    SERVICE,
                    [
                        (LIVE, NOTIFY, [(b"\x01\x29", READ), (b"\x04\x29", READ)]),
                        (CONTROL, WRITE, []),
                        (INFO, READ, [(b"\x01\x29", READ)]),
                    ],
                ),
                (b"\x0f\x18", [(b"\x19\x2a", READ | INDICATE, [])]),
            ]
            await world.board.active(True)
            return world.board.gatts_register_services(layout)

        #                             value cccd 2901 2904  value  value 2901  service value
        assert play(scene, boot=False) == (16, 18, 19, 21, 23, 24, 27)

    def test_descriptors_can_be_read_and_written_by_their_flags(self):
        async def scene(world: World):
            await world.board.active(True)
            layout = [(SERVICE, [(INFO, READ, [(b"\x01\x29", READ), (b"\x99\x29", WRITE)])])]
            value, text, other = world.board.gatts_register_services(layout)
            world.board.gatts_write(text, b"angle")
            world.board.gatts_write(value, b"v")
            await world.advertise()
            client = await world.connect()
            assert await client.read_gatt_descriptor(text) == b"angle"
            await client.write_gatt_descriptor(other, b"set")
            with pytest.raises(BleakGATTProtocolError):
                await client.write_gatt_descriptor(text, b"no")
            return world.board.gatts_read(other)

        assert play(scene, boot=False) == b"set"

    def test_registering_replaces_all(self):
        async def scene(world: World):
            await world.board.gap_advertise(None)
            (handle,) = world.board.gatts_register_services([(SERVICE, [(uuid(9), READ, [])])])
            world.board.gatts_write(handle, b"new")
            await world.advertise()
            client = await world.connect()
            ours = [s for s in client.services if s.uuid == SERVICE_TEXT]
            return [len(s.characteristics) for s in ours], await client.read_gatt_char(handle)

        assert play(scene) == ([1], b"new")

    def test_not_while_somebody_could_look(self):
        async def scene(world: World):
            advertising = errno_of(lambda: world.board.gatts_register_services(LAYOUT))
            await world.connect()
            connected = errno_of(lambda: world.board.gatts_register_services(LAYOUT))
            return advertising, connected

        assert play(scene) == (nimble.EBUSY, nimble.EBUSY)

    def test_at_most_eight(self):
        async def scene(world: World):
            await world.board.active(True)
            services = [(uuid(0x40 + n), [(uuid(0x80 + n), READ, [])]) for n in range(9)]
            assert len(world.board.gatts_register_services(services[:8])) == 8
            return errno_of(lambda: world.board.gatts_register_services(services))

        assert play(scene, boot=False) == nimble.E2BIG


class TestBuffers:
    def test_a_write_longer_than_twenty_bytes_is_cut_and_nobody_is_told(self):
        async def scene(world: World):
            client = await world.connect()
            await client.write_gatt_char(world.handles.control, bytes(range(30)), response=True)
            return world.board.gatts_read(world.handles.control), world.board.station.writes_cut

        assert play(scene) == (bytes(range(20)), 1)

    def test_set_buffer_makes_room(self):
        async def scene(world: World):
            world.board.gatts_set_buffer(world.handles.control, 100)
            client = await world.connect()
            await client.write_gatt_char(world.handles.control, bytes(100), response=True)
            return len(world.board.gatts_read(world.handles.control)), world.board.station

        size, station = play(scene)
        assert (size, station.writes_cut) == (100, 0)

    def test_appending_queues_writes_until_they_are_read(self):
        async def scene(world: World):
            world.board.gatts_set_buffer(world.handles.control, 8, append=True)
            client = await world.connect()
            for data in (b"abc", b"def", b"ghi"):
                await client.write_gatt_char(world.handles.control, data, response=False)
            await asyncio.sleep(0.5)
            first = world.board.gatts_read(world.handles.control)
            return first, world.board.gatts_read(world.handles.control)

        assert play(scene) == (b"abcdefgh", b"")

    def test_the_boards_own_write_grows_the_buffer(self):
        async def scene(world: World):
            value = bytes(index % 256 for index in range(400))
            world.board.gatts_write(world.handles.info, value)
            client = await world.connect()
            return await client.read_gatt_char(world.handles.info) == value

        assert play(scene)

    def test_an_attribute_that_is_not_there(self):
        async def scene(world: World):
            board = world.board
            return [
                errno_of(lambda: board.gatts_read(99)),
                errno_of(lambda: board.gatts_write(99, b"x")),
                errno_of(lambda: board.gatts_set_buffer(99, 9)),
            ]

        assert play(scene) == [nimble.EINVAL] * 3

    @given(
        st.integers(1, 40),
        st.booleans(),
        st.lists(st.tuples(st.sampled_from(["theirs", "ours", "read"]), st.binary(max_size=30))),
    )
    def test_the_buffer_against_a_model_of_it(self, size, append, steps):
        buffer = AttributeBuffer()
        buffer.resize(size, append=append)
        held = b""
        for step, data in steps:
            if step == "theirs":
                whole = held + data if append else data
                held = whole[:size]
                assert buffer.receive(data) == (len(whole) == len(held))
            elif step == "ours":
                buffer.put(data)
                held, size = data, max(size, len(data))
            else:
                assert buffer.take() == held
                held = b"" if append else held
            assert buffer.value() == held


class TestPermissions:
    @pytest.mark.parametrize(
        ("action", "code"),
        [
            (lambda client, world: client.read_gatt_char(world.handles.live), 0x02),
            (lambda client, world: client.read_gatt_char(world.handles.control), 0x02),
            (lambda client, world: client.write_gatt_char(world.handles.info, b"x", True), 0x03),
            (lambda client, world: client.read_gatt_char(world.handles.secret), 0x05),
        ],
    )
    def test_what_the_flags_do_not_allow_is_refused(self, action, code):
        async def scene(world: World):
            client = await world.connect()
            with pytest.raises(BleakGATTProtocolError) as error:
                await action(client, world)
            return error.value.code

        assert play(scene) == code

    @pytest.mark.parametrize("flag", [WRITE, COMMAND])
    def test_either_write_flag_allows_both_kinds(self, flag):
        """NimBLE has one permission for the two."""

        async def scene(world: World):
            await world.board.active(True)
            (handle,) = world.board.gatts_register_services([(SERVICE, [(CONTROL, flag, [])])])
            await world.advertise()
            client = await world.connect()
            for data, response in ((b"one", True), (b"two", False)):
                await client.write_gatt_char(handle, data, response=response)
                await asyncio.sleep(0.1)
                assert world.board.gatts_read(handle) == data
            return world.events_of(nimble.IRQ_GATTS_WRITE)

        assert play(scene, boot=False) == [(0, 16), (0, 16)]

    def test_paired_the_secret_can_be_read(self):
        async def scene(world: World):
            world.board.config_set("bond", 1)
            world.board.gatts_write(world.handles.secret, b"key")
            client = await world.connect()
            await client.pair()
            value = await client.read_gatt_char(world.handles.secret)
            return value, world.events_of(nimble.IRQ_ENCRYPTION_UPDATE)

        value, events = play(scene)
        assert value == b"key"
        # connection, encrypted, authenticated, bonded, key size
        assert events == [(0, 1, 0, 1, 16)]
