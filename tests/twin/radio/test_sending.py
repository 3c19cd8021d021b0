"""Notifications, indications and events, as on an ESP32."""

import asyncio

import pytest
from bleak.exc import BleakError

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.peripheral import Peripheral
from twin.radio.world import (
    LAYOUT,
    World,
    errno_of,
    play,
)


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
