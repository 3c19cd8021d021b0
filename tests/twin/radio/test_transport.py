"""An adapter behind a bumble transport: how it fails. test_hci_server.py has it at work."""

import asyncio
import time
from typing import Any

import pytest

from dowel_host.links.ble import scan
from dowel_host.links.carrier import LinkError
from dowel_host.twin.radio import transport
from dowel_host.twin.radio.transport import RadioError, adapter_on


async def use(name):
    async with adapter_on(name):
        pass


class _Server(asyncio.Protocol):
    """Gives one answer to whatever it hears."""

    def __init__(self, answer):
        self._answer = answer

    def connection_made(self, transport: Any):
        self._transport = transport

    def data_received(self, data):
        self._transport.write(self._answer)


async def listening(protocol):
    """A TCP server, and the name of the transport that leads to it."""
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    return server, f"tcp-client:127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nonsense",
        "tcp-client",
        "tcp-client:",
        "tcp-client:localhost",
        "tcp-client:127.0.0.1:x",
        "tcp-client:127.0.0.1:99999",
        "tcp-client:[x=1]127.0.0.1",
        "serial:/dev/no-such-port",
        "unix:/no/such/socket",
        "file:/no/such/file",
        "usb:99",
    ],
)
def test_a_name_that_names_no_radio_is_refused_in_one_sentence(name):
    with pytest.raises(RadioError) as error:
        asyncio.run(use(name))
    said = str(error.value)
    assert said.startswith(f"--radio {name}: no such radio (")
    assert said.endswith("; use the name that `dowel twin` prints.")
    assert "\n" not in said


def test_where_nothing_listens_it_says_what_to_start():
    async def main():
        server, name = await listening(lambda: _Server(b""))
        server.close()
        await server.wait_closed()
        await use(name)

    with pytest.raises(RadioError, match="nothing listens there; start `dowel twin`"):
        asyncio.run(main())


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_is_no_controller_is_not_waited_for(answer, monkeypatch, caplog):
    monkeypatch.setattr(transport, "START_TIMEOUT_S", 0.2)

    async def main():
        server, name = await listening(lambda: _Server(answer))
        async with server:
            await use(name)

    started_s = time.monotonic()
    with pytest.raises(RadioError, match="no Bluetooth controller answers there"):
        asyncio.run(main())
    assert time.monotonic() - started_s < 4
    caplog.clear()  # bumble complains of the answer, rightly


def lost_while(work, caplog):
    """What becomes of work(radio) when the controller's program ends."""

    async def main():
        server, name = await listening(_Controller)
        async with server, adapter_on(name) as radio:
            await work(radio)

    started_s = time.monotonic()
    try:
        with pytest.raises(RadioError, match=r"it was lost.*start that again"):
            asyncio.run(asyncio.wait_for(main(), 5))
    finally:
        caplog.clear()  # bumble complains of the loss, rightly
    assert time.monotonic() - started_s < 4


class _Controller(asyncio.Protocol):
    """Says yes to every command of a host's start, and hangs up after half a second."""

    def connection_made(self, transport: Any):
        self._transport = transport
        asyncio.get_running_loop().call_later(0.5, transport.abort)

    def data_received(self, data):
        while data:
            opcode, size = data[1:3], data[3]
            data = data[4 + size :]
            # Enough for every answer of the start: features, versions, sizes of buffers.
            answer = b"\x01" + opcode + b"\x00" + bytes(70)
            self._transport.write(b"\x04\x0e" + bytes((len(answer),)) + answer)


def test_a_radio_that_is_lost_ends_what_uses_it(caplog):
    lost_while(lambda radio: asyncio.sleep(60), caplog)


def test_it_ends_a_scan(caplog):
    lost_while(lambda radio: scan(radio, 60.0), caplog)


def test_it_ends_a_task_within_the_task_that_uses_it(caplog):
    async def work(radio):
        await asyncio.wait({asyncio.create_task(scan(radio, 60.0))})

    lost_while(work, caplog)


def test_an_error_of_the_user_stays_its_own():
    async def main():
        server, name = await listening(_Controller)
        async with server, adapter_on(name):
            raise LinkError("Something else.")

    with pytest.raises(LinkError, match="Something else"):
        asyncio.run(main())
