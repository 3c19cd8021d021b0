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
_SET_SECRET = 30


class UUID:
    def __init__(self, value):
        if isinstance(value, int):
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


class BLE:
    _only = None

    def __new__(cls):
        if BLE._only is None:
            BLE._only = object.__new__(cls)
            BLE._only._handler = None
            BLE._only._active = False
            rpc.on_event(ops.EVENT_BLE, BLE._only._event)
        return BLE._only

    def active(self, active=None):
        if active is not None:
            rpc.call(ops.BLE_ACTIVE, 1 if active else 0)
            self._active = bool(active)
        return self._active

    def config(self, *names, **values):
        for name in values:
            value = values[name]
            text = value if isinstance(value, (bytes, str)) else b""
            number = value if isinstance(value, int) else 0
            rpc.call(ops.BLE_CONFIG_SET, self._index(name), number, 0, text)
        if names:
            answer = rpc.fetch(ops.BLE_CONFIG_GET, self._index(names[0]))
            kind = answer[0]
            if kind == 0:
                return struct.unpack("<i", answer[1:])[0]
            if kind == 1:
                return answer[1:]
            return (answer[1], answer[2:])

    def _index(self, name):
        if name not in _CONFIG:
            raise ValueError("unknown config param")
        return _CONFIG.index(name)

    def irq(self, handler):
        self._handler = handler

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
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

    def gatts_set_buffer(self, handle, length, append=False):
        rpc.call(ops.BLE_SET_BUFFER, handle, length, 1 if append else 0)

    def gatts_notify(self, conn_handle, handle, data=None):
        # None sends the attribute's own value
        rpc.call(ops.BLE_NOTIFY, conn_handle, handle, 0 if data is None else 1, data)

    def gatts_indicate(self, conn_handle, handle, data=None):
        rpc.call(ops.BLE_INDICATE, conn_handle, handle, 0 if data is None else 1, data)

    def _event(self, payload):
        """payload.

        Code, count of ints, count of blobs, then int32 each, then blobs with a length.
        """
        if self._handler is None:
            return
        code = payload[0]
        at = 3
        data = []
        for _ in range(payload[1]):
            data.append(struct.unpack_from("<i", payload, at)[0])
            at += 4
        view = memoryview(payload)
        for _ in range(payload[2]):
            size = struct.unpack_from("<H", payload, at)[0]
            at += 2
            # Valid only inside the handler, as on the chip: the buffer is used again.
            data.append(view[at : at + size])
            at += size
        try:
            self._handler(code, tuple(data))
        except Exception as error:
            # One uncaught exception disables the handler for good (extmod/modbluetooth.c).
            sys.print_exception(error)
            self._handler = None
