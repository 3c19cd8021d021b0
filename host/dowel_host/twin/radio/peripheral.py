"""What MicroPython's `bluetooth` does on the board, call by call. README.md has the table.

Calls check first and raise at once, also those that return something to await. OSError carries the
errno that the ESP32 would give; ValueError is MicroPython's.
"""

from __future__ import annotations

from collections.abc import Awaitable

from bumble.device import Connection

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.gatt_table import AttributeBuffer, Service
from dowel_host.twin.radio.handler import Ask, Blob, Post, Reply, ask_nobody, tell_nobody
from dowel_host.twin.radio.hci_log import HciLog
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.nimble import os_error
from dowel_host.twin.radio.preferences import Config, Preferences
from dowel_host.twin.radio.settings import ATT_NOTIFICATION, RadioStation
from dowel_host.twin.radio.stack import Stack

_NOTIFY_BIT, _INDICATE_BIT = 1, 2  # of a client's configuration descriptor


class Peripheral:
    """A board's Bluetooth, off at first. mac: public address, most significant byte first.

    post(event, ints, blobs) is called for each event, inside the loop; ask for those that NimBLE
    waits for an answer to. Both may be set later.
    """

    def __init__(
        self,
        link: PacedLink,
        mac: bytes,
        post: Post = tell_nobody,
        *,
        ask: Ask = ask_nobody,
        hci_log: HciLog | None = None,
    ) -> None:
        self.link = link
        self.mac = mac
        self.post = post
        self.ask = ask
        self.hci_log = hci_log
        self.station = RadioStation()
        self._stack: Stack | None = None
        self._starting: Stack | None = None
        self._forget_config()

    def _forget_config(self) -> None:
        self._preferences = Preferences(self.mac)
        config = Config(self._preferences, self._active, lambda: self._stack)
        self.config_get = config.read
        self.config_set = config.write

    # -- life ---------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        """Whether the stack is on."""
        return self._stack is not None

    async def active(self, on: bool) -> bool:
        """BLE.active(on). True again begins anew, as on the chip: connections and services go."""
        if self._stack is not None:
            stack, self._stack = self._stack, None
            await stack.stop()
            self._preferences.mtu = nimble.PREFERRED_MTU
        if on:
            stack = self._starting = Stack(
                self.link,
                self.station,
                self._preferences,
                self._event,
                self._question,
                self.hci_log,
            )
            await stack.start()
            self._stack, self._starting = stack, None
        return self.is_active

    def reset(self) -> None:
        """The board is reset: the radio is off at once, its peers are told nothing."""
        for stack in (self._stack, self._starting):
            if stack is not None:
                stack.cut()
        self._stack = self._starting = None
        self._forget_config()

    def go_dark(self) -> None:
        """The board goes out of range."""
        self.link.go_dark(self._active().controller)

    def come_back(self) -> None:
        """The board is in range again."""
        self.link.come_back(self._active().controller)

    def _event(self, event: int, ints: tuple[int, ...], blobs: tuple[Blob, ...]) -> None:
        self.post(event, ints, blobs)

    async def _question(self, event: int, ints: tuple[int, ...], blobs: tuple[Blob, ...]) -> Reply:
        return await self.ask(event, ints, blobs)

    def _active(self) -> Stack:
        if self._stack is None:
            raise os_error(nimble.ENODEV, "Bluetooth is not active")
        return self._stack

    # -- GAP ----------------------------------------------------------------------------------

    def gap_advertise(
        self,
        interval_us: int | None,
        adv_data: bytes | None = None,
        resp_data: bytes | None = None,
        *,
        connectable: bool = True,
    ) -> Awaitable[None]:
        """BLE.gap_advertise. interval_us None: stop. Data None: as it was."""
        if interval_us is None:
            return self._stop_advertising()
        stack = self._active()
        for data in (adv_data, resp_data):
            if data is not None and len(data) > nimble.MAX_ADVERTISING_BYTES:
                raise os_error(nimble.ADVERTISING_TOO_LONG, "more than 31 bytes to advertise")
        if not nimble.MIN_ADVERTISING_US <= interval_us <= nimble.MAX_ADVERTISING_US:
            raise os_error(nimble.ADVERTISING_INTERVAL, "the interval is not 20 ms to 10.24 s")
        if connectable and len(stack.device.connections) >= self.link.settings.max_connections:
            raise os_error(nimble.ENOMEM, "no room for a connection")
        return stack.advertise(interval_us, adv_data, resp_data, connectable=connectable)

    async def _stop_advertising(self) -> None:
        if self._stack is not None:
            await self._stack.device.stop_advertising()

    def gap_disconnect(self, conn_handle: int) -> bool:
        """BLE.gap_disconnect: True; an event tells the end. OSError -128: not connected."""
        stack = self._active()
        stack.disconnect(stack.connection(conn_handle))
        return True

    def gap_pair(self, conn_handle: int) -> None:
        """BLE.gap_pair: ask the central to encrypt, or to pair. OSError 120: it is under way."""
        stack = self._active()
        stack.security.pair(stack.connection(conn_handle))

    def gap_passkey(self, conn_handle: int, action: int, passkey: int) -> None:
        """BLE.gap_passkey: the answer to PASSKEY_ACTION. OSError 2: nobody pairs."""
        if self._stack is None:
            raise os_error(nimble.ENOENT, "nobody pairs")
        self._stack.security.passkey(conn_handle, action, passkey)

    # -- GATT server --------------------------------------------------------------------------

    def gatts_register_services(self, services: list[Service]) -> tuple[int, ...]:
        """BLE.gatts_register_services: replaces all; handles of values and their descriptors.

        One flat tuple, in the order of the services: value, its descriptors, next value ...
        """
        stack = self._active()
        if stack.advertising or stack.device.connections:
            raise os_error(nimble.EBUSY, "services change only while nobody can look")
        if len(services) > nimble.MAX_SERVICES:
            raise os_error(nimble.E2BIG, "more than 8 services")
        return stack.table.register(services)

    def gatts_read(self, value_handle: int) -> bytes:
        """BLE.gatts_read; an appending buffer is empty afterwards."""
        return self._buffer(value_handle).take()

    def gatts_write(self, value_handle: int, data: bytes, *, send_update: bool = False) -> None:
        """BLE.gatts_write; send_update: sends it to those who subscribed, if there is room."""
        self._buffer(value_handle).put(data)
        if not send_update:
            return
        stack = self._active()
        for connection in stack.device.connections.values():
            bits = stack.table.subscription(connection, value_handle)
            if bits & _NOTIFY_BIT:
                sent = self._notify(stack, connection, value_handle, data)
            elif bits & _INDICATE_BIT:
                sent = self._indicate(stack, connection, value_handle, data)
            else:
                continue
            self.station.updates_lost += not sent  # the chip tells nobody

    def gatts_set_buffer(self, value_handle: int, length: int, *, append: bool = False) -> None:
        """BLE.gatts_set_buffer: room for length bytes; also empties it."""
        self._buffer(value_handle).resize(length, append=append)

    def gatts_notify(self, conn_handle: int, value_handle: int, data: bytes | None = None) -> None:
        """BLE.gatts_notify: returns when the radio has it, not when it has arrived.

        Sent to those who have not subscribed, too; cut to MTU - 3. data None: the attribute's
        value. Raises OSError 12 without a free buffer, -128 without the connection.
        """
        stack = self._active()
        connection = stack.connection(conn_handle)
        if not self._notify(stack, connection, value_handle, self._value(value_handle, data)):
            raise self._refusal()

    def gatts_indicate(
        self, conn_handle: int, value_handle: int, data: bytes | None = None
    ) -> None:
        """BLE.gatts_indicate: one at a time; an event says that it was confirmed, or not."""
        stack = self._active()
        connection = stack.connection(conn_handle)
        if stack.awaits_confirmation(connection):
            raise os_error(nimble.EBUSY, "an indication is under way")
        if not self._indicate(stack, connection, value_handle, self._value(value_handle, data)):
            raise self._refusal()

    def _notify(self, stack: Stack, connection: Connection, handle: int, data: bytes) -> bool:
        value = stack.cut_to_mtu(connection, data)
        if not stack.has_room(value):
            return False
        if self.station.drop > 0:
            self.station.drop -= 1
            self.station.dropped += 1
            return True
        self.station.notifications_in += 1
        stack.send_value(connection, ATT_NOTIFICATION, handle, value)
        return True

    def _indicate(self, stack: Stack, connection: Connection, handle: int, data: bytes) -> bool:
        value = stack.cut_to_mtu(connection, data)
        if stack.awaits_confirmation(connection) or not stack.has_room(value):
            return False
        stack.indicate(connection, handle, value)
        return True

    def _refusal(self) -> OSError:
        self.station.refused += 1
        return os_error(nimble.ENOMEM, "the radio's buffers are full")

    def _value(self, handle: int, data: bytes | None) -> bytes:
        if data is not None:
            return data
        buffer = self._active().table.buffer(handle)
        if buffer is None:
            raise os_error(nimble.NO_SUCH_ATTRIBUTE, f"no attribute {handle}")
        return buffer.value()

    def _buffer(self, handle: int) -> AttributeBuffer:
        buffer = self._active().table.buffer(handle)
        if buffer is None:
            raise os_error(nimble.EINVAL, f"no attribute {handle}")
        return buffer
