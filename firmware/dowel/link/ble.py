"""The device as a Bluetooth peripheral: one service of ours, its notifications, its commands.

The handler runs on the Bluetooth host's own task, between any two instructions of the program; one
uncaught exception there and MicroPython never calls it again (extmod/modbluetooth.c). It therefore
only keeps what came, and catches everything.
"""

import bluetooth
from micropython import const

from dowel.link import wire

_IRQ_CENTRAL_CONNECT = const(1)
_IRQ_CENTRAL_DISCONNECT = const(2)
_IRQ_GATTS_WRITE = const(3)
_IRQ_MTU_EXCHANGED = const(21)

MTU = 247  # 244 bytes a notification: one link-layer packet with data length extension
ADVERTISING_INTERVAL_US = (
    250_000  # found within a second by most phones; slower saves little beside the CPU
)
CONNECTIONS = 4  # of the stock ESP32 build (sdkconfig.ble)
DEFAULT_MTU = 23
_COMMAND_BYTES = 64  # the default buffer of 20 bytes would cut longer commands silently
_COMMAND_QUEUE = 8
FREE = -1

_ADV_FLAGS = b"\x02\x01\x06"  # general discoverable, no BR/EDR
_ADV_UUID128 = 0x07
_ADV_NAME = 0x09


class BlePeripheral:
    """Advertises, keeps up to four connections, notifies, queues commands."""

    def __init__(self, name):
        self.handler_faults = 0
        self.commands_dropped = 0
        self.full = 0  # notifications refused because the radio's buffers were full
        self.connections = [FREE] * CONNECTIONS
        self.mtus = [DEFAULT_MTU] * CONNECTIONS
        self.advertising_due = False
        self._commands = []
        self._name = name
        self._ble = bluetooth.BLE()
        self._ble.irq(self._irq)
        self._ble.active(True)
        self._ble.config(mtu=MTU, gap_name=name)
        notify = bluetooth.FLAG_NOTIFY
        write = bluetooth.FLAG_WRITE | bluetooth.FLAG_WRITE_NO_RESPONSE
        service = (
            bluetooth.UUID(wire.SERVICE_UUID),
            (
                (bluetooth.UUID(wire.LIVE_UUID), notify),
                (bluetooth.UUID(wire.REP_UUID), notify),
                (bluetooth.UUID(wire.CONTROL_UUID), write),
                (bluetooth.UUID(wire.REPLY_UUID), notify),
            ),
        )
        (handles,) = self._ble.gatts_register_services((service,))
        self.live_handle, self.rep_handle, self._control_handle, self.reply_handle = handles
        self._ble.gatts_set_buffer(self._control_handle, _COMMAND_BYTES)

    def advertise(self):
        """(Re)start advertising.

        The service in the first packet, which every scanner sees; the name after.
        """
        self.advertising_due = False
        # The UUID's text is most significant byte first; the packet wants the least significant
        # first.
        uuid = bytes(reversed(bytes.fromhex(wire.SERVICE_UUID.replace("-", ""))))
        name = self._name.encode()
        self._ble.gap_advertise(
            ADVERTISING_INTERVAL_US,
            _ADV_FLAGS + bytes((len(uuid) + 1, _ADV_UUID128)) + uuid,
            resp_data=bytes((len(name) + 1, _ADV_NAME)) + name,
        )

    def notify(self, index, handle, data):
        """Give data to the radio for connection number index. False: its buffers are full, or the
        peer has gone.

        No allocation.
        """
        connection = self.connections[index]
        if connection == FREE:
            return False
        try:
            # The stubs of 1.29 lack the connection.
            self._ble.gatts_notify(connection, handle, data)  # pyright: ignore[reportCallIssue]
        except OSError:
            self.full += 1
            return False
        return True

    def next_command(self):
        """The oldest command not yet taken, as (connection number, bytes), or None."""
        return self._commands.pop(0) if self._commands else None

    def _irq(self, event, data):
        try:
            self._handle(event, data)
        except Exception:  # what escapes disables the handler for good
            self.handler_faults += 1

    def _handle(self, event, data):
        if event == _IRQ_CENTRAL_CONNECT:
            index = self.connections.index(FREE)
            self.mtus[index] = DEFAULT_MTU
            self.connections[index] = data[0]
            # A connection ends advertising; another host may still want to connect.
            self.advertising_due = FREE in self.connections
        elif event == _IRQ_CENTRAL_DISCONNECT:
            index = self.connections.index(data[0])
            self.connections[index] = FREE
            self._commands = [c for c in self._commands if c[0] != index]
            self.advertising_due = True
        elif event == _IRQ_MTU_EXCHANGED:
            self.mtus[self.connections.index(data[0])] = data[1]
        elif event == _IRQ_GATTS_WRITE and data[1] == self._control_handle:
            command = self._ble.gatts_read(self._control_handle)
            if len(self._commands) < _COMMAND_QUEUE:
                self._commands.append((self.connections.index(data[0]), command))
            else:
                self.commands_dropped += 1
