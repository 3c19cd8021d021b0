"""Frames on a serial line: COBS, with a CRC32 behind the message and a zero on either side.

COBS (Cheshire and Baker, 1999) takes the zeros out, so that a zero always ends a frame and one
lost byte costs one frame. The zero in front keeps what else is printed on the line from eating a
frame. CRC32 is that of zlib, little-endian. Messages are at most 250 bytes: one COBS code byte
covers 254.
"""

from array import array

MESSAGE_MAX = 250
CRC_SIZE = 4
FRAME_MAX = MESSAGE_MAX + CRC_SIZE + 4  # two zeros, a code byte, and one more at 254

# CRC32 of the nibbles 0 to 15, reflected polynomial 0xEDB88320, as unsigned words.
_NIBBLES = array("I", [0] * 16)


def _fill_table():
    for nibble in range(16):
        crc = nibble
        for _ in range(4):
            crc = (crc >> 1) ^ (0xEDB88320 if crc & 1 else 0)
        _NIBBLES[nibble] = crc


_fill_table()


@micropython.viper
def _crc(table, data, start: int, end: int, out, at: int):
    """Write the CRC32 of data[start:end] to out[at:at + 4]."""
    t = ptr8(table)
    d = ptr8(data)
    o = ptr8(out)
    # Sixteen bits each: a 32-bit word shifted right in viper would drag its sign along.
    low = 0xFFFF
    high = 0xFFFF
    i = start
    while i < end:
        low ^= d[i]
        n = 0
        while n < 2:
            k = (low & 15) * 4
            low = (low >> 4) | ((high & 15) << 12)
            high = high >> 4
            low ^= t[k] | (t[k + 1] << 8)
            high ^= t[k + 2] | (t[k + 3] << 8)
            n += 1
        i += 1
    low ^= 0xFFFF
    high ^= 0xFFFF
    o[at] = low & 255
    o[at + 1] = low >> 8
    o[at + 2] = high & 255
    o[at + 3] = high >> 8


@micropython.viper
def _stuff(message, size: int, out) -> int:
    """COBS of message[:size] between zeros, into out; return the length."""
    m = ptr8(message)
    o = ptr8(out)
    o[0] = 0
    code_at = 1
    code = 1
    at = 2
    i = 0
    while i < size:
        if m[i] == 0:
            o[code_at] = code
            code_at = at
            code = 1
            at += 1
        else:
            o[at] = m[i]
            at += 1
            code += 1
            if code == 255:
                o[code_at] = code
                code_at = at
                code = 1
                at += 1
        i += 1
    o[code_at] = code
    o[at] = 0
    return at + 1


@micropython.viper
def _unstuff(frame, size: int) -> int:
    """Undo COBS in place: frame[:size], no zeros. Return the length, -1 if it is no COBS."""
    f = ptr8(frame)
    at = 0
    i = 0
    while i < size:
        code = f[i]
        end = i + code
        if code == 0 or end > size:
            return 0 - 1
        i += 1
        while i < end:
            f[at] = f[i]
            at += 1
            i += 1
        if code < 255 and i < size:
            f[at] = 0
            at += 1
    return at


class Encoder:
    """Makes frames without allocating. `buffer` holds the last one."""

    def __init__(self):
        self.buffer = bytearray(FRAME_MAX)
        self._message = bytearray(MESSAGE_MAX + CRC_SIZE)

    def encode(self, message):
        """Frame message (at most 250 bytes) into buffer; return the frame's length."""
        size = len(message)
        work = self._message
        for index in range(size):
            work[index] = message[index]
        _crc(_NIBBLES, work, 0, size, work, size)
        return _stuff(work, size + CRC_SIZE, self.buffer)


class Decoder:
    """Takes bytes one at a time. Counts frames that were cut, wrong or too long."""

    def __init__(self):
        self.errors = 0
        self.size = 0  # bytes since the last zero
        self.buffer = bytearray(FRAME_MAX)
        self._crc = bytearray(CRC_SIZE)
        self._overlong = False

    def take(self, byte):
        """Take a byte; return the message it ends, or None."""
        if byte:
            if self.size < FRAME_MAX:
                self.buffer[self.size] = byte
                self.size += 1
            else:
                self._overlong = True
            return None
        size, self.size = self.size, 0
        overlong, self._overlong = self._overlong, False
        if size == 0:
            return None
        message = None if overlong else self._open(size)
        if message is None:
            self.errors += 1
        return message

    def _open(self, size):
        length = _unstuff(self.buffer, size) - CRC_SIZE
        if length < 0:
            return None
        _crc(_NIBBLES, self.buffer, 0, length, self._crc, 0)
        for index in range(CRC_SIZE):
            if self._crc[index] != self.buffer[length + index]:
                return None
        return bytes(self.buffer[:length])
