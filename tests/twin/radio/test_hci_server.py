"""The virtual air for other programs: HCI over TCP, a controller for each connection."""

import asyncio
import contextlib
import random
import socket

import pytest
from bleak import BleakClient, BleakScanner
from bumble.device import Device, DeviceConfiguration
from bumble.hci import Address
from bumble.host import Host
from bumble.transport import open_transport

from dowel_host.twin.radio import hci_server, nimble
from dowel_host.twin.radio.hci_server import HciPortError, HciServer, address_of
from dowel_host.twin.radio.transport import RadioError, adapter_on
from twin.radio.world import ADDRESS, NAME, World, play

RESET = b"\x01\x03\x0c\x00"
RESET_DONE = b"\x04\x0e\x04\x01\x03\x0c\x00"
TIMEOUT_US = 400_000


def on_air(scene, **settings):
    """Run scene(world, server) in real time, bumble's hosts in the same program."""

    async def with_server(world: World):
        cuts: list[str] = []
        server = await HciServer.open(world.link, on_cut=cuts.append)
        try:
            return await scene(world, server, cuts)
        finally:
            for writer in _writers:
                writer.close()
            _writers.clear()
            await server.close()
            await asyncio.sleep(0.01)  # the connections' ends are told in the next turns

    return play(with_server, realtime=True, supervision_timeout_us=TIMEOUT_US, **settings)


async def until(condition, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - whatever it is, it has no event
            await asyncio.sleep(0.01)


_writers: list[asyncio.StreamWriter] = []


async def raw(server):
    """A connection without a host behind it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    _writers.append(writer)
    return reader, writer


def test_a_host_of_another_program_finds_the_board_connects_and_is_notified():
    async def scene(world, server, cuts):
        async with adapter_on(server.transport) as radio:
            device = await BleakScanner.find_device_by_name(NAME, **radio.scanner_options())
            assert device is not None
            assert device.address == ADDRESS
            async with BleakClient(device, backend=radio.client) as client:
                heard = await world.listen(client, world.handles.live)
                for number in range(5):
                    world.board.gatts_notify(0, world.handles.live, bytes((number,)))
                await until(lambda: len(heard) == 5)
                assert client.mtu_size == 247
            assert [data for _, data in heard] == [bytes((number,)) for number in range(5)]
            await until(lambda: world.events_of(nimble.IRQ_CENTRAL_DISCONNECT))
        await until(lambda: not server.sessions)
        assert cuts == []

    on_air(scene)


def test_each_has_an_address_of_its_own_and_the_next_one_gets_the_lowest_that_is_free():
    async def scene(world, server, cuts):
        first, second = await raw(server), await raw(server)
        await until(lambda: len(server.sessions) == 2)
        assert sorted(server.sessions) == [1, 2]
        assert address_of(2).to_string(False) == "F0:F0:F0:00:00:02"
        first[1].close()
        await until(lambda: sorted(server.sessions) == [2])
        await raw(server)
        await until(lambda: sorted(server.sessions) == [1, 2])
        second[1].close()

    on_air(scene)


def test_a_pulled_cable_is_noticed_by_the_board_after_the_supervision_timeout():
    async def scene(world, server, cuts):
        pulled_us = []

        async def connect_and_pull():
            async with adapter_on(server.transport) as radio:
                device = await BleakScanner.find_device_by_name(NAME, **radio.scanner_options())
                assert device is not None
                await BleakClient(device, backend=radio.client).connect()
                await until(lambda: world.events_of(nimble.IRQ_CENTRAL_CONNECT))
                server.sessions[1].abort()
                pulled_us.append(world.loop.now_us)
                await asyncio.sleep(5)

        with pytest.raises(RadioError, match="it was lost"):
            await connect_and_pull()
        assert not server.sessions
        assert server.free_number() == 2, "the board still thinks that it talks to number 1"
        await until(lambda: world.events_of(nimble.IRQ_CENTRAL_DISCONNECT))
        assert 0.8 * TIMEOUT_US < world.loop.now_us - pulled_us[0] < 2.5 * TIMEOUT_US
        assert server.free_number() == 1

    on_air(scene)


def test_a_host_that_comes_back_with_its_random_address_waits_until_the_board_has_lost_it():
    async def connect(server):
        transport = await open_transport(server.transport)
        config = DeviceConfiguration(name="phone", address=Address("F1:F1:F1:F1:F1:F1"))
        device = Device(config=config, host=Host(transport.source, transport.sink))
        await device.power_on()
        await device.connect(Address(ADDRESS, Address.PUBLIC_DEVICE_ADDRESS))
        return transport

    async def scene(world, server, cuts):
        first = await connect(server)
        await first.close()
        await world.advertise()
        second = await connect(server)
        events = [event for _, event, _, _ in world.events]
        come, gone = nimble.IRQ_CENTRAL_CONNECT, nimble.IRQ_CENTRAL_DISCONNECT
        assert [event for event in events if event in (come, gone)] == [come, gone, come]
        await second.close()

    on_air(scene)


def test_what_is_no_hci_is_cut_off_and_nobody_else_suffers():
    async def scene(world, server, cuts):
        good = await raw(server)
        bad = await raw(server)
        bad[1].write(b"GET / HTTP/1.1\r\n\r\n")
        assert await bad[0].read() == b""
        assert cuts == ["A receiver was cut off: what it sends is no HCI."]
        good[1].write(RESET)
        assert await good[0].readexactly(len(RESET_DONE)) == RESET_DONE

    on_air(scene)


def test_what_no_controller_can_do_is_cut_off_with_the_reason():
    async def scene(world, server, cuts):
        reader, writer = await raw(server)
        writer.write(b"\x02\x01\x00\x01\x00?")  # one byte for L2CAP, whose header has four
        assert await reader.read() == b""
        (cut,) = cuts
        assert cut.startswith("A receiver was cut off: its controller cannot do that (error: ")

    on_air(scene)


def test_a_command_that_there_is_not_is_refused_and_not_left_unanswered():
    async def scene(world, server, cuts):
        reader, writer = await raw(server)
        # Inquiry is answered by a status, Inquiry Cancel by the end of the command.
        for opcode, answer in ((0x0401, "040f0401010104"), (0x0402, "040e0401020401")):
            writer.write(b"\x01" + opcode.to_bytes(2, "little") + bytes((10,)) + bytes(10))
            expected = bytes.fromhex(answer)
            assert await reader.readexactly(len(expected)) == expected
        assert cuts == []

    on_air(scene)


def test_no_bytes_do_any_harm(caplog):
    async def scene(world, server, cuts):
        picks = random.Random(3)

        def well_formed(size):
            """A command or data, with a header that fits."""
            if picks.random() < 0.5:
                opcode = picks.randrange(0x2001, 0x2060).to_bytes(2, "little")
                return b"\x01" + opcode + bytes((size,)) + picks.randbytes(size)
            return b"\x02" + picks.randbytes(2) + bytes((size, 0)) + picks.randbytes(size)

        for _ in range(150):
            reader, writer = await raw(server)
            for _ in range(picks.randrange(1, 8)):
                writer.write(picks.choice((well_formed, picks.randbytes))(picks.randrange(40)))
            with contextlib.suppress(ConnectionError):
                await writer.drain()
            writer.close()
        await until(lambda: not server.sessions)
        reader, writer = await raw(server)
        writer.write(RESET)
        assert await reader.readexactly(len(RESET_DONE)) == RESET_DONE

    on_air(scene)
    caplog.clear()  # bumble complains of what cannot be read, rightly


def test_one_that_does_not_read_is_cut_off(monkeypatch):
    monkeypatch.setattr(hci_server, "UNREAD_BYTES", 10_000)

    async def scene(world, server, cuts):
        with socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            lazy.setblocking(False)
            await world.loop.sock_connect(lazy, ("127.0.0.1", server.port))
            # Read Local Supported Commands, again and again: 71 bytes of answer each.
            with contextlib.suppress(ConnectionError):
                while not cuts:
                    await world.loop.sock_sendall(lazy, b"\x01\x02\x10\x00" * 1000)
                    await asyncio.sleep(0)
            await until(lambda: not server.sessions)
        assert cuts == ["A receiver was cut off: it does not read what its controller says."]

    on_air(scene)


def test_a_port_that_is_taken_is_said():
    async def scene(world, server, cuts):
        with pytest.raises(HciPortError, match=f"Port {server.port} .*--hci-port") as error:
            await HciServer.open(world.link, server.port)
        assert error.value.port == server.port

    on_air(scene)


def test_when_all_addresses_are_taken_the_next_one_is_refused(monkeypatch):
    monkeypatch.setattr(hci_server, "_NUMBERS", range(1, 3))

    async def scene(world, server, cuts):
        await raw(server)
        await raw(server)
        reader, _ = await raw(server)
        assert await reader.read() == b""
        assert cuts == ["A receiver was cut off: there is no address left for it."]

    on_air(scene)
