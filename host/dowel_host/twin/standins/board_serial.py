"""Stand-in for the serial port behind sys.stdin and sys.stdout, and for micropython.kbd_intr.

What the program prints goes to the VM's own output; only `.buffer` is the serial line.
"""

import io
import sys as _sys

import micropython as _micropython
import ops
import rpc
from board_os import Overlay

_POLL = 3  # ioctl request MP_STREAM_POLL
_READABLE = 1
_WRITABLE = 4


class _Input(io.IOBase):
    """sys.stdin: polled, and read through its `buffer`."""

    def ioctl(self, request, flags):
        if request != _POLL:
            return -1
        return flags & _READABLE if rpc.call(ops.SERIAL_WAITING) else 0

    def readinto(self, buf):
        return rpc.call(ops.SERIAL_READ, 0, 0, 0, None, buf)

    @property
    def buffer(self):
        return self


class _Output:
    """sys.stdout: what is written to its `buffer` goes out on the line."""

    def __init__(self):
        self.buffer = self

    def write(self, data):
        if isinstance(data, str):
            return _sys.stdout.write(data)
        rpc.call(ops.SERIAL_WRITE, 0, 0, 0, data)
        return len(data)


def _kbd_intr(char):
    rpc.call(ops.SERIAL_INTERRUPT_CHAR, char)


def _interrupt(_payload):
    raise KeyboardInterrupt


rpc.on_event(ops.EVENT_INTERRUPT, _interrupt)

stdin = _Input()
stdout = _Output()
micropython = Overlay(_micropython, kbd_intr=_kbd_intr)
