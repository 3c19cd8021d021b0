"""The virtual air for other programs: each that connects by TCP gets a controller of its own.

What goes over the connection is HCI in H4 framing, as over the UART of a Bluetooth dongle: bumble
calls it `tcp-client:HOST:PORT`, from the other program's side. The connection is the dongle's
cable. When it closes, for whatever reason, the controller is gone at once, without a word: its
peers find out after the supervision timeout, as with a phone that fell into the water.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from bumble import hci
from bumble.core import InvalidPacketError
from bumble.transport.common import PacketParser

from dowel_host.errors import DowelError
from dowel_host.twin.radio.controller import RadioController
from dowel_host.twin.radio.link import PacedLink

HOST = "127.0.0.1"
# Bytes that may wait for a program that does not read its HCI. Small: one that is busy for a
# second is cut off. Large: memory. A scan of one board makes 1 KB/s, live frames 1 KB/s.
UNREAD_BYTES = 1 << 18
# Addresses of controllers: the last byte counts them.
_ADDRESS = "F0:F0:F0:00:00:{:02X}"
_NUMBERS = range(1, 256)


class HciPortError(DowelError):
    """The HCI server cannot have its port. port: 0 for any free one."""

    def __init__(self, port: int, error: OSError) -> None:
        # asyncio puts a story of its own into the error's text.
        why = os.strerror(error.errno) if error.errno else error
        super().__init__(
            f"Port {port} of {HOST} cannot be had ({why}); "
            "choose another with --hci-port, or leave it out for any free one."
        )
        self.port = port


class HciServer:
    """Controllers on a link, one a TCP connection. Make it with `open`, end it with `close`.

    on_cut(sentence) is told of connections that were cut because of what came over them.
    """

    def __init__(self, link: PacedLink, on_cut: Callable[[str], None]) -> None:
        self.link = link
        self.on_cut = on_cut
        self.sessions: dict[int, _Session] = {}  # by the number in their address
        self.port = 0
        self._server: asyncio.Server | None = None

    @classmethod
    async def open(
        cls, link: PacedLink, port: int = 0, on_cut: Callable[[str], None] = lambda _: None
    ) -> HciServer:
        """Listen on port of the loopback interface; 0: any free one. HciPortError."""
        server = cls(link, on_cut)
        loop = asyncio.get_running_loop()
        try:
            listening = await loop.create_server(lambda: _Session(server), HOST, port)
        except OSError as error:
            raise HciPortError(port, error) from error
        server.port = listening.sockets[0].getsockname()[1]
        server._server = listening
        return server

    @property
    def transport(self) -> str:
        """Name by which bumble reaches it, from another program."""
        return f"tcp-client:{HOST}:{self.port}"

    async def close(self) -> None:
        """Stop listening; cut all connections."""
        if self._server is not None:
            self._server.close()
        for session in list(self.sessions.values()):
            session.abort()

    def free_number(self) -> int | None:
        """Return the lowest number whose address nobody uses, not even a connection that fades.

        A board takes a second connection from one address for the first one.
        """
        fading = {str(air.central.self_address) for air in self.link.airs}
        for number in _NUMBERS:
            if number not in self.sessions and str(address_of(number)) not in fading:
                return number
        return None


def address_of(number: int) -> hci.Address:
    """Return the public address of a controller."""
    return hci.Address(_ADDRESS.format(number), hci.AddressType.PUBLIC_DEVICE)


class _Packets:
    """What a parser hands its packets to."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def on_packet(self, packet: bytes) -> None:
        self.waiting.append(packet)

    def take(self) -> list[bytes]:
        packets, self.waiting = self.waiting, []
        return packets


class _Dongle(RadioController):
    """The controller of another program's host, which may be any host."""

    def on_hci_command(self, command: hci.HCI_Command) -> Any:
        """Refuse a command that there is not; bumble's own leaves some of them unanswered."""
        unknown = hci.HCI_ErrorCode.UNKNOWN_HCI_COMMAND_ERROR
        if isinstance(command, hci.HCI_AsyncCommand):
            self._send_hci_command_status(unknown, command.op_code)
            return None
        return hci.HCI_StatusReturnParameters(unknown)


class _Session(asyncio.Protocol):
    """One program's controller."""

    def __init__(self, server: HciServer) -> None:
        self._server = server
        self._packets = _Packets()
        self._parser = PacketParser(self._packets)
        self._transport: asyncio.Transport | None = None
        self._controller: RadioController | None = None
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Plug the controller in."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        number = self._server.free_number()
        if number is None:
            self._cut("there is no address left for it")
            return
        self._number = number
        self._server.sessions[number] = self
        self._controller = _Dongle(f"receiver {number}", self._server.link, address_of(number))
        self._controller.host = self

    def on_packet(self, packet: bytes) -> None:
        """Send the program what its controller says."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > UNREAD_BYTES:
            self._cut("it does not read what its controller says")
            return
        transport.write(packet)

    def data_received(self, data: bytes) -> None:
        """Hand the controller what the program sent."""
        if self._controller is None:
            return
        try:
            self._parser.feed_data(data)
            for packet in self._packets.take():
                self._controller.on_packet(packet)
        except InvalidPacketError:
            self._cut("what it sends is no HCI")
        except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes break, the board stays
            self._cut(f"its controller cannot do that ({type(error).__name__}: {error})")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason is no matter
        """Unplug the controller."""
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.switch_off()
            self._server.link.remove_controller(controller)
            del self._server.sessions[self._number]

    def _cut(self, why: str) -> None:
        self._server.on_cut(f"A receiver was cut off: {why}.")
        self.abort()

    def abort(self) -> None:
        """Cut the connection; connection_lost follows."""
        if self._transport is not None:
            self._transport.abort()
