"""bleak, as a receiver uses it, on the virtual air."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.scanner import AdvertisementData
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDeviceNotFoundError,
    BleakError,
)
from bumble.device import Advertisement
from bumble.hci import Address

from dowel_host.twin.radio.advertisement import parse, uuid_text
from dowel_host.twin.radio.bleak_backend import backend_for
from dowel_host.twin.radio.nimble import IRQ_CENTRAL_CONNECT, IRQ_CENTRAL_DISCONNECT
from twin.radio.world import ADDRESS, NAME, SERVICE_TEXT, World, play


class TestWithoutAnAdapter:
    def test_scanning_and_connecting_say_so_as_the_real_backends_do(self):
        async def main():
            scanner, client = backend_for(None)
            with pytest.raises(BleakBluetoothNotAvailableError) as scan:
                await BleakScanner.discover(1, backend=scanner)
            with pytest.raises(BleakBluetoothNotAvailableError) as connect:
                await BleakClient(ADDRESS, backend=client).connect()
            return {scan.value.reason, connect.value.reason}

        assert asyncio.run(main()) == {BleakBluetoothNotAvailableReason.NO_BLUETOOTH}


class TestScanner:
    def test_the_filter_for_a_service(self):
        async def scene(world: World):
            scanner, _ = backend_for(await world.radio())
            other = "12345678-0000-0000-0000-000000000000"
            return [
                [d.name for d in await BleakScanner.discover(1, backend=scanner, service_uuids=u)]
                for u in ([SERVICE_TEXT], [other], [other, SERVICE_TEXT])
            ]

        assert play(scene) == [[NAME], [], [NAME]]

    def test_by_name_as_soon_as_it_is_heard(self):
        async def scene(world: World):
            scanner, _ = backend_for(await world.radio())
            found = await BleakScanner.find_device_by_name(NAME, backend=scanner)
            assert found is not None
            return found.address, world.loop.now_us

        address, found_us = play(scene)
        assert address == ADDRESS
        assert found_us <= 500_000

    def test_two_scanners_of_one_adapter_both_hear(self):
        async def scene(world: World):
            scanner, _ = backend_for(await world.radio())
            searches = [BleakScanner.discover(1 + n, backend=scanner) for n in range(2)]
            found = await asyncio.gather(*searches)
            again = await BleakScanner.discover(1, backend=scanner)
            return [len(devices) for devices in (*found, again)]

        assert play(scene) == [1, 1, 1]

    def test_two_adapters_hear_the_same_board(self):
        async def scene(world: World):
            backends = [backend_for(await world.radio(number)) for number in (1, 2)]
            searches = [BleakScanner.discover(1, backend=scanner) for scanner, _ in backends]
            return [len(devices) for devices in await asyncio.gather(*searches)]

        assert play(scene) == [1, 1]

    def test_a_scanner_that_stopped_hears_nothing(self):
        async def scene(world: World):
            heard: list[AdvertisementData] = []

            def hear(_device: object, data: AdvertisementData) -> None:
                heard.append(data)

            scanner = BleakScanner(hear, backend=backend_for(await world.radio())[0])
            await scanner.start()
            await asyncio.sleep(1)
            await scanner.stop()
            await scanner.stop()
            count = len(heard)
            await asyncio.sleep(1)
            return count, len(heard)

        count, after = play(scene)
        assert count == after > 0


class TestConnecting:
    def test_services_characteristics_and_descriptors_are_discovered(self):
        async def scene(world: World):
            client = await world.connect()
            (ours,) = [s for s in client.services if s.uuid == SERVICE_TEXT]
            return [
                (c.handle, c.properties, [d.handle for d in c.descriptors])
                for c in ours.characteristics
            ], [service.uuid[4:8] for service in client.services]

        characteristics, services = play(scene)
        assert characteristics == [
            (16, ["notify"], [17]),
            (19, ["write-without-response", "write"], []),
            (21, ["read", "notify"], [22]),
            (24, ["read"], []),
            (26, ["indicate"], [27]),
        ]
        assert services == ["1800", "1801", "0000"]

    def test_only_the_services_asked_for(self):
        async def scene(world: World):
            client = await world.connect(services=[SERVICE_TEXT])
            return [service.uuid for service in client.services]

        assert play(scene) == [SERVICE_TEXT]

    def test_by_address_it_scans_first(self):
        async def scene(world: World):
            client = world.client(await world.radio(), ADDRESS)
            assert client.name == ADDRESS.replace(":", "-")
            async with client:
                return client.name, client.mtu_size, client.is_connected

        assert play(scene) == (NAME, 247, True)

    def test_what_is_not_there_is_not_found(self):
        async def scene(world: World):
            client = world.client(await world.radio(), "00:11:22:33:44:55", timeout=3)
            with pytest.raises((BleakDeviceNotFoundError, TimeoutError)):
                await client.connect()
            return world.loop.now_us

        assert play(scene) <= 3_100_000

    def test_twice_is_an_error(self):
        async def scene(world: World):
            client = await world.connect()
            with pytest.raises(BleakError, match="already connected"):
                await client.connect()
            return client.is_connected

        assert play(scene)

    def test_two_clients_of_one_adapter_take_turns(self):
        async def scene(world: World):
            radio = await world.radio()
            device = await world.find(radio)
            clients = [world.client(radio, device, timeout=5) for _ in range(2)]
            results = await asyncio.gather(
                *(client.connect() for client in clients), return_exceptions=True
            )
            # The board advertises until the first: the second waits for its turn in vain.
            return [type(result).__name__ for result in results]

        assert play(scene) == ["NoneType", "TimeoutError"]

    def test_a_cancelled_connect_leaves_nothing_behind(self):
        async def scene(world: World):
            radio = await world.radio()
            device = await world.find(radio)
            world.board.go_dark()
            connecting = asyncio.ensure_future(world.client(radio, device).connect())
            await asyncio.sleep(1)
            connecting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await connecting
            world.board.come_back()
            await asyncio.sleep(2)
            return world.events_of(IRQ_CENTRAL_CONNECT), len(radio.device.connections)

        assert play(scene) == ([], 0)

    @pytest.mark.parametrize("after_us", range(0, 700_000, 17_003))
    def test_cancelled_at_any_moment_it_is_not_half_connected(self, after_us):
        async def scene(world: World):
            radio = await world.radio()
            device = await world.find(radio)
            client = world.client(radio, device)
            connecting = asyncio.ensure_future(client.connect())
            await world.sleep_us(after_us)
            connecting.cancel()
            await asyncio.wait([connecting])
            await asyncio.sleep(5)
            assert connecting.cancelled()
            assert not client.is_connected
            connects = world.events_of(IRQ_CENTRAL_CONNECT)
            assert len(connects) == len(world.events_of(IRQ_CENTRAL_DISCONNECT))
            return len(radio.device.connections)

        assert play(scene) == 0

    @pytest.mark.parametrize("turns", range(12))
    def test_cancelled_in_the_very_moment_of_success_it_is_not_half_connected(self, turns):
        async def scene(world: World):
            radio = await world.radio()
            device = await world.find(radio)
            connecting = asyncio.ensure_future(world.client(radio, device).connect())
            await world.sleep_us(500_000 - world.loop.now_us)  # the board advertises
            for _ in range(turns):
                await asyncio.sleep(0)
            connecting.cancel()
            await asyncio.wait([connecting])
            await asyncio.sleep(5)
            assert connecting.cancelled()
            connects = world.events_of(IRQ_CENTRAL_CONNECT)
            assert len(connects) == len(world.events_of(IRQ_CENTRAL_DISCONNECT))
            return len(radio.device.connections)

        assert play(scene) == 0

    def test_the_link_may_go_at_any_moment_of_connecting(self):
        async def scene(world: World):
            radio = await world.radio()
            device = await world.find(radio)
            outcomes = set()
            for step in range(14):
                client = world.client(radio, device, timeout=20)
                connecting = asyncio.ensure_future(client.connect())
                await world.sleep_us(step * 60_000)
                world.board.go_dark()
                await asyncio.sleep(10)
                world.board.come_back()
                await asyncio.wait([connecting])
                outcomes.add(type(connecting.exception()).__name__)
                await client.disconnect()
                await world.advertise()
            return outcomes

        assert play(scene) == {"NoneType", "BleakError"}


class TestDisconnecting:
    def test_the_callback_is_called_once_whoever_ends_it(self):
        async def scene(world: World):
            calls: list[str] = []
            radio = await world.radio()
            for how in ("client", "board", "range"):
                client = await world.connect(
                    radio, disconnected_callback=lambda _, how=how: calls.append(how)
                )
                if how == "client":
                    await client.disconnect()
                elif how == "board":
                    world.board.gap_disconnect(0)
                else:
                    world.board.go_dark()
                await asyncio.sleep(5)
                assert not client.is_connected
                await client.disconnect()
                if how == "range":
                    world.board.come_back()
                await world.advertise()
            return calls

        assert play(scene) == ["client", "board", "range"]

    def test_afterwards_there_is_nothing_to_read(self):
        async def scene(world: World):
            client = await world.connect()
            await client.disconnect()
            with pytest.raises(BleakError, match="Discovery"):
                _ = client.services
            with pytest.raises(BleakError):
                await client.read_gatt_char(world.handles.info)
            with pytest.raises(BleakError):
                await client.start_notify(world.handles.live, print)

        play(scene)

    def test_reconnecting_finds_everything_again(self):
        async def scene(world: World):
            radio = await world.radio()
            client = await world.connect(radio)
            counts = []
            for _ in range(3):
                heard = await world.listen(client, world.handles.live)
                world.board.gatts_notify(0, world.handles.live, b"x")
                await asyncio.sleep(0.1)
                counts.append(len(heard))
                await client.disconnect()
                await world.advertise()
                await client.connect()
            return counts

        assert play(scene) == [1, 1, 1]

    def test_ones_own_cancellation_stays_one(self):
        async def scene(world: World):
            client = await world.connect()
            reading = asyncio.ensure_future(client.read_gatt_char(world.handles.info))
            await asyncio.sleep(0.01)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            await asyncio.sleep(0.2)
            world.board.gatts_write(world.handles.info, b"still there")
            return await client.read_gatt_char(world.handles.info)

        assert play(scene) == b"still there"


class TestValues:
    def test_long_values_are_read_and_written_in_parts(self):
        async def scene(world: World):
            value = bytes(index % 256 for index in range(420))
            world.board.gatts_write(world.handles.info, value)
            world.board.gatts_set_buffer(world.handles.control, 500)
            client = await world.connect()
            await client.write_gatt_char(world.handles.control, value, response=True)
            return (
                await client.read_gatt_char(world.handles.info) == value,
                world.board.gatts_read(world.handles.control) == value,
            )

        assert play(scene) == (True, True)

    def test_a_command_must_fit(self):
        async def scene(world: World):
            client = await world.connect()
            control = client.services.get_characteristic(world.handles.control)
            assert control is not None
            size = control.max_write_without_response_size
            world.board.gatts_set_buffer(world.handles.control, 500)
            await client.write_gatt_char(control, bytes(size), response=False)
            await asyncio.sleep(0.2)
            with pytest.raises(BleakError, match="245 bytes"):
                await client.write_gatt_char(control, bytes(size + 1), response=False)
            return size, len(world.board.gatts_read(world.handles.control))

        assert play(scene) == (244, 244)

    def test_subscribing_twice_is_an_error_and_unsubscribing_ends_it(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            with pytest.raises(BleakError, match="already started"):
                await client.start_notify(world.handles.live, print)
            await client.stop_notify(world.handles.live)
            await client.stop_notify(world.handles.live)
            world.board.gatts_notify(0, world.handles.live, b"unwanted")
            await asyncio.sleep(0.2)
            return heard, world.radios[0].unclaimed

        assert play(scene) == ([], 1)

    def test_what_cannot_be_subscribed_to(self):
        async def scene(world: World):
            client = await world.connect()
            with pytest.raises(BleakError, match="nothing to subscribe to"):
                await client.start_notify(world.handles.secret, print)
            with pytest.raises(BleakCharacteristicNotFoundError):
                await client.start_notify(99, print)

        play(scene)

    def test_a_callback_may_be_a_coroutine(self):
        async def scene(world: World):
            client = await world.connect()
            heard: list[bytes] = []

            async def hear(_sender: object, data: bytearray) -> None:
                await asyncio.sleep(0.01)
                heard.append(bytes(data))

            await client.start_notify(world.handles.live, hear)
            world.board.gatts_notify(0, world.handles.live, b"x")
            await asyncio.sleep(0.2)
            return heard

        assert play(scene) == [b"x"]


class TestAdvertisement:
    def of(self, data: str) -> AdvertisementData:
        address = Address("00:00:00:00:00:01")
        return parse(Advertisement(address, rssi=-60, data_bytes=bytes.fromhex(data)))

    def test_uuids_of_every_size(self):
        assert uuid_text(b"\x0f\x18") == "0000180f-0000-1000-8000-00805f9b34fb"
        assert uuid_text(b"\x78\x56\x34\x12") == "12345678-0000-1000-8000-00805f9b34fb"
        assert uuid_text(bytes(range(16))) == "0f0e0d0c-0b0a-0908-0706-050403020100"

    def test_all_its_parts(self):
        data = self.of("0503 0f180a180308 41620409 416263020a fc05ff 3412aabb0416 0f1864")
        assert data.service_uuids == [uuid_text(b"\x0f\x18"), uuid_text(b"\x0a\x18")]
        assert data.local_name == "Abc"
        assert data.tx_power == -4
        assert data.manufacturer_data == {0x1234: b"\xaa\xbb"}
        assert data.service_data == {uuid_text(b"\x0f\x18"): b"\x64"}
        assert data.rssi == -60

    @pytest.mark.parametrize(
        "data", ["", "0203 0f", "020a", "01ff", "0216 0f", "ff09 41", "0209 ff"]
    )
    def test_what_is_cut_short_does_no_harm(self, data):
        assert self.of(data).service_uuids == []
