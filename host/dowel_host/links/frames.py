"""Frames on a serial line: COBS between zeros, CRC32 behind the message (firmware/PROTOCOL.md)."""

import binascii

from cobs import cobs  # pyright: ignore[reportMissingTypeStubs] - it brings none

_CRC_BYTES = 4
# Longer than any frame: what grows beyond it is no frame but output of the console.
FRAME_MAX = 300


def encode(message: bytes) -> bytes:
    """Return message as a frame, a zero on either side."""
    crc = binascii.crc32(message).to_bytes(_CRC_BYTES, "little")
    return b"\0" + cobs.encode(message + crc) + b"\0"  # pyright: ignore[reportUnknownMemberType]


class FrameReader:
    """Takes bytes as they come; counts frames that were cut or wrong, console output included."""

    def __init__(self) -> None:
        self.errors = 0
        self._pending = bytearray()

    def take(self, data: bytes) -> list[bytes]:
        """Return the messages that data completes."""
        self._pending += data
        *frames, rest = self._pending.split(b"\0")
        self._pending = bytearray(rest[-FRAME_MAX:])
        messages = [self._open(bytes(frame)) for frame in frames if frame]
        return [message for message in messages if message is not None]

    def _open(self, frame: bytes) -> bytes | None:
        try:
            data = cobs.decode(frame)  # pyright: ignore[reportUnknownMemberType]
        except cobs.DecodeError:
            self.errors += 1
            return None
        message, crc = data[:-_CRC_BYTES], data[-_CRC_BYTES:]
        if len(data) < _CRC_BYTES or binascii.crc32(message).to_bytes(_CRC_BYTES, "little") != crc:
            self.errors += 1
            return None
        return message
