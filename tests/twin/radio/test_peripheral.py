"""The board's calls do what MicroPython on an ESP32 does, with its errors."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
from bleak import BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError
from hypothesis import given
from hypothesis import strategies as st

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bleak_backend import backend_for
from dowel_host.twin.radio.gatt_table import AttributeBuffer
from dowel_host.twin.radio.nimble import NotModelledError
from dowel_host.twin.radio.peripheral import Peripheral
from twin.radio.world import (
    ADDRESS,
    COMMAND,
    CONTROL,
    INDICATE,
    INFO,
    LAYOUT,
    LIVE,
    MAC,
    NAME,
    NOTIFY,
    READ,
    SERVICE,
    SERVICE_TEXT,
    WRITE,
    World,
    play,
    uuid,
)


def errno_of(call: Callable[[], object]) -> int | None:
    with pytest.raises(OSError) as error:  # noqa: PT011 - the number is what is looked at
        call()
    return error.value.errno


class TestActive:
    @pytest.mark.parametrize(
        "call",
        [
            lambda board: board.config_get("mac"),
            lambda board: board.config_get("mtu"),
            lambda board: board.config_set("mtu", 247),
            lambda board: board.config_set("addr_mode", 1),
            lambda board: board.gap_advertise(100_000),
            lambda board: board.gap_disconnect(0),
            lambda board: board.gatts_register_services([]),
            lambda board: board.gatts_read(16),
            lambda board: board.gatts_write(16, b""),
            lambda board: board.gatts_set_buffer(16, 30),
            lambda board: board.gatts_notify(0, 16, b""),
            lambda board: board.gatts_indicate(0, 16, b""),
        ],
    )
    def test_before_it_is_active_there_is_no_device(self, call):
        async def scene(world: World):
            assert not world.board.is_active
            return errno_of(lambda: call(world.board))

        assert play(scene, boot=False) == nimble.ENODEV

    def test_what_may_be_set_before_it_is_active(self):
        async def scene(world: World):
            for name, value in (("bond", 1), ("mitm", 0), ("le_secure", 1), ("io", 3)):
                world.board.config_set(name, value)
            world.board.config_set("gap_name", b"early")
            await world.boot()
            return world.board.config_get("gap_name")

        assert play(scene, boot=False) == b"early"

    def test_stopping_to_advertise_is_always_allowed(self):
        async def scene(world: World):
            await world.board.gap_advertise(None)

        play(scene, boot=False)

    def test_off_tells_the_peers_but_not_the_program(self):
        async def scene(world: World):
            gone: list[int] = []
            client = await world.connect(
                disconnected_callback=lambda _: gone.append(world.loop.now_us)
            )
            start = world.loop.now_us
            assert not await world.board.active(False)
            assert not client.is_connected
            return gone[0] - start, world.events_of(nimble.IRQ_CENTRAL_DISCONNECT)

        after_us, events = play(scene)
        assert 0 < after_us <= 30_000
        assert events == []

    def test_on_twice_begins_anew(self):
        async def scene(world: World):
            client = await world.connect()
            world.board.config_set("mtu", 100)
            assert await world.board.active(True)
            assert not client.is_connected
            assert world.board.config_get("mtu") == nimble.PREFERRED_MTU
            return errno_of(lambda: world.board.gatts_read(world.handles.info))

        assert play(scene) == nimble.EINVAL


class TestConfig:
    def test_mac_is_the_public_address_as_printed(self):
        async def scene(world: World):
            return world.board.config_get("mac")

        assert play(scene) == (0, MAC)

    def test_a_random_address_is_advertised(self):
        async def scene(world: World):
            world.board.config_set("addr_mode", 1)
            await world.advertise()
            mac = world.board.config_get("mac")
            assert isinstance(mac, tuple)
            mode, address = mac
            text = ":".join(f"{byte:02X}" for byte in address)
            radio = await world.radio()
            scanner, _ = backend_for(radio)
            found = await BleakScanner.find_device_by_address(text, 2, backend=scanner)
            assert found is not None
            client = world.client(radio, found)
            await client.connect()
            return mode, address[0] >> 6, client.is_connected

        assert play(scene) == (1, 0b11, True)

    @pytest.mark.parametrize("name", ["rxbuf", "bond", "mitm", "io", "le_secure", "addr_mode"])
    def test_what_cannot_be_read(self, name):
        async def scene(world: World):
            with pytest.raises(ValueError, match="unknown config param"):
                world.board.config_get(name)

        play(scene)

    def test_rxbuf_is_unknown_where_events_are_synchronous(self):
        async def scene(world: World):
            with pytest.raises(ValueError, match="unknown config param"):
                world.board.config_set("rxbuf", 500)

        play(scene)

    def test_what_is_not_modelled_is_said_loudly(self):
        async def scene(world: World):
            for name, value in (("io", 0), ("io", 4), ("addr_mode", 2), ("addr_mode", 3)):
                with pytest.raises(NotModelledError):
                    world.board.config_set(name, value)

        play(scene)

    @pytest.mark.parametrize(("mtu", "allowed"), [(22, 0), (23, 1), (527, 1), (528, 0)])
    def test_mtu_limits(self, mtu, allowed):
        async def scene(world: World):
            if not allowed:
                assert errno_of(lambda: world.board.config_set("mtu", mtu)) == nimble.EINVAL
                return nimble.EINVAL
            world.board.config_set("mtu", mtu)
            return world.board.config_get("mtu")

        assert play(scene) == (mtu if allowed else nimble.EINVAL)

    def test_the_name_is_what_centrals_read(self):
        async def scene(world: World):
            world.board.config_set("gap_name", b"Dowel")
            assert errno_of(lambda: world.board.config_set("gap_name", bytes(32))) == nimble.EINVAL
            client = await world.connect()
            return await client.read_gatt_char("2a00")

        assert play(scene) == b"Dowel"

    @pytest.mark.parametrize(
        ("central", "board", "agreed"), [(517, 256, 256), (185, 256, 185), (517, 23, 23)]
    )
    def test_the_smaller_mtu_wins_and_the_board_hears_of_it(self, central, board, agreed):
        async def scene(world: World):
            client = await world.connect(await world.radio(mtu=central))
            return client.mtu_size, world.events_of(nimble.IRQ_MTU_EXCHANGED)

        assert play(scene, mtu=board) == (agreed, [(0, agreed)])


class TestAdvertising:
    def test_service_in_the_first_packet_name_in_the_scan_response(self):
        async def scene(world: World):
            scanner, _ = backend_for(await world.radio())
            found = await BleakScanner.discover(2, return_adv=True, backend=scanner)
            _, data = found[ADDRESS]
            return data

        data = play(scene)
        assert data.local_name == NAME
        assert data.service_uuids == [SERVICE_TEXT]

    def test_a_passive_scanner_does_not_see_the_scan_response(self):
        async def scene(world: World):
            scanner, _ = backend_for(await world.radio())
            found = await BleakScanner.discover(
                2, return_adv=True, backend=scanner, scanning_mode="passive"
            )
            _, data = found[ADDRESS]
            return data

        data = play(scene)
        assert data.local_name is None
        assert data.service_uuids == [SERVICE_TEXT]

    def test_it_advertises_at_the_interval_asked_for(self):
        async def scene(world: World):
            await world.board.gap_advertise(152_500)
            radio = await world.radio()
            seen: list[int] = []
            scanner, _ = backend_for(radio)

            def hear(_device: object, _data: object) -> None:
                seen.append(world.loop.now_us)

            async with BleakScanner(hear, backend=scanner, scanning_mode="passive"):
                await asyncio.sleep(2)
            return {later - earlier for earlier, later in pairwise(seen)}

        assert play(scene) == {152_500}

    def test_none_keeps_the_data_and_empty_takes_it_away(self):
        async def scene(world: World):
            scanner, _ = backend_for(await world.radio())
            names = []
            for response in (None, b""):
                await world.board.gap_advertise(100_000, None, response)
                found = await BleakScanner.discover(1, return_adv=True, backend=scanner)
                _, data = found[ADDRESS]
                names.append((data.local_name, data.service_uuids))
            return names

        assert play(scene) == [(NAME, [SERVICE_TEXT]), (None, [SERVICE_TEXT])]

    def test_a_connection_ends_it_and_the_program_starts_it_again(self):
        async def scene(world: World):
            scanner, _ = backend_for(await world.radio(2))
            client = await world.connect()
            during = await BleakScanner.discover(2, backend=scanner)
            await client.disconnect()
            after = await BleakScanner.discover(2, backend=scanner)
            await world.advertise()
            again = await BleakScanner.discover(2, backend=scanner)
            return len(during), len(after), len(again)

        assert play(scene) == (0, 0, 1)

    def test_none_stops_it(self):
        async def scene(world: World):
            await world.board.gap_advertise(None)
            scanner, _ = backend_for(await world.radio())
            return await BleakScanner.discover(2, backend=scanner)

        assert play(scene) == []

    def test_not_connectable_is_heard_but_not_connected_to(self):
        async def scene(world: World):
            await world.board.gap_advertise(100_000, connectable=False)
            radio = await world.radio()
            device = await world.find(radio)
            with pytest.raises(TimeoutError):
                await world.client(radio, device, timeout=3).connect()
            return device.name

        assert play(scene) == NAME

    @pytest.mark.parametrize(
        ("arguments", "number"),
        [
            ((100_000, bytes(32)), nimble.ADVERTISING_TOO_LONG),
            ((100_000, b"", bytes(32)), nimble.ADVERTISING_TOO_LONG),
            ((19_999,), nimble.ADVERTISING_INTERVAL),
            ((10_240_001,), nimble.ADVERTISING_INTERVAL),
        ],
    )
    def test_refusals(self, arguments, number):
        async def scene(world: World):
            return errno_of(lambda: world.board.gap_advertise(*arguments))

        assert play(scene) == number

    def test_four_connections_and_no_room_for_a_fifth(self):
        async def scene(world: World):
            for number in range(1, 5):
                await world.connect(await world.radio(number))
                if number < 4:
                    await world.advertise()
            assert [ints[0] for ints in world.events_of(nimble.IRQ_CENTRAL_CONNECT)] == [
                0,
                1,
                2,
                3,
            ]
            return errno_of(lambda: world.board.gap_advertise(100_000))

        assert play(scene) == nimble.ENOMEM


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


class TestNotify:
    def test_it_reaches_a_central_that_has_not_subscribed(self):
        async def scene(world: World):
            await world.connect()
            world.board.gatts_notify(0, world.handles.live, b"unasked")
            await asyncio.sleep(0.1)
            return world.radios[0].unclaimed, world.board.station.notifications_out

        assert play(scene) == (1, 1)

    def test_it_is_cut_to_the_mtu_and_nobody_is_told(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            world.board.gatts_notify(0, world.handles.live, bytes(range(200)))
            await asyncio.sleep(0.1)
            return heard[0][1], world.board.station.cut_to_mtu

        assert play(scene, mtu=100) == (bytes(range(97)), 1)

    def test_before_the_exchange_there_is_room_for_twenty_bytes(self):
        async def scene(world: World):
            radio = await world.radio()
            device = await world.find(radio)
            _, gatt = await radio.connect(device.details)
            got: list[bytes] = []
            gatt.callbacks[world.handles.live] = got.append
            world.board.gatts_notify(0, world.handles.live, bytes(range(30)))
            await asyncio.sleep(0.1)
            return got

        assert play(scene) == [bytes(range(20))]

    def test_without_data_it_sends_the_attributes_value(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.info)
            world.board.gatts_write(world.handles.info, b"stored")
            world.board.gatts_notify(0, world.handles.info)
            world.board.gatts_notify(0, world.handles.info, b"")
            await asyncio.sleep(0.1)
            return [data for _, data in heard]

        assert play(scene) == [b"stored", b""]

    def test_errors(self):
        async def scene(world: World):
            before = errno_of(lambda: world.board.gatts_notify(0, world.handles.live, b"x"))
            client = await world.connect()
            nowhere = errno_of(lambda: world.board.gatts_notify(0, 99))
            other = errno_of(lambda: world.board.gatts_notify(1, world.handles.live, b"x"))
            await client.disconnect()
            after = errno_of(lambda: world.board.gatts_notify(0, world.handles.live, b"x"))
            return before, nowhere, other, after

        assert play(scene) == (-128, nimble.NO_SUCH_ATTRIBUTE, -128, -128)

    def test_send_update_goes_to_those_who_subscribed(self):
        async def scene(world: World):
            first = await world.connect()
            await world.advertise()
            second = await world.connect(await world.radio(2))
            heard = await world.listen(second, world.handles.info)
            await first.read_gatt_char(world.handles.info)
            world.board.gatts_write(world.handles.info, b"silent")
            world.board.gatts_write(world.handles.info, b"news", send_update=True)
            await asyncio.sleep(0.1)
            await second.stop_notify(world.handles.info)
            world.board.gatts_write(world.handles.info, b"more", send_update=True)
            await asyncio.sleep(0.1)
            return [data for _, data in heard], [radio.unclaimed for radio in world.radios]

        assert play(scene) == ([b"news"], [0, 0])

    def test_an_update_without_a_buffer_is_lost_and_counted(self):
        async def scene(world: World):
            client = await world.connect()
            await world.listen(client, world.handles.info)
            await asyncio.sleep(0.1)
            for _ in range(24):
                world.board.gatts_notify(0, world.handles.live, b"x")
            world.board.gatts_write(world.handles.info, b"news", send_update=True)
            return world.board.station

        station = play(scene)
        assert (station.updates_lost, station.refused, station.notifications_in) == (1, 0, 24)


class TestIndicate:
    def test_an_indication_is_confirmed_after_two_events(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.ack)
            world.board.gatts_indicate(0, world.handles.ack, b"really")
            busy = errno_of(lambda: world.board.gatts_indicate(0, world.handles.ack, b"again"))
            await asyncio.sleep(0.2)
            done = [at for at, code, *_ in world.events if code == nimble.IRQ_GATTS_INDICATE_DONE]
            world.board.gatts_indicate(0, world.handles.ack, b"once more")
            await asyncio.sleep(0.2)
            return heard, busy, done, world.events_of(nimble.IRQ_GATTS_INDICATE_DONE), world

        heard, busy, done, events, world = play(scene)
        assert [data for _, data in heard] == [b"really", b"once more"]
        assert busy == nimble.EBUSY
        assert done[0] - heard[0][0] == 30_000
        assert events == [(0, world.handles.ack, 0)] * 2

    def test_when_the_link_goes_first_the_status_says_so_before_the_disconnect(self):
        async def scene(world: World):
            await world.connect()
            world.board.go_dark()
            world.board.gatts_indicate(0, world.handles.ack, b"lost")
            await asyncio.sleep(5)
            return [(code, ints[-1]) for _, code, ints, _ in world.events[-2:]]

        assert play(scene) == [
            (nimble.IRQ_GATTS_INDICATE_DONE, nimble.STATUS_NOT_CONNECTED),
            (nimble.IRQ_CENTRAL_DISCONNECT, 0),
        ]

    def test_unconfirmed_for_thirty_seconds_it_fails_and_the_connection_ends(self):
        async def scene(world: World):
            client = await world.connect()
            start = world.loop.now_us
            world.board.gatts_indicate(0, world.handles.ack, b"slow")
            world.board.go_dark()
            await asyncio.sleep(30.5)
            world.board.come_back()
            await asyncio.sleep(1)
            assert not client.is_connected
            return [
                (at - start, ints[-1])
                for at, code, ints, _ in world.events
                if code == nimble.IRQ_GATTS_INDICATE_DONE
            ]

        timed_out = [(30_000_000, nimble.STATUS_TIMEOUT)]
        assert play(scene, supervision_timeout_us=32_000_000) == timed_out


class TestEvents:
    def test_connect_and_disconnect_name_the_central(self):
        async def scene(world: World):
            client = await world.connect()
            await client.disconnect()
            return [event[1:] for event in world.events]

        address = bytes.fromhex("F0F0F0000001")
        assert play(scene, mtu=247) == [
            (nimble.IRQ_CENTRAL_CONNECT, (0, 0), (address,)),
            (nimble.IRQ_MTU_EXCHANGED, (0, 247), ()),
            (nimble.IRQ_CENTRAL_DISCONNECT, (0, 0), (address,)),
        ]

    def test_a_write_names_connection_and_handle(self):
        async def scene(world: World):
            await world.connect()
            await world.advertise()
            client = await world.connect(await world.radio(2))
            await client.write_gatt_char(world.handles.control, b"go", response=True)
            return world.events_of(nimble.IRQ_GATTS_WRITE), world.handles.control

        events, control = play(scene)
        assert events == [(1, control)]

    def test_a_handle_is_used_again(self):
        async def scene(world: World):
            for _ in range(2):
                client = await world.connect(world.radios[0] if world.radios else None)
                await client.disconnect()
                await world.advertise()
            return [ints[0] for ints in world.events_of(nimble.IRQ_CENTRAL_CONNECT)]

        assert play(scene) == [0, 0]

    def test_the_board_can_end_a_connection(self):
        async def scene(world: World):
            gone: list[int] = []
            client = await world.connect(
                disconnected_callback=lambda _: gone.append(world.loop.now_us)
            )
            start = world.loop.now_us
            assert world.board.gap_disconnect(0)
            assert world.board.gap_disconnect(0)
            await asyncio.sleep(1)
            assert not client.is_connected
            assert errno_of(lambda: world.board.gap_disconnect(0)) == -128
            return gone[0] - start, world.events_of(nimble.IRQ_CENTRAL_DISCONNECT)

        after_us, events = play(scene)
        assert 0 < after_us <= 30_000
        assert events == [(0, 0)]

    def test_the_receiver_of_events_may_be_set_later(self):
        async def scene(world: World):
            board = Peripheral(world.link, b"\x24\x6f\x28\x00\x00\x01")
            await board.active(True)
            got: list[int] = []
            board.post = lambda event, _ints, _blobs: got.append(event)
            board.gatts_register_services(LAYOUT)
            await board.gap_advertise(100_000)
            client = world.client(await world.radio(), "24:6F:28:00:00:01")
            await client.connect()
            await board.active(False)
            with pytest.raises(BleakError):
                await client.read_gatt_char("2a00")
            return got[0]

        assert play(scene, boot=False) == nimble.IRQ_CENTRAL_CONNECT
