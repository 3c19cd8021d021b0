"""The device as a Bluetooth peripheral: our service, the standard Battery and Device Information.

The handler runs on the Bluetooth host's own task, between any two instructions of the program;
one uncaught exception there and MicroPython never calls it again (extmod/modbluetooth.c). It
therefore only keeps what came, and catches everything.
"""

import bluetooth
from micropython import const

from dowel.link import wire

_IRQ_CENTRAL_CONNECT = const(1)
_IRQ_CENTRAL_DISCONNECT = const(2)
_IRQ_GATTS_WRITE = const(3)
_IRQ_MTU_EXCHANGED = const(21)

MTU = 247  # 244 bytes a notification: one link-layer packet with data length extension
# Found within a second by most phones; slower saves little beside the CPU.
ADVERTISING_INTERVAL_US = 250_000
CONNECTIONS = 4  # of the stock ESP32 build (sdkconfig.ble)
_DEFAULT_MTU = 23
_ATT_HEADER = 3
_COMMAND_BYTES = 64  # the default buffer of 20 bytes would cut longer commands silently
_COMMAND_QUEUE = 8
_FREE = -1

_ADV_FLAGS = b"\x02\x01\x06"  # general discoverable, no BR/EDR
_ADV_UUID128 = 0x07
_ADV_NAME = 0x09

_BATTERY_SERVICE = 0x180F
_BATTERY_LEVEL = 0x2A19
_DEVICE_INFORMATION = 0x180A
_MODEL_NUMBER = 0x2A24
_SERIAL_NUMBER = 0x2A25
_FIRMWARE_REVISION = 0x2A26
_MANUFACTURER_NAME = 0x2A29


class BlePeripheral:
    """Advertises, keeps up to four connections, notifies, queues commands.

    identity: bluetooth name, model, serial number and firmware revision, as text.
    """

    has_repl = False
    places = CONNECTIONS

    def __init__(self, identity):
        self.handler_faults = 0
        self.commands_dropped = 0
        self.full = 0  # notifications refused because the radio's buffers were full
        self._connections = [_FREE] * CONNECTIONS
        self._mtus = [_DEFAULT_MTU] * CONNECTIONS
        self._advertising_due = True
        self._commands = []
        self._name = identity[0]
        self._ble = bluetooth.BLE()
        self._ble.irq(self._irq)
        self._ble.active(True)
        self._ble.config(mtu=MTU, gap_name=self._name)
        self._register()
        self._identify(identity)

    def _register(self):
        """Register the services and keep their handles."""
        uuid, notify, read = bluetooth.UUID, bluetooth.FLAG_NOTIFY, bluetooth.FLAG_READ
        write = bluetooth.FLAG_WRITE | bluetooth.FLAG_WRITE_NO_RESPONSE
        ours = (
            uuid(wire.SERVICE_UUID),
            (
                (uuid(wire.LIVE_UUID), notify),
                (uuid(wire.REP_UUID), notify),
                (uuid(wire.CONTROL_UUID), write),
                (uuid(wire.REPLY_UUID), notify),
            ),
        )
        battery = (uuid(_BATTERY_SERVICE), ((uuid(_BATTERY_LEVEL), read | notify),))
        information = (
            uuid(_DEVICE_INFORMATION),
            tuple([(uuid(number), read) for number in _INFORMATION]),
        )
        handles = self._ble.gatts_register_services((ours, battery, information))
        self._live_handle, self._rep_handle, self._control_handle, self._reply_handle = handles[0]
        self._battery_handle = handles[1][0]
        self._information_handles = handles[2]
        self._ble.gatts_set_buffer(self._control_handle, _COMMAND_BYTES)

    def _identify(self, identity):
        values = ("The electronic dowel",) + identity[1:]
        for index in range(len(values)):
            self._ble.gatts_write(self._information_handles[index], values[index].encode())

    def stop(self):
        """Switch the radio off."""
        self._ble.active(False)

    def set_battery(self, percent):
        """Tell the charge, 0 to 100 %, to who has subscribed to it."""
        self._ble.gatts_write(self._battery_handle, bytes((percent,)), True)

    def refresh(self):
        """Advertise again where a connection came or went."""
        if self._advertising_due:
            self._advertising_due = False
            self._advertise()

    def _advertise(self):
        """Advertise: the service in the first packet, which every scanner sees; the name after."""
        # The UUID's text has the most significant byte first, the packet the least.
        uuid = bytes(reversed(bytes.fromhex(wire.SERVICE_UUID.replace("-", ""))))
        name = self._name.encode()
        try:
            self._ble.gap_advertise(
                ADVERTISING_INTERVAL_US,
                _ADV_FLAGS + bytes((len(uuid) + 1, _ADV_UUID128)) + uuid,
                resp_data=bytes((len(name) + 1, _ADV_NAME)) + name,
            )
        except OSError:
            # The last place was taken meanwhile, or the radio is busy: the next turn tries again.
            self._advertising_due = _FREE in self._connections

    def connected(self, index):
        """Whether a host is at place index."""
        return self._connections[index] != _FREE

    def connections(self):
        """How many hosts are connected."""
        return CONNECTIONS - self._connections.count(_FREE)

    def room(self, index):
        """Bytes that a notification to place index can hold."""
        return self._mtus[index] - _ATT_HEADER

    def send(self, index, kind, message):
        """Notify place index; False: the radio's buffers are full, or the host has gone.

        A message longer than the MTU allows would be cut silently: it is not sent. No allocation.
        """
        connection = self._connections[index]
        if connection == _FREE or len(message) > self.room(index):
            return False
        handle = self._reply_handle
        if kind == wire.LIVE:
            handle = self._live_handle
        elif kind == wire.REP:
            handle = self._rep_handle
        try:
            # The stubs of 1.29 lack the connection.
            self._ble.gatts_notify(connection, handle, message)  # pyright: ignore[reportCallIssue]
        except OSError:
            self.full += 1
            return False
        return True

    def next_command(self):
        """The oldest command not yet taken, as (place, bytes), or None."""
        return self._commands.pop(0) if self._commands else None

    def _irq(self, event, data):
        try:
            self._handle(event, data)
        except Exception:  # what escapes disables the handler for good
            self.handler_faults += 1

    def _handle(self, event, data):
        if event == _IRQ_CENTRAL_CONNECT:
            index = self._connections.index(_FREE)
            self._mtus[index] = _DEFAULT_MTU
            self._connections[index] = data[0]
            # A connection ends advertising; another host may still want to connect.
            self._advertising_due = _FREE in self._connections
        elif event == _IRQ_CENTRAL_DISCONNECT:
            index = self._connections.index(data[0])
            self._connections[index] = _FREE
            self._commands = [c for c in self._commands if c[0] != index]
            self._advertising_due = True
        elif event == _IRQ_MTU_EXCHANGED:
            self._mtus[self._connections.index(data[0])] = data[1]
        elif event == _IRQ_GATTS_WRITE and data[1] == self._control_handle:
            command = self._ble.gatts_read(self._control_handle)
            if len(self._commands) < _COMMAND_QUEUE:
                self._commands.append((self._connections.index(data[0]), command))
            else:
                self.commands_dropped += 1


_INFORMATION = (_MANUFACTURER_NAME, _MODEL_NUMBER, _SERIAL_NUMBER, _FIRMWARE_REVISION)
