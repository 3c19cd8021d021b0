"""The radio's buffers, and the fragments that a packet is cut into."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowel_host.twin.radio import nimble
from twin.radio.world import World, play


class TestBuffers:
    def queued_until_refused(self, **settings: Any) -> tuple[int, int | None]:
        async def scene(world: World):
            client = await world.connect()
            await asyncio.sleep(0.1)
            for count in range(100):
                try:
                    world.board.gatts_notify(0, world.handles.live, bytes(10))
                except OSError as error:
                    assert client.is_connected
                    return count, error.errno
            return 100, None

        return play(scene, **settings)

    def test_the_twenty_fifth_is_refused(self):
        assert self.queued_until_refused() == (24, nimble.ENOMEM)

    def test_headers_need_room_too(self):
        async def scene(world: World):
            await world.connect()
            await asyncio.sleep(0.2)
            with pytest.raises(OSError, match="buffers"):
                world.board.gatts_notify(0, world.handles.live, bytes(245))
            world.board.gatts_notify(0, world.handles.live, bytes(244))
            return world.board.station

        station = play(scene, mtu=517, tx_buffers=1)
        assert (station.refused, station.notifications_in) == (1, 1)

    def test_the_number_of_buffers_is_a_setting(self):
        assert self.queued_until_refused(tx_buffers=3) == (3, nimble.ENOMEM)

    def test_they_are_shared_by_the_connections(self):
        async def scene(world: World):
            await world.connect()
            await world.advertise()
            await world.connect(await world.radio(2))
            await asyncio.sleep(0.1)
            for _ in range(12):
                world.board.gatts_notify(0, world.handles.live, b"a")
                world.board.gatts_notify(1, world.handles.live, b"b")
            for connection in (0, 1):
                with pytest.raises(OSError, match="buffers"):
                    world.board.gatts_notify(connection, world.handles.live, b"c")
            await asyncio.sleep(1)
            return world.board.station

        station = play(scene)
        assert (station.notifications_in, station.notifications_out, station.refused) == (
            24,
            24,
            2,
        )

    def test_a_buffer_is_free_again_when_its_packet_has_been_on_the_air(self):
        async def scene(world: World):
            await world.connect()
            await asyncio.sleep(0.1)
            for _ in range(24):
                world.board.gatts_notify(0, world.handles.live, b"x")
            (air,) = world.link.airs
            event_us = air.next_event_us(world.loop.now_us)
            free = []
            for offset in (-1, 1, 30_001):
                await world.sleep_us(event_us + offset - world.loop.now_us)
                assert world.board._stack is not None
                free.append(world.board._stack.free_buffers())
            return free

        assert play(scene) == [0, 4, 8]


class TestFragments:
    def arrival(self, size: int, *, mtu: int = 517, **settings: Any) -> tuple[int, int]:
        """Number of events that a notification of size bytes takes, and buffers it holds."""

        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            await asyncio.sleep(1)
            (air,) = world.link.airs
            first_us = air.next_event_us(world.loop.now_us)
            data = bytes(index % 251 for index in range(size))
            world.board.gatts_notify(0, world.handles.live, data)
            assert world.board._stack is not None
            held = 24 - world.board._stack.free_buffers()
            await asyncio.sleep(5)
            [(time_us, value)] = heard
            assert value == data
            assert world.board.station.notifications_out == 1
            assert world.board._stack.free_buffers() == 24, "and its buffers are free"
            return (time_us - first_us) // 30_000 + 1, held

        return play(scene, mtu=mtu, **settings)

    def test_244_bytes_are_one_pdu_and_245_are_two(self):
        assert self.arrival(244, pdus_per_event=1) == (1, 1)
        assert self.arrival(245, pdus_per_event=1) == (2, 2)

    def test_without_data_length_extension_a_pdu_has_27_bytes(self):
        # 20 bytes and 7 of headers; 21; 244 bytes: ten PDUs, three events of four.
        assert self.arrival(20, data_length=27, pdus_per_event=1) == (1, 1)
        assert self.arrival(21, data_length=27, pdus_per_event=1) == (2, 1)
        assert self.arrival(244, data_length=27) == (3, 1)

    def test_a_buffer_is_held_until_its_last_fragment_is_sent(self):
        async def scene(world: World):
            await world.connect()
            await asyncio.sleep(0.2)
            (air,) = world.link.airs
            event_us = air.next_event_us(world.loop.now_us)
            world.board.gatts_notify(0, world.handles.live, bytes(244))
            free: list[int] = []
            for _ in range(3):
                await world.sleep_us(event_us + 1 - world.loop.now_us)
                assert world.board._stack is not None
                free.append(world.board._stack.free_buffers())
                event_us += 30_000
            return free

        assert play(scene, data_length=27) == [23, 23, 24]

    @given(st.integers(1, 512), st.integers(27, 251), st.integers(1, 8))
    @settings(max_examples=25, deadline=None)
    def test_any_size_arrives_whole_in_the_time_that_arithmetic_says(self, size, length, pdus):
        packet = size + 7
        buffers = [min(251, packet - at) for at in range(0, packet, 251)]
        fragments = sum(-(-buffer // length) for buffer in buffers)
        events = -(-fragments // pdus)
        expected = (events, len(buffers))
        assert self.arrival(size, data_length=length, pdus_per_event=pdus) == expected
