"""The host's end of a board's serial line, without mpremote's cleverness: bytes there and back."""

import time

from mpremote.transport_serial import SerialTransport

GREETING = b"raw REPL; CTRL-B to exit\r\n>"


class Wire:
    """An open port."""

    def __init__(self, port):
        self._transport = SerialTransport(port, timeout=0.1)
        self.serial = self._transport.serial

    def close(self):
        self._transport.close()

    def send(self, data, expect, seconds=5.0):
        """Send data; return what came up to and with expect."""
        self.serial.write(data)
        got = b""
        end = time.monotonic() + seconds
        while not got.endswith(expect):
            assert time.monotonic() < end, f"waited for {expect!r}, got {got!r}"
            got += self.serial.read(1)
        return got

    def friendly(self):
        """Come to a prompt with nothing unread before it; return the last greeting."""
        said = self.send(b"\r\x03\x02", b">>> ")
        while more := self.serial.read(1000):  # the prompt of the start may have come before
            said = more
        return said

    def raw(self):
        self.friendly()
        self.send(b"\x01", GREETING)
        return self

    def execute(self, code, seconds=5.0):
        """Output and error of code in the raw REPL, without raw paste."""
        got = self.send(code.encode() + b"\x04", b"\x04>", seconds)
        output, error, _ = got.removeprefix(b"OK").split(b"\x04")
        return output, error
