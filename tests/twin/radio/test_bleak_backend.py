"""bleak, as a receiver uses it, on the virtual air: finding, values."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.scanner import AdvertisementData
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakError,
)
from bumble.device import Advertisement
from bumble.hci import Address

from dowel_host.twin.radio.advertisement import parse, uuid_text
from dowel_host.twin.radio.bleak_backend import backend_for
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
