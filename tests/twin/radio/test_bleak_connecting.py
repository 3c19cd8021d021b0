"""bleak on the virtual air: connecting and losing the connection, at any moment."""

import asyncio

import pytest
from bleak.exc import (
    BleakDeviceNotFoundError,
    BleakError,
)

from dowel_host.twin.radio.nimble import IRQ_CENTRAL_CONNECT, IRQ_CENTRAL_DISCONNECT
from twin.radio.world import ADDRESS, NAME, SERVICE_TEXT, World, play


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
