"""Links that break: who notices, when, and what becomes of what waited."""

import asyncio

import pytest
from bleak import BleakScanner
from bleak.exc import BleakError
from hypothesis import given, settings
from hypothesis import strategies as st

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bleak_backend import backend_for
from twin.radio.world import ADDRESS, World, play

TIMEOUT_US = 4_000_000


class TestSupervision:
    def test_both_sides_notice_a_lost_link_four_seconds_after_they_last_met(self):
        async def scene(world: World):
            gone: list[int] = []
            client = await world.connect(disconnected_callback=lambda _: gone.append(now()))

            def now() -> int:
                return world.loop.now_us

            await asyncio.sleep(1)
            (air,) = world.link.airs
            next_event_us = air.next_event_us(now())
            world.board.go_dark()
            await asyncio.sleep(10)
            assert not client.is_connected
            (noticed,) = [
                at for at, code, *_ in world.events if code == nimble.IRQ_CENTRAL_DISCONNECT
            ]
            return next_event_us - 30_000 + TIMEOUT_US, gone, noticed

        expected, gone, noticed = play(scene)
        assert gone == [expected]
        assert noticed == expected

    def test_out_of_range_at_the_microsecond_of_an_event_misses_it(self):
        async def scene(world: World):
            await world.connect()
            await asyncio.sleep(1)
            (air,) = world.link.airs
            event_us = air.next_event_us(world.loop.now_us)
            await world.sleep_us(event_us - world.loop.now_us)
            world.board.go_dark()
            await asyncio.sleep(5)
            (at,) = [at for at, code, *_ in world.events if code == nimble.IRQ_CENTRAL_DISCONNECT]
            return at - event_us

        assert play(scene) == TIMEOUT_US - 30_000

    def test_both_must_be_back(self):
        async def scene(world: World):
            client = await world.connect()
            radio = world.radios[0].controller
            world.board.go_dark()
            world.link.go_dark(radio)
            await asyncio.sleep(1)
            world.link.come_back(radio)
            await asyncio.sleep(4)
            return client.is_connected

        assert not play(scene)

    def test_the_timeout_is_a_setting(self):
        async def scene(world: World):
            await world.connect()
            start = world.loop.now_us
            world.board.go_dark()
            await asyncio.sleep(2)
            (at,) = [at for at, code, *_ in world.events if code == nimble.IRQ_CENTRAL_DISCONNECT]
            return at - start

        assert 470_000 <= play(scene, supervision_timeout_us=500_000) <= 500_000

    def test_back_in_time_nothing_is_lost(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            await asyncio.sleep(0.2)
            dark_us = world.loop.now_us
            world.board.go_dark()
            for number in range(20):
                world.board.gatts_notify(0, world.handles.live, bytes((number,)))
            await asyncio.sleep(3.9)
            quiet = len(heard)
            world.board.come_back()
            back_us = world.loop.now_us
            await asyncio.sleep(10)
            assert client.is_connected
            return quiet, dark_us, back_us, heard, world.board.station

        quiet, _, back_us, heard, station = play(scene)
        assert quiet == 0
        assert [data for _, data in heard] == [bytes((number,)) for number in range(20)]
        assert back_us < heard[0][0] <= back_us + 30_000
        assert station.notifications_out == 20
        assert station.discarded == 0

    def test_two_short_absences_without_an_event_between_them_add_up(self):
        async def scene(world: World):
            await world.connect()
            await asyncio.sleep(0.2)
            (air,) = world.link.airs
            event_us = air.next_event_us(world.loop.now_us)
            await world.sleep_us(event_us + 10_000 - world.loop.now_us)
            world.board.go_dark()
            # Back for 4 ms between two events.
            await world.sleep_us(30_000 * 100 + 2_000)
            world.board.come_back()
            await world.sleep_us(4_000)
            world.board.go_dark()
            await asyncio.sleep(5)
            (at,) = [at for at, code, *_ in world.events if code == nimble.IRQ_CENTRAL_DISCONNECT]
            return at - event_us

        assert play(scene) == TIMEOUT_US

    def test_a_central_that_leaves_is_noticed_by_the_board_alone(self):
        async def scene(world: World):
            first = await world.connect()
            await world.advertise()
            second = await world.connect(await world.radio(2))
            heard = await world.listen(second, world.handles.live)
            world.link.go_dark(world.radios[0].controller)
            for _ in range(10):
                world.board.gatts_notify(0, world.handles.live, b"to the first")
            await asyncio.sleep(1)
            world.board.gatts_notify(1, world.handles.live, b"to the second")
            await asyncio.sleep(9)
            assert not first.is_connected
            assert second.is_connected
            return heard, world.events_of(nimble.IRQ_CENTRAL_DISCONNECT)

        heard, gone = play(scene)
        assert [data for _, data in heard] == [b"to the second"]
        assert gone == [(0, 0)]

    @given(st.lists(st.integers(1, 5_000_000), min_size=2, max_size=12))
    @settings(max_examples=15, deadline=None)
    def test_what_went_in_is_out_or_discarded_whenever_the_link_goes(self, pauses_us):
        async def scene(world: World):
            radio = await world.radio()
            await world.connect(radio)
            world.keep_full(world.handles.live, bytes(100), 8, step_us=50_000)
            for turn, pause_us in enumerate(pauses_us):
                await world.sleep_us(pause_us)
                (world.board.come_back if turn % 2 else world.board.go_dark)()
            await asyncio.sleep(30)
            station = world.board.station
            assert station.notifications_in == station.notifications_out + station.discarded
            return station.notifications_in

        assert play(scene) > 0


class TestAbsence:
    def test_out_of_range_nobody_finds_the_board(self):
        async def scene(world: World):
            radio = await world.radio()
            scanner, _ = backend_for(radio)
            world.board.go_dark()
            lost = await BleakScanner.find_device_by_address(ADDRESS, 5, backend=scanner)
            world.board.come_back()
            found = await BleakScanner.find_device_by_address(ADDRESS, 5, backend=scanner)
            return lost, found

        lost, found = play(scene)
        assert lost is None
        assert found is not None

    def test_out_of_range_a_central_finds_nobody(self):
        async def scene(world: World):
            radio = await world.radio()
            world.link.go_dark(radio.controller)
            scanner, _ = backend_for(radio)
            return await BleakScanner.find_device_by_address(ADDRESS, 5, backend=scanner)

        assert play(scene) is None

    def test_connecting_to_a_board_that_has_gone_times_out_and_is_over(self):
        async def scene(world: World):
            radio = await world.radio()
            device = await world.find(radio)
            world.board.go_dark()
            start = world.loop.now_us
            with pytest.raises(TimeoutError):
                await world.client(radio, device, timeout=7).connect()
            waited = world.loop.now_us - start
            # The request was taken back: the board's return connects nobody.
            world.board.come_back()
            await asyncio.sleep(5)
            assert world.events_of(nimble.IRQ_CENTRAL_CONNECT) == []
            client = world.client(radio, device)
            await client.connect()
            return waited, client.is_connected

        assert play(scene) == (7_000_000, True)

    def test_a_read_that_waits_when_the_link_goes_is_a_bleak_error(self):
        async def scene(world: World):
            client = await world.connect()
            world.board.go_dark()
            start = world.loop.now_us
            with pytest.raises(BleakError, match="disconnected"):
                await client.read_gatt_char(world.handles.info)
            with pytest.raises(BleakError):
                await client.read_gatt_char(world.handles.info)
            return world.loop.now_us - start

        assert TIMEOUT_US - 30_000 <= play(scene) <= TIMEOUT_US

    def test_a_disconnect_that_cannot_be_said_ends_with_the_timeout(self):
        async def scene(world: World):
            client = await world.connect()
            world.board.go_dark()
            start = world.loop.now_us
            await client.disconnect()
            return world.loop.now_us - start

        assert TIMEOUT_US - 30_000 <= play(scene) <= TIMEOUT_US
