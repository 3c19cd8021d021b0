"""Stand-in for `bluetooth`: MicroPython's peripheral calls, served by the radio on the host."""

import struct
import sys

import ops
import rpc

FLAG_READ = 0x02
FLAG_WRITE_NO_RESPONSE = 0x04
FLAG_WRITE = 0x08
FLAG_NOTIFY = 0x10
FLAG_INDICATE = 0x20

_CONFIG = ("mac", "addr_mode", "gap_name", "rxbuf", "mtu", "bond", "mitm", "io", "le_secure")
_READABLE = ("mac", "gap_name", "mtu")  # rxbuf is not there where events are synchronous
_NUMBERS = ("addr_mode", "mtu", "io")
_SWITCHES = ("bond", "mitm", "le_secure")

# Events that wait for the handler's answer.
_READ_REQUEST = 4
_GET_SECRET = 29
_SET_SECRET = 30
_QUESTIONS = (_READ_REQUEST, _GET_SECRET, _SET_SECRET)

_REFUSED = (
    "gap_scan",
    "gap_connect",
    "gattc_discover_services",
    "gattc_discover_characteristics",
    "gattc_discover_descriptors",
    "gattc_read",
    "gattc_write",
    "gattc_exchange_mtu",
    "l2cap_listen",
    "l2cap_connect",
    "l2cap_disconnect",
    "l2cap_send",
    "l2cap_recvinto",
    "hci_cmd",
)

# What an event's bytes lie in: a call from inside the handler uses the payload's buffer again.
_blobs = memoryview(bytearray(ops.PAYLOAD_MAX))


class UUID:
    def __init__(self, value):
        if isinstance(value, int):
            if value > 0xFFFF:
                raise ValueError("invalid UUID")
            self._bytes = struct.pack("<H", value)
        elif isinstance(value, str):
            self._bytes = bytes(reversed(bytes.fromhex(value.replace("-", ""))))
        else:
            self._bytes = bytes(value)
        if len(self._bytes) not in (2, 4, 16):
            raise ValueError("UUID must be 16, 32 or 128 bits")

    def __bytes__(self):
        return self._bytes

    def __eq__(self, other):
        return isinstance(other, UUID) and self._bytes == other._bytes

    def __hash__(self):
        return hash(self._bytes)


def _blob(data):
    data = data._bytes if isinstance(data, UUID) else data
    return struct.pack("<H", len(data)) + data


def _buffer(value):
    """What has the buffer protocol, as bytes. TypeError."""
    if isinstance(value, str):
        return value.encode()
    return bytes(memoryview(value))


def _setting(name, value):
    """A value to set, as the two arguments of the call. TypeError as MicroPython has it."""
    if name == "gap_name":
        return 0, _buffer(value)
    if name in _NUMBERS:
        if not isinstance(value, (int, bool)):  # a bool is no int in MicroPython
            raise TypeError("can't convert %s to int" % type(value).__name__)
        return int(value), b""
    if name in _SWITCHES:
        return 1 if value else 0, b""
    raise ValueError("unknown config param")


def _answer(question, code, result):
    """Tell the host what the handler returned."""
    kind = number = 0
    data = b""
    if code == _SET_SECRET:
        number = 1 if result else 0
    elif code == _READ_REQUEST:
        number = int(result) if isinstance(result, (int, bool)) else 0
    elif result is not None:
        try:
            data = _buffer(result)
            kind = 1
        except TypeError:
            kind = 2
    rpc.call(ops.BLE_ANSWER, question, kind, number, data)


class BLE:
    _only = None

    def __new__(cls):
        if BLE._only is None:
            BLE._only = object.__new__(cls)
            BLE._only._handler = None
            BLE._only._active = False
            rpc.on_event(ops.EVENT_BLE, BLE._only._event)
        return BLE._only

    def __getattr__(self, name):
        if name not in _REFUSED:
            raise AttributeError("'BLE' object has no attribute '%s'" % name)

        def refuse(*args, **kwargs):
            raise NotImplementedError("%s: the virtual board is a peripheral only" % name)

        return refuse

    def active(self, active=None):
        if active is not None:
            if rpc.delivering():
                raise NotImplementedError("active() from inside a handler")
            busy = rpc.call(ops.BLE_ACTIVE, 1 if active else 0)
            while busy:  # the handler has been asked for a secret
                busy = rpc.call(ops.BLE_ACTIVE_GO_ON)
            self._active = bool(active)
        return self._active

    def config(self, *names, **values):
        if not values:
            if len(names) != 1:
                raise TypeError("must query one param")
            if names[0] not in _READABLE:
                raise ValueError("unknown config param")
            answer = rpc.fetch(ops.BLE_CONFIG_GET, _CONFIG.index(names[0]))
            kind = answer[0]
            if kind == 0:
                return struct.unpack("<i", answer[1:])[0]
            if kind == 1:
                return answer[1:]
            return (answer[1], answer[2:])
        if names:
            raise TypeError("can't specify pos and kw args")
        for name in values:
            number, text = _setting(name, values[name])
            rpc.call(ops.BLE_CONFIG_SET, _CONFIG.index(name), number, 0, text)

    def irq(self, handler):
        if handler is not None and not callable(handler):
            raise ValueError("invalid handler")
        self._handler = handler

    def gap_advertise(
        self, interval_us=500_000, adv_data=None, *, resp_data=None, connectable=True
    ):
        how = 1 if connectable else 0
        data = b""
        if adv_data is not None:  # None: what was given before stays
            how |= 2
            data += _blob(adv_data)
        if resp_data is not None:
            how |= 4
            data += _blob(resp_data)
        rpc.call(ops.BLE_ADVERTISE, -1 if interval_us is None else interval_us, how, 0, data)

    def gap_disconnect(self, conn_handle):
        return rpc.call(ops.BLE_DISCONNECT, conn_handle) != 0

    def gap_pair(self, conn_handle):
        rpc.call(ops.BLE_PAIR, conn_handle)

    def gap_passkey(self, conn_handle, action, passkey):
        rpc.call(ops.BLE_PASSKEY, conn_handle, action, passkey)

    def gatts_register_services(self, services):
        layout = bytearray([len(services)])
        for uuid, characteristics in services:
            layout += _blob(uuid) + bytes([len(characteristics)])
            for characteristic in characteristics:
                descriptors = characteristic[2] if len(characteristic) > 2 else ()
                layout += _blob(characteristic[0])
                layout += struct.pack("<HB", characteristic[1], len(descriptors))
                for descriptor in descriptors:
                    layout += _blob(descriptor[0]) + struct.pack("<H", descriptor[1])
        answer = rpc.fetch(ops.BLE_REGISTER, 0, 0, 0, layout)
        handles = struct.unpack("<%dH" % (len(answer) // 2), answer)
        at = 0
        result = []
        for _, characteristics in services:
            count = sum([1 + len(c[2]) if len(c) > 2 else 1 for c in characteristics])
            result.append(handles[at : at + count])
            at += count
        return tuple(result)

    def gatts_read(self, handle):
        return rpc.fetch(ops.BLE_READ, handle)

    def gatts_write(self, handle, data, send_update=False):
        rpc.call(ops.BLE_WRITE, handle, 1 if send_update else 0, 0, data)
        return len(data)

    def gatts_set_buffer(self, handle, length, append=False):
        rpc.call(ops.BLE_SET_BUFFER, handle, length, 1 if append else 0)

    def gatts_notify(self, conn_handle, handle, data=None):
        # None sends the attribute's own value
        rpc.call(ops.BLE_NOTIFY, conn_handle, handle, 0 if data is None else 1, data)

    def gatts_indicate(self, conn_handle, handle, data=None):
        rpc.call(ops.BLE_INDICATE, conn_handle, handle, 0 if data is None else 1, data)

    def _event(self, payload):
        code, ints, blobs = payload[0], payload[1], payload[2]
        at = 3
        data = []
        for _ in range(ints):
            data.append(struct.unpack_from("<i", payload, at)[0])
            at += 4
        view = _blobs
        for _ in range(blobs):
            size = struct.unpack_from("<H", payload, at)[0]
            at += 2
            if size == ops.NO_BLOB:
                data.append(None)
                continue
            view[at : at + size] = memoryview(payload)[at : at + size]
            # Valid only inside the handler, as on the chip: the buffer is used again.
            data.append(view[at : at + size])
            at += size
        question = data.pop(0) if code in _QUESTIONS else None
        result = None
        if self._handler is not None:
            try:
                result = self._handler(code, tuple(data))
            except Exception as error:
                # One uncaught exception disables the handler for good (extmod/modbluetooth.c).
                print("Unhandled exception in IRQ callback handler")  # noqa: T201 - as there
                sys.print_exception(error)
                self._handler = None
        if question is not None:
            _answer(question, code, result)
