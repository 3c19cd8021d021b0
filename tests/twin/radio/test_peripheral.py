"""Power, settings and advertising do what MicroPython on an ESP32 does, with its errors."""

import asyncio
from itertools import pairwise

import pytest
from bleak import BleakScanner

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bleak_backend import backend_for
from dowel_host.twin.radio.nimble import NotModelledError
from twin.radio.world import (
    ADDRESS,
    MAC,
    NAME,
    SERVICE_TEXT,
    World,
    errno_of,
    play,
)


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
            lambda board: board.gap_pair(0),
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
            for name, value in (("bond", 1), ("mitm", 0), ("le_secure", 1), ("io", 4)):
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
            for name, value in (("io", 5), ("io", -1), ("addr_mode", 2), ("addr_mode", 3)):
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
