"""The record of what passes between the board's Bluetooth host and its controller."""

import asyncio
import struct

from bumble.apps.show import SnoopPacketReader
from bumble.hci import HCI_AclDataPacket, HCI_Disconnect_Command, HCI_ErrorCode, HCI_Packet
from bumble.snoop import BtSnooper, Snooper

from dowel_host.twin.radio.hci_log import HciLog, HciPacket
from twin.radio.world import World, play


def test_it_shows_a_notification_byte_by_byte():
    async def scene(world: World):
        await world.connect()
        await asyncio.sleep(0.1)
        at = world.loop.now_us
        world.board.gatts_notify(0, world.handles.live, b"\x01\x02angles")
        await asyncio.sleep(0.1)
        return at, world.handles.live, [packet for packet in world.hci if packet.time_us == at]

    at, handle, packets = play(scene)
    value = b"\x01\x02angles"
    att = b"\x1b" + struct.pack("<H", handle) + value
    l2cap = struct.pack("<HH", len(att), 4) + att
    acl = b"\x02" + struct.pack("<HH", 0, len(l2cap)) + l2cap
    assert packets == [HciPacket(at, True, acl)]


def test_the_host_hears_at_the_event_that_the_buffer_is_free():
    async def scene(world: World):
        await world.connect()
        await asyncio.sleep(0.1)
        (air,) = world.link.airs
        world.board.gatts_notify(0, world.handles.live, b"x")
        event_us = air.next_event_us(world.loop.now_us)
        await asyncio.sleep(0.1)
        return event_us, [packet for packet in world.hci if packet.time_us == event_us]

    event_us, packets = play(scene)
    # Event 0x13, number of completed packets: connection 0, one packet.
    completed = bytes.fromhex("04 13 05 01 0000 0100")
    assert packets == [HciPacket(event_us, False, completed)]


def test_the_end_of_a_connection_has_its_reason():
    async def scene(world: World):
        radio = await world.radio()
        client = await world.connect(radio)
        await client.disconnect()
        await world.advertise()
        await world.connect(radio)
        world.board.gap_disconnect(0)
        await asyncio.sleep(0.1)
        return [packet.data for packet in world.hci if packet.data[:2] == b"\x04\x05"]

    # Event 5, disconnection complete: status, connection, reason.
    by_peer, by_host = 0x13, 0x16
    assert play(scene) == [bytes((4, 5, 4, 0, 0, 0, reason)) for reason in (by_peer, by_host)]


def test_a_connection_that_is_not_there_cannot_be_ended():
    async def scene(world: World):
        radio = await world.radio()
        command = HCI_Disconnect_Command(connection_handle=7, reason=0x13)
        return await radio.device.send_async_command(command, check_status=False)

    assert play(scene) == HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR


def test_the_controller_tells_its_buffers():
    async def scene(world: World):
        answers = [packet.data for packet in world.hci if packet.data[4:6] == b"\x60\x20"]
        return answers[0][6:10]

    # LE read buffer size: status, 251 bytes, 24 packets.
    assert play(scene) == bytes.fromhex("00 fb00 18")


def test_a_long_notification_is_two_packets_of_the_host():
    async def scene(world: World):
        await world.connect()
        await asyncio.sleep(0.1)
        at = world.loop.now_us
        world.board.gatts_notify(0, world.handles.live, bytes(300))
        await asyncio.sleep(0.1)
        packets = [packet.data for packet in world.hci if packet.time_us == at]
        return [HCI_Packet.from_bytes(data) for data in packets]

    first, second = play(scene, mtu=517)
    assert isinstance(first, HCI_AclDataPacket)
    assert isinstance(second, HCI_AclDataPacket)
    assert [(first.pb_flag, len(first.data)), (second.pb_flag, len(second.data))] == [
        (0, 251),
        (1, 300 + 7 - 251),
    ]


def test_the_file_can_be_read_by_another_program(tmp_path):
    async def scene(world: World):
        client = await world.connect()
        await world.listen(client, world.handles.live)
        world.board.gatts_notify(0, world.handles.live, b"in the file")
        await asyncio.sleep(0.1)
        world.hci.write_btsnoop(tmp_path / "board.btsnoop")
        return list(world.hci)

    packets = play(scene)
    with (tmp_path / "board.btsnoop").open("rb") as file:
        reader = SnoopPacketReader(file)
        read = []
        while (record := reader.next_packet())[0] is not None:
            read.append(record)
    assert [(direction == 0, data) for _, direction, data in read] == [
        (packet.to_controller, packet.data) for packet in packets
    ]
    first, last = read[0][0], read[-1][0]
    assert (last - first).total_seconds() == (packets[-1].time_us - packets[0].time_us) / 1e6
    assert any(b"in the file" in data for _, _, data in read)


def test_records_say_direction_and_kind(tmp_path):
    log = HciLog(lambda: 5)
    to_controller = Snooper.Direction.HOST_TO_CONTROLLER
    to_host = Snooper.Direction.CONTROLLER_TO_HOST
    for data, direction in (
        (b"\x01cmd", to_controller),
        (b"\x02acl", to_controller),
        (b"\x04evt", to_host),
        (b"\x02acl", to_host),
    ):
        log.snoop(data, direction)
    log.write_btsnoop(tmp_path / "x")
    records = (tmp_path / "x").read_bytes()[16:]
    flags = [struct.unpack_from(">IIIIQ", records, at) for at in range(0, len(records), 28)]
    assert [flag for _, _, flag, _, _ in flags] == [2, 0, 3, 1]
    assert {time_us for *_, time_us in flags} == {BtSnooper.TIMESTAMP_DELTA + 5}


def test_it_is_bounded_and_counts_what_it_overwrites():
    log = HciLog(lambda: 0, keep=3)
    for number in range(5):
        log.snoop(bytes((2, number)), Snooper.Direction.HOST_TO_CONTROLLER)
    assert [packet.data[1] for packet in log] == [2, 3, 4]
    assert log.overwritten == 2
    assert len(log) == 3
