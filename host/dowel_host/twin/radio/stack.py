"""The board's Bluetooth stack while it is on: controller, host, attributes, connections."""

from __future__ import annotations

import asyncio
import hashlib
import struct
from collections.abc import Coroutine
from typing import Any

from bumble import att, hci
from bumble.core import BaseBumbleError
from bumble.device import AdvertisingType, Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bonds import BondStore
from dowel_host.twin.radio.controller import RadioController
from dowel_host.twin.radio.gatt_table import GattTable
from dowel_host.twin.radio.handler import Ask, Blob, Post, Reply
from dowel_host.twin.radio.hci_log import HciLog
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.preferences import Preferences, random_static
from dowel_host.twin.radio.security import Security
from dowel_host.twin.radio.settings import (
    ADVERTISING_UNIT_US,
    ATT_HEADER_BYTES,
    ATT_INDICATION,
    INTERVAL_UNIT_US,
    L2CAP_HEADER_BYTES,
    TIMEOUT_UNIT_US,
    RadioStation,
)

_UNIT_MS = ADVERTISING_UNIT_US / 1000  # 0.625 is exact in binary
_PUBLIC, _RANDOM = hci.OwnAddressType.PUBLIC, hci.OwnAddressType.RANDOM


class Stack:
    """One powered Bluetooth stack."""

    def __init__(
        self,
        link: PacedLink,
        station: RadioStation,
        preferences: Preferences,
        post: Post,
        ask: Ask,
        hci_log: HciLog | None,
    ) -> None:
        self._link = link
        self._station = station
        self._preferences = preferences
        self._post = post
        self._ask = ask
        self._leaving = False
        # The ESP32's controller numbers its connections from 0.
        self.controller = RadioController(
            "board",
            link,
            hci.Address(preferences.mac[::-1], hci.AddressType.PUBLIC_DEVICE),
            station=station,
            first_handle=0,
        )
        host = Host(self.controller, AsyncPipeSink(self.controller))
        host.snooper = hci_log
        configuration = DeviceConfiguration(
            address=hci.Address(
                random_static(preferences.mac)[::-1], hci.AddressType.RANDOM_DEVICE
            ),
            gap_service_enabled=False,
            gatt_service_enabled=False,
            advertising_data=b"",
            scan_response_data=b"",
        )
        self.device = Device(config=configuration, host=host)
        self.device.on(Device.EVENT_CONNECTION, self._connected)
        self._server: Any = self.device.gatt_server  # generic in an unknown type
        self._tasks: set[asyncio.Task[Any]] = set()
        self._bonds = BondStore(self.ask)
        self.security = Security(
            self.device, preferences, self._bonds, self._emit, self._start_task
        )
        self.table = GattTable(self.device.gatt_server, self, preferences.gap_name)
        self._confirmations: dict[int, tuple[int, asyncio.TimerHandle]] = {}

    # -- life ---------------------------------------------------------------------------------

    async def start(self) -> None:
        """Power on; the program is asked for its secrets. HandlerError."""
        self.prefer_mtu(self._preferences.mtu)
        await self.device.power_on()
        # Made of the address: what the firmware keeps does not depend on chance.
        fresh = hashlib.sha256(b"identity key" + self._preferences.mac).digest()
        self.device.irk = await self._bonds.identity_key(fresh[: nimble.KEY_BYTES])

    async def stop(self) -> None:
        """Stop advertising, end the connections (the peers are told), power off."""
        self._leaving = True  # MicroPython passes no more events on
        await self.device.stop_advertising()
        for connection in list(self.device.connections.values()):
            try:
                await connection.disconnect()
            except BaseBumbleError:
                continue  # it ended by itself meanwhile
        self.cut()

    def cut(self) -> None:
        """Power off at once, without a word: the peers notice after the supervision timeout."""
        self._leaving = True
        self.controller.switch_off()
        self._link.remove_controller(self.controller)
        for _, timer in self._confirmations.values():
            timer.cancel()
        self.security.cut()
        for task in self._tasks:
            task.cancel()

    def _start_task(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something that ends with the stack."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- advertising --------------------------------------------------------------------------

    async def advertise(
        self, interval_us: int, data: bytes | None, response: bytes | None, *, connectable: bool
    ) -> None:
        """Start again with this; None: as before."""
        kind = AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE
        if not connectable:
            kind = AdvertisingType.UNDIRECTED_SCANNABLE
        interval_ms = interval_us // ADVERTISING_UNIT_US * _UNIT_MS
        public = self._preferences.addr_mode == nimble.ADDRESS_PUBLIC
        await self.device.start_advertising(
            advertising_type=kind,
            own_address_type=_PUBLIC if public else _RANDOM,
            advertising_data=data,
            scan_response_data=response,
            advertising_interval_min=interval_ms,
            advertising_interval_max=interval_ms,
        )

    @property
    def advertising(self) -> bool:
        """Whether it advertises now: a connection ends it."""
        return self.controller.le_legacy_advertiser.enabled

    # -- connections --------------------------------------------------------------------------

    def connection(self, handle: int) -> Connection:
        """Find a connection. OSError(-128) if there is none."""
        connection = self.device.connections.get(handle)
        if connection is None:
            raise nimble.os_error(nimble.NOT_CONNECTED, f"no connection {handle}")
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Ask for the end of a connection; the event comes when it has ended."""
        command = hci.HCI_Disconnect_Command(
            connection_handle=connection.handle,
            reason=hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR,
        )
        self._start_task(self._command(command))

    async def _command(self, command: hci.HCI_AsyncCommand) -> None:
        # A status other than pending: the connection has ended by itself.
        await self.device.send_async_command(command, check_status=False)

    # -- values -------------------------------------------------------------------------------

    def free_buffers(self) -> int:
        """Packets that the radio would take now."""
        queue = self.device.host.le_acl_packet_queue
        return self._link.settings.tx_buffers - (queue.pending if queue else 0)

    def cut_to_mtu(self, connection: Connection, value: bytes) -> bytes:
        """What of a value fits into one notification."""
        room = connection.att_mtu - ATT_HEADER_BYTES
        self._station.cut_to_mtu += len(value) > room
        return value[:room]

    def has_room(self, value: bytes) -> bool:
        """Whether there are buffers for a notification of value."""
        size = len(value) + ATT_HEADER_BYTES + L2CAP_HEADER_BYTES
        return -(-size // self.controller.le_acl_data_packet_length) <= self.free_buffers()

    def send_value(self, connection: Connection, opcode: int, handle: int, value: bytes) -> None:
        """Hand a notification or indication to the controller."""
        pdu = struct.pack("<BH", opcode, handle) + value
        self._server.send_gatt_pdu(connection, pdu)

    def prefer_mtu(self, mtu: int) -> None:
        """Offer mtu in exchanges from now on."""
        self.device.gatt_server.max_mtu = mtu

    # -- indications --------------------------------------------------------------------------

    def awaits_confirmation(self, connection: Connection) -> bool:
        """Whether an indication is under way."""
        return connection.handle in self._confirmations

    def indicate(self, connection: Connection, handle: int, value: bytes) -> None:
        """Send an indication; an event tells how it ended."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(nimble.INDICATION_TIMEOUT_S, self._unconfirmed, connection)
        self._confirmations[connection.handle] = (handle, timer)
        confirmation: asyncio.Future[None] = loop.create_future()
        confirmation.add_done_callback(lambda _: self._confirmed(connection, 0))
        self._server.pending_confirmations[connection] = confirmation
        self.send_value(connection, ATT_INDICATION, handle, value)

    def _confirmed(self, connection: Connection, status: int) -> None:
        waiting = self._confirmations.pop(connection.handle, None)
        if waiting is None:
            return
        handle, timer = waiting
        timer.cancel()
        self._server.pending_confirmations.pop(connection, None)
        self._emit(nimble.IRQ_GATTS_INDICATE_DONE, connection.handle, handle, status)

    def _unconfirmed(self, connection: Connection) -> None:
        # An ATT transaction that timed out spoils its bearer: NimBLE ends the connection.
        self._confirmed(connection, nimble.STATUS_TIMEOUT)
        self.disconnect(connection)

    # -- events -------------------------------------------------------------------------------

    def _emit(self, event: int, *ints: int, blobs: tuple[bytes, ...] = ()) -> None:
        if not self._leaving:
            self._post(event, ints, blobs)

    async def ask(self, event: int, ints: tuple[int, ...], blobs: tuple[Blob, ...] = ()) -> Reply:
        """Have the program's handler answer. Cancelled when the stack is cut."""
        if self._leaving:
            return None

        async def question() -> Reply:
            return await self._ask(event, ints, blobs)

        return await self._start_task(question())

    def _connected(self, connection: Connection) -> None:
        self.security.connected(connection)
        address = connection.peer_address
        who = (connection.handle, int(address.is_random))
        blobs = (bytes(address)[::-1],)

        def ended(_reason: int) -> None:
            self.security.disconnected(connection)
            self._confirmed(connection, nimble.STATUS_NOT_CONNECTED)
            self._emit(nimble.IRQ_CENTRAL_DISCONNECT, *who, blobs=blobs)

        def mtu_exchanged() -> None:
            self._emit(nimble.IRQ_MTU_EXCHANGED, connection.handle, connection.att_mtu)

        connection.on(Connection.EVENT_DISCONNECTION, ended)
        connection.on(Connection.EVENT_CONNECTION_ATT_MTU_UPDATE, mtu_exchanged)
        connection.on(
            Connection.EVENT_CONNECTION_PARAMETERS_UPDATE, lambda: self._updated(connection)
        )
        self._emit(nimble.IRQ_CENTRAL_CONNECT, *who, blobs=blobs)

    def _updated(self, connection: Connection) -> None:
        parameters = connection.parameters
        interval = round(parameters.connection_interval * 1000 / INTERVAL_UNIT_US)
        timeout = round(parameters.supervision_timeout * 1000 / TIMEOUT_UNIT_US)
        latency = parameters.peripheral_latency
        event = nimble.IRQ_CONNECTION_UPDATE
        self._emit(event, connection.handle, interval, latency, timeout, 0)

    # -- what attributes ask ------------------------------------------------------------------

    async def check(self, connection: Connection, *, authenticated: bool) -> None:
        """Check that a central may have what needs encryption. ATT_Error."""
        await self.security.check(connection, authenticated=authenticated)

    async def may_be_read(self, connection: Connection, handle: int) -> None:
        """Ask the program, which may also write the value now. ATT_Error with its refusal."""
        about = (connection.handle, handle)
        question = self.ask(nimble.IRQ_GATTS_READ_REQUEST, about)
        refusal = await connection.cancel_on_disconnection(question)
        if isinstance(refusal, int) and refusal:
            raise att.ATT_Error(refusal & 0xFF)

    def written(self, connection: Connection, handle: int, *, cut: bool) -> None:
        """A central wrote."""
        self._station.writes_cut += cut
        self._emit(nimble.IRQ_GATTS_WRITE, connection.handle, handle)
