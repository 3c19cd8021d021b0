"""One connection on the air: its connection events and the packets that wait for them.

Both sides meet at anchor + k x interval and nowhere else. An event carries up to pdus_per_event
PDUs each way. A PDU travels in the first event that begins after it was queued: one queued in the
very microsecond of an event waits for the next, so the order of things within a microsecond
changes nothing. Events in which neither side has anything to say take no work here.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bumble import hci, ll
from bumble.controller import Connection
from bumble.core import PhysicalTransport

from dowel_host.twin.clock import BoardLoop
from dowel_host.twin.radio.settings import (
    ATT_CHANNEL,
    ATT_NOTIFICATION,
    INTERVAL_UNIT_US,
    L2CAP_HEADER_BYTES,
    TIMEOUT_UNIT_US,
    LinkSettings,
)

if TYPE_CHECKING:
    from dowel_host.twin.radio.controller import RadioController

# From the connect request to the first event: the transmit window's smallest delay
# (Core Specification, Vol 6, Part B, 4.5.3).
ANCHOR_DELAY_US = 1_250


@dataclass(frozen=True, slots=True)
class Pdu:
    """One link-layer data PDU: a fragment of an L2CAP packet that waits for a connection event."""

    data: bytes
    starts: bool  # first fragment of its L2CAP packet
    ends_buffer: bool  # last fragment of its HCI packet: the buffer is free once it is sent
    ends_packet: bool  # last fragment of its L2CAP packet
    notification: bool
    queued_us: int


class Side(Connection):
    """One end of a connection, as bumble's controller keeps it, with what waits to be sent."""

    def __init__(
        self,
        controller: RadioController,
        handle: int,
        role: hci.Role,
        self_address: hci.Address,
        peer_address: hci.Address,
    ) -> None:
        super().__init__(
            controller=controller,
            handle=handle,
            role=role,
            self_address=self_address,
            peer_address=peer_address,
            link=controller.link,
            transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
        )
        self.radio = controller
        self.air: Air | None = None
        self._data: deque[Pdu] = deque()
        self._control: deque[tuple[int, ll.ControlPdu]] = deque()
        self._left = 0  # bytes of the L2CAP packet under way that are still to come
        self._notification = False

    # bumble's controller calls these two.

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Queue a packet of the host."""
        if self.air is not None:
            self.air.queue_data(self, packet)

    def send_ll_control_pdu(self, packet: ll.ControlPdu) -> None:
        """Queue a control message of the controller."""
        if self.air is not None:
            self.air.queue_control(self, packet)

    def queue_data(self, packet: hci.HCI_AclDataPacket, now_us: int, data_length: int) -> None:
        """Cut a packet of the host into PDUs."""
        data = packet.data
        first = packet.pb_flag != hci.HCI_ACL_PB_CONTINUATION
        if first:
            size, channel = struct.unpack_from("<HH", data)
            self._left = size + L2CAP_HEADER_BYTES
            opcode = data[L2CAP_HEADER_BYTES] if len(data) > L2CAP_HEADER_BYTES else 0
            self._notification = channel == ATT_CHANNEL and opcode == ATT_NOTIFICATION
        for at in range(0, len(data), data_length):
            piece = data[at : at + data_length]
            self._left -= len(piece)
            self._data.append(
                Pdu(
                    data=piece,
                    starts=first and at == 0,
                    ends_buffer=at + len(piece) == len(data),
                    ends_packet=self._left == 0,
                    notification=self._notification,
                    queued_us=now_us,
                )
            )

    def queue_control(self, packet: ll.ControlPdu, now_us: int) -> None:
        """Control messages go before data, as in a real link layer."""
        self._control.append((now_us, packet))

    def has_something(self) -> bool:
        """Whether anything waits."""
        return bool(self._data or self._control)

    def take(self, event_us: int) -> Pdu | ll.ControlPdu | None:
        """The next PDU that was queued before event_us."""
        if self._control and self._control[0][0] < event_us:
            return self._control.popleft()[1]
        if self._data and self._data[0].queued_us < event_us:
            return self._data.popleft()
        return None

    def discard_data(self) -> None:
        """Forget the data that waits, and count it."""
        for pdu in self._data:
            if pdu.ends_packet and pdu.notification:
                self.radio.station.discarded += 1
            elif pdu.ends_packet:
                self.radio.station.other_discarded += 1
        self._data.clear()


class Air:
    """A connection between two sides. `on_end` is called once, when it is over."""

    def __init__(
        self,
        loop: BoardLoop,
        settings: LinkSettings,
        central: Side,
        peripheral: Side,
        on_end: Callable[[Air], None],
    ) -> None:
        self._loop = loop
        self._settings = settings
        self.central = central
        self.peripheral = peripheral
        self.interval_us = settings.interval_us
        self.timeout_us = settings.supervision_timeout_us
        self._on_end = on_end
        self._anchor_us = loop.now_us + ANCHOR_DELAY_US
        self._heard_us = loop.now_us  # last time the two were known to hear each other
        self._back_us = loop.now_us  # since when they have been in range
        self._event_timer: asyncio.TimerHandle | None = None
        self._loss_timer: asyncio.TimerHandle | None = None
        self._open = True
        central.air = peripheral.air = self

    # -- what waits ---------------------------------------------------------------------------

    def queue_data(self, side: Side, packet: hci.HCI_AclDataPacket) -> None:
        """A packet of a side's host waits for the next event."""
        side.queue_data(packet, self._loop.now_us, self._settings.data_length)
        self._schedule()

    def queue_control(self, side: Side, packet: ll.ControlPdu) -> None:
        """A control message of a side's controller waits for the next event."""
        side.queue_control(packet, self._loop.now_us)
        self._schedule()

    def terminate(self, side: Side, reason: int) -> None:
        """A side's host wants to end the connection: said in the next event, before any data."""
        self.queue_control(side, ll.TerminateInd(reason))

    # -- events -------------------------------------------------------------------------------

    def next_event_us(self, after_us: int) -> int:
        """Time of the first connection event after after_us, microseconds."""
        if after_us < self._anchor_us:
            return self._anchor_us
        passed = (after_us - self._anchor_us) // self.interval_us
        return self._anchor_us + (passed + 1) * self.interval_us

    def _schedule(self) -> None:
        if self._event_timer is not None or self._loss_timer is not None or not self._open:
            return
        if self.central.has_something() or self.peripheral.has_something():
            event_us = self.next_event_us(self._loop.now_us)
            self._event_timer = self._loop.call_at_us(event_us, self._event)

    def _event(self) -> None:
        self._event_timer = None
        ends = [self._send(side, peer) for side, peer in self._directions()]
        if any(ends):
            by_central, by_peripheral = ends
            local = hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR
            self.end(by_peripheral or local, by_central or local)
        self._schedule()

    def _directions(self) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        return (self.central, self.peripheral), (self.peripheral, self.central)

    def _send(self, side: Side, peer: Side) -> int:
        """Move PDUs from a side to its peer; return the reason if one ends the connection."""
        event_us = self._loop.now_us
        freed = reason = 0
        for _ in range(self._settings.pdus_per_event):
            pdu = side.take(event_us)
            if pdu is None:
                break
            if isinstance(pdu, ll.TerminateInd):
                reason = pdu.error_code
                break
            if isinstance(pdu, ll.ControlPdu):
                self._deliver_control(pdu, peer)
            else:
                peer.radio.send_acl_to_host(peer.handle, pdu.data, starts=pdu.starts)
                freed += pdu.ends_buffer
                side.radio.station.notifications_out += pdu.ends_packet and pdu.notification
        if freed:
            side.radio.send_completed_to_host(side.handle, freed)
        return reason

    def _deliver_control(self, pdu: ll.ControlPdu, peer: Side) -> None:
        peer.radio.on_ll_control_pdu(peer.peer_address, pdu)
        if isinstance(pdu, ll.ConnectionUpdateInd):
            # Takes effect in this event; a real one names an instant at least six events ahead.
            self._anchor_us = self._loop.now_us
            self.interval_us = pdu.interval * INTERVAL_UNIT_US
            self.timeout_us = pdu.timeout * TIMEOUT_UNIT_US
            self.central.radio.on_ll_control_pdu(self.central.peer_address, pdu)

    # -- range --------------------------------------------------------------------------------

    def fade(self) -> None:
        """The two no longer hear each other; after the supervision timeout both notice."""
        if self._loss_timer is not None or not self._open:
            return
        if self._event_timer is not None:
            self._event_timer.cancel()
            self._event_timer = None
        last_us = self._last_event_us()
        if last_us >= self._back_us:
            self._heard_us = last_us
        lost_us = self._heard_us + self.timeout_us
        self._loss_timer = self._loop.call_at_us(lost_us, self._lose)

    def clear_up(self) -> None:
        """The two hear each other again; what waited goes on."""
        if self._loss_timer is None:
            return
        self._loss_timer.cancel()
        self._loss_timer = None
        self._back_us = self._loop.now_us
        self._schedule()

    def _last_event_us(self) -> int:
        """Time of the last event before now; of the connection's beginning if there was none."""
        passed = (self._loop.now_us - 1 - self._anchor_us) // self.interval_us
        return self._anchor_us + passed * self.interval_us if passed >= 0 else self._heard_us

    def _lose(self) -> None:
        reason = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        self.end(reason, reason)

    # -- end ----------------------------------------------------------------------------------

    def end(self, central_reason: int, peripheral_reason: int) -> None:
        """Both sides give the connection up; each host hears its reason."""
        if not self._open:
            return
        self._open = False
        for timer in (self._event_timer, self._loss_timer):
            if timer is not None:
                timer.cancel()
        self._on_end(self)
        sides = ((self.central, central_reason), (self.peripheral, peripheral_reason))
        for side, reason in sides:
            side.discard_data()
            side.radio.on_le_disconnected(side, reason)
