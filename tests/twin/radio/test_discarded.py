"""What was lost is counted: ends of connections, resets, planted losses."""

import asyncio

import pytest
from bleak import BleakScanner
from bumble.ll import TerminateInd

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bleak_backend import backend_for
from twin.radio.world import ADDRESS, World, play

TIMEOUT_US = 4_000_000


class TestDiscarded:
    def test_a_disconnect_discards_what_waits_and_counts_it(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            await asyncio.sleep(0.2)
            for number in range(24):
                world.board.gatts_notify(0, world.handles.live, bytes((number,)))
            await world.sleep_us(40_000)
            world.board.gap_disconnect(0)
            await asyncio.sleep(1)
            assert not client.is_connected
            return [data[0] for _, data in heard], world.board.station

        heard, station = play(scene)
        assert heard == list(range(len(heard)))
        assert len(heard) in (4, 8)
        assert station.notifications_out == len(heard)
        assert station.discarded == 24 - len(heard)

    def test_a_lost_link_discards_what_waits_and_counts_it(self):
        async def scene(world: World):
            await world.connect()
            await asyncio.sleep(0.2)
            world.board.go_dark()
            for _ in range(7):
                world.board.gatts_notify(0, world.handles.live, bytes(200))
            await asyncio.sleep(5)
            return world.board.station

        station = play(scene)
        assert (station.notifications_in, station.notifications_out) == (7, 0)
        assert station.discarded == 7

    def test_the_buffers_of_a_lost_connection_are_free_again(self):
        async def scene(world: World):
            radio = await world.radio()
            await world.connect(radio)
            await asyncio.sleep(0.2)
            world.board.go_dark()
            for _ in range(24):
                world.board.gatts_notify(0, world.handles.live, b"x")
            await asyncio.sleep(5)
            world.board.come_back()
            await world.advertise()
            client = await world.connect(radio)
            heard = await world.listen(client, world.handles.live)
            for _ in range(24):
                world.board.gatts_notify(0, world.handles.live, b"y")
            await asyncio.sleep(1)
            return heard

        assert len(play(scene)) == 24

    def test_what_reaches_the_controller_after_the_end_is_counted(self):
        """The board's program has not heard of the end yet when it sends its last notification."""

        async def scene(world: World):
            client = await world.connect()
            await asyncio.sleep(0.2)
            (air,) = world.link.airs
            air.end(0x13, 0x13)  # the hosts are told in the loop's next turn
            world.board.gatts_notify(0, world.handles.live, b"too late")
            await asyncio.sleep(1)
            assert not client.is_connected
            return world.board.station

        station = play(scene)
        assert (station.notifications_in, station.notifications_out) == (1, 0)
        assert station.discarded == 1

    def test_a_connection_that_its_controller_gave_up_ends_once(self):
        """As bumble's controller does where the keys of the two sides differ."""

        async def scene(world: World):
            gone: list[int] = []
            await world.connect(disconnected_callback=lambda _: gone.append(world.loop.now_us))
            (air,) = world.link.airs
            mic_failure = 0x3D
            air.peripheral.send_ll_control_pdu(TerminateInd(mic_failure))
            air.peripheral.radio.on_le_disconnected(air.peripheral, mic_failure)
            await asyncio.sleep(1)
            return len(gone), world.events_of(nimble.IRQ_CENTRAL_DISCONNECT)

        assert play(scene) == (1, [(0, 0)])

    def test_dropped_on_purpose_is_not_in(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            world.board.station.drop = 5
            for number in range(20):
                world.board.gatts_notify(0, world.handles.live, bytes((number,)))
            await asyncio.sleep(1)
            return [data[0] for _, data in heard], world.board.station

        heard, station = play(scene)
        assert heard == list(range(5, 20))
        assert (station.notifications_in, station.notifications_out) == (15, 15)
        assert (station.dropped, station.drop) == (5, 0)


class TestReset:
    def test_a_board_that_is_reset_says_nothing_and_can_be_met_again(self):
        async def scene(world: World):
            radio = await world.radio()
            gone: list[int] = []
            client = await world.connect(
                radio, disconnected_callback=lambda _: gone.append(world.loop.now_us)
            )
            await asyncio.sleep(0.2)
            reset_us = world.loop.now_us
            world.events.clear()
            world.board.gatts_notify(0, world.handles.live, b"in the controller")
            await world.sleep_us(1)
            world.board.gatts_notify(0, world.handles.live, b"on its way there")
            world.board.reset()
            assert not world.board.is_active
            await asyncio.sleep(0)
            assert world.board.station.discarded == 2
            await world.boot()
            # To the central's controller the old connection still stands.
            await asyncio.sleep(3)
            assert client.is_connected
            await asyncio.sleep(3)
            assert world.events_of(nimble.IRQ_CENTRAL_DISCONNECT) == []
            again = await world.connect(radio)
            heard = await world.listen(again, world.handles.live)
            world.board.gatts_notify(0, world.handles.live, b"after")
            await asyncio.sleep(1)
            return gone[0] - reset_us, heard, world.board.station

        noticed_us, heard, station = play(scene)
        assert TIMEOUT_US - 30_000 <= noticed_us <= TIMEOUT_US
        assert [data for _, data in heard] == [b"after"]
        assert (station.notifications_in, station.notifications_out) == (3, 1)
        assert station.discarded == 2

    def test_a_reset_forgets_what_was_configured(self):
        async def scene(world: World):
            world.board.config_set("gap_name", b"mine")
            world.board.reset()
            assert world.board.config_get("gap_name") == nimble.DEFAULT_NAME
            await world.board.active(True)
            return world.board.config_get("mtu")

        assert play(scene) == nimble.PREFERRED_MTU

    def test_a_reset_ends_advertising(self):
        async def scene(world: World):
            scanner, _ = backend_for(await world.radio())
            world.board.reset()
            return await BleakScanner.find_device_by_address(ADDRESS, 3, backend=scanner)

        assert play(scene) is None

    @pytest.mark.parametrize("turns", range(0, 40, 3))
    def test_a_reset_in_the_middle_of_a_command_leaves_no_ghost(self, turns):
        async def scene(world: World):
            radio = await world.radio()
            scanner, _ = backend_for(radio)
            await world.board.gap_advertise(None)
            starting = asyncio.ensure_future(world.board.gap_advertise(100_000, b"\x02\x01\x06"))
            for _ in range(turns):  # the commands are under way
                await asyncio.sleep(0)
            world.board.reset()
            starting.cancel()
            return await BleakScanner.find_device_by_address(ADDRESS, 3, backend=scanner)

        assert play(scene) is None
