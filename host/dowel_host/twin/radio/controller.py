"""bumble's Bluetooth controller, with what a link that keeps time needs of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.device import AdvertisingType

from dowel_host.twin.radio.air import Air, Side
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.settings import (
    ADVERTISING_UNIT_US,
    INTERVAL_UNIT_US,
    TIMEOUT_UNIT_US,
    RadioStation,
)

# What a scanner reads next to the board. No distance is modelled: a board is heard or it is not.
RSSI_DBM = -50

_HANDLES = range(0xF00)  # Core Specification, Vol 4, Part E, 5.4.2
_ACTIVE_SCANNING = 1
_ReportEvent = hci.HCI_LE_Advertising_Report_Event


@dataclass(frozen=True)
class Advertisement:
    """One advertising event."""

    advertiser: RadioController
    address: hci.Address
    kind: int  # bumble.device.AdvertisingType
    data: bytes
    scan_response: bytes

    @property
    def connectable(self) -> bool:
        """Whether a central may answer with a connect request."""
        return AdvertisingType(self.kind).is_connectable

    @property
    def scannable(self) -> bool:
        """Whether a scanner may ask for the scan response."""
        return AdvertisingType(self.kind).is_scannable


class RadioController(Controller):
    """A controller on a PacedLink. first_handle: of its connections; the ESP32 begins at 0."""

    # Legacy advertising, scanning and connecting, as MicroPython uses on every ESP32.
    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LE_EXTENDED_ADVERTISING | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )

    def __init__(
        self,
        name: str,
        link: PacedLink,
        public_address: hci.Address,
        *,
        station: RadioStation | None = None,
        first_handle: int = 1,
    ) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - a source without a type
            name, link=link, public_address=public_address
        )
        self.radio_link = link
        self.station = station or RadioStation()
        self._first_handle = first_handle
        self._off = False
        self._advertising_timer: asyncio.TimerHandle | None = None
        # A packet of 251 bytes from the host is one PDU of the greatest length.
        self.le_acl_data_packet_length = 251
        self.total_num_le_acl_data_packets = link.settings.tx_buffers
        for octets in ("supported_max_tx", "supported_max_rx", "suggested_max_tx"):
            setattr(self, f"{octets}_octets", link.settings.data_length)

    # -- to and from the host -----------------------------------------------------------------

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """To the host, in the next turn of the loop; bumble's own also formats a line of log."""
        if self.host is not None:
            self.radio_link.loop.call_soon(self.host.on_packet, bytes(packet))

    def on_packet(self, packet: bytes) -> None:
        """From the host. Of a controller that is off, what it had to send is counted."""
        if not self._off:
            super().on_packet(packet)
        elif packet[0] == hci.HCI_ACL_DATA_PACKET:
            self._count_stray(hci.HCI_AclDataPacket.from_bytes(packet))

    def switch_off(self) -> None:
        """Go silent, hear and say nothing more, to the host either."""
        self._off = True
        self.silence()
        self.host = None

    def send_acl_to_host(self, handle: int, data: bytes, *, starts: bool) -> None:
        """A fragment that came over the air. bumble's own takes whole L2CAP packets only."""
        flag = hci.HCI_ACL_PB_FIRST_FLUSHABLE if starts else hci.HCI_ACL_PB_CONTINUATION
        self.send_hci_packet(hci.HCI_AclDataPacket(handle, flag, 0, len(data), data))

    def send_completed_to_host(self, handle: int, count: int) -> None:
        """Count packets of the host have been on the air: their buffers are free."""
        self.send_hci_packet(
            hci.HCI_Number_Of_Completed_Packets_Event(
                connection_handles=[handle], num_completed_packets=[count]
            )
        )

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Queue a packet of the host; count it if its connection has just ended."""
        side = self.find_le_connection_by_handle(packet.connection_handle)
        if side is not None:
            side.on_hci_acl_data_packet(packet)
        else:
            self._count_stray(packet)

    def _count_stray(self, packet: hci.HCI_AclDataPacket) -> None:
        nobody = hci.Address.ANY
        stray = Side(self, packet.connection_handle, hci.Role.PERIPHERAL, nobody, nobody)
        stray.queue_data(packet, 0, len(packet.data))
        stray.discard_data()

    # The decorators of bumble's synchronous commands hide their types: Any.

    def on_hci_reset_command(self, _command: Any) -> hci.HCI_StatusReturnParameters:
        """Reset: silence. bumble's own leaves advertising and scanning on."""
        self.silence()
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def silence(self) -> None:
        """Stop advertising, scanning and connecting at once."""
        self._stop_advertising()
        self.le_scan_enable = False
        self.pending_le_connection = None

    # -- advertising --------------------------------------------------------------------------

    def on_hci_le_set_advertising_enable_command(
        self, command: Any
    ) -> hci.HCI_StatusReturnParameters:
        """Start or stop advertising at the interval that was set; bumble's own takes 1.6 of it."""
        self._stop_advertising()
        if command.advertising_enable:
            self.le_legacy_advertiser.enabled = True
            self._advertise()
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def _advertise(self) -> None:
        loop = self.radio_link.loop
        advertiser = self.le_legacy_advertiser
        interval_us = advertiser.advertising_interval_min * ADVERTISING_UNIT_US
        self._advertising_timer = loop.call_at_us(loop.now_us + interval_us, self._advertise)
        self.radio_link.broadcast(
            Advertisement(
                self,
                advertiser.address,
                advertiser.advertising_type,
                bytes(advertiser.advertising_data),
                bytes(advertiser.scan_response_data),
            )
        )

    def _stop_advertising(self) -> None:
        self.le_legacy_advertiser.enabled = False
        if self._advertising_timer is not None:
            self._advertising_timer.cancel()
            self._advertising_timer = None

    # -- scanning and connecting --------------------------------------------------------------

    def hear(self, advertisement: Advertisement) -> None:
        """An advertising event of another: report it if scanning, answer it if it is sought."""
        if self.le_scan_enable:
            self._report(advertisement, advertisement.kind, advertisement.data)
            if advertisement.scannable and self.le_scan_type == _ACTIVE_SCANNING:
                response = _ReportEvent.EventType.SCAN_RSP
                self._report(advertisement, response, advertisement.scan_response)
        sought = self.pending_le_connection
        if (
            sought is not None
            and advertisement.connectable
            and sought.peer_address == advertisement.address
            and advertisement.address not in self.le_connections
        ):
            public = sought.own_address_type == hci.OwnAddressType.PUBLIC
            own_address = self.public_address if public else self.random_address
            if self.radio_link.connect(self, own_address, advertisement):
                self.pending_le_connection = None

    def _report(self, advertisement: Advertisement, event_type: int, data: bytes) -> None:
        report = _ReportEvent.Report(
            event_type=event_type,
            address_type=advertisement.address.address_type,
            address=advertisement.address,
            data=data,
            rssi=RSSI_DBM,
        )
        self.send_hci_packet(_ReportEvent([report]))

    def on_hci_le_create_connection_cancel_command(
        self, _command: Any
    ) -> hci.HCI_StatusReturnParameters:
        """Give up connecting and say so; bumble's own goes on, and its host waits for ever."""
        if self.pending_le_connection is not None:
            peer_address = self.pending_le_connection.peer_address
            self.pending_le_connection = None
            cancelled = hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=peer_address.address_type,
                peer_address=peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
            self.radio_link.loop.call_soon(self.send_hci_packet, cancelled)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    # -- connections --------------------------------------------------------------------------

    def accepts_connections(self) -> bool:
        """Whether it advertises and has room for a connection."""
        room = len(self.le_connections) < self.radio_link.settings.max_connections
        return self.le_legacy_advertiser.enabled and room

    def allocate_connection_handle(self) -> int:
        """The lowest free handle."""
        used = {connection.handle for connection in self.le_connections.values()}
        return next(h for h in _HANDLES[self._first_handle :] if h not in used)

    def open_side(
        self, role: hci.Role, self_address: hci.Address, peer_address: hci.Address
    ) -> Side:
        """Make this controller's end of a new connection; a peripheral stops advertising."""
        if role == hci.Role.PERIPHERAL:
            self._stop_advertising()
        handle = self.allocate_connection_handle()
        side = Side(self, handle, role, self_address, peer_address)
        self.le_connections[peer_address] = side
        return side

    def report_connection(self, side: Side, air: Air) -> None:
        """Tell the host of a new connection."""
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.SUCCESS,
                connection_handle=side.handle,
                role=side.role,
                peer_address_type=side.peer_address.address_type,
                peer_address=side.peer_address,
                connection_interval=air.interval_us // INTERVAL_UNIT_US,
                peripheral_latency=0,
                supervision_timeout=air.timeout_us // TIMEOUT_UNIT_US,
                central_clock_accuracy=0,
            )
        )

    def on_hci_disconnect_command(self, command: hci.HCI_Disconnect_Command) -> None:
        """End a connection in its next event, or when it is given up; bumble's own, at once."""
        side = self.find_le_connection_by_handle(command.connection_handle)
        known = isinstance(side, Side) and side.air is not None
        unknown = hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        status = hci.HCI_COMMAND_STATUS_PENDING if known else unknown
        self._send_hci_command_status(status, command.op_code)
        if isinstance(side, Side) and side.air is not None:
            side.air.terminate(side, command.reason)

    def on_hci_le_connection_update_command(
        self, command: hci.HCI_LE_Connection_Update_Command
    ) -> None:
        """Change interval and timeout, in the next event."""
        side = self.find_le_connection_by_handle(command.connection_handle)
        if side is None:
            unknown = hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
            self._send_hci_command_status(unknown, command.op_code)
            return
        self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)
        side.send_ll_control_pdu(
            ll.ConnectionUpdateInd(
                interval=command.connection_interval_max,
                latency=command.max_latency,
                timeout=command.supervision_timeout,
            )
        )

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """Tell the host that a connection is over, once."""
        if self.le_connections.get(connection.peer_address) is connection:
            super().on_le_disconnected(connection, reason)
