"""The same messages over the serial port, in frames, on the line that the REPL also uses.

Until a host sends a good frame the port is the console: Ctrl-C ends the program. From then on
frames may hold any byte, also 3: the interrupt is off, and a carriage return and Ctrl-C right
behind a frame (what mpremote sends first), the command CMD_REPL, or half a minute of silence give
the console back. Bytes go through `.buffer`: the text layer changes line ends.
"""

import select
import sys
import time

import micropython

from dowel.link.frame import Decoder, Encoder

_CTRL_C = 3
_NO_INTERRUPT = -1
# Small: a host that is only slow loses the line. Large: a plain Ctrl-C is deaf for so long.
_SILENCE_MS = 30_000
# A host keeps at most 200 bytes unacknowledged, since the port's buffer is 260: one turn takes
# all.
_BYTES_A_TURN = 260


class SerialInterrupt(Exception):  # noqa: N818 - no error: a wish
    """The host wants the console: carriage return and Ctrl-C between frames."""


class UsbSerial:
    """The serial port as a carrier with one place."""

    has_repl = True
    places = 1

    def __init__(self):
        self._decoder = Decoder()
        self._encoder = Encoder()
        self._active = False
        self._heard_ms = 0
        self._byte = bytearray(1)
        self._commands = []
        self._poller = select.poll()
        self._poller.register(sys.stdin, select.POLLIN)
        # A view of each length would be made at every frame: sent are whole frames of few lengths.
        self._views = {}

    @property
    def bad_frames(self):
        """Frames that could not be read; what a person types at the console counts too."""
        return self._decoder.errors

    def refresh(self):
        """Take what has come. SerialInterrupt."""
        for _ in range(_BYTES_A_TURN):
            if not self._has_input():
                break
            sys.stdin.buffer.readinto(self._byte)
            self._take(self._byte[0])
        if self._active and time.ticks_diff(time.ticks_ms(), self._heard_ms) > _SILENCE_MS:
            self.release()

    def _has_input(self):
        for _ in self._poller.ipoll(0):
            return True
        return False

    def _take(self, byte):
        decoder = self._decoder
        if byte == _CTRL_C and decoder.size == 1 and decoder.buffer[0] == 13:
            self.release()
            raise SerialInterrupt
        message = decoder.take(byte)
        if message is not None:
            self._heard_ms = time.ticks_ms()
            if not self._active:
                self._active = True
                micropython.kbd_intr(_NO_INTERRUPT)
            self._commands.append((0, message))

    def release(self):
        """Make the port the console again."""
        self._active = False
        micropython.kbd_intr(_CTRL_C)

    def connected(self, _index):
        """Whether a host speaks frames."""
        return self._active

    def room(self, _index):
        """Bytes that a message may have."""
        return 250

    def send(self, _index, _kind, message):
        """Write a message as a frame; False: nobody speaks frames."""
        if not self._active:
            return False
        size = self._encoder.encode(message)
        view = self._views.get(size)
        if view is None:
            view = self._views[size] = memoryview(self._encoder.buffer)[:size]
        sys.stdout.buffer.write(view)
        return True

    def next_command(self):
        """The oldest command not yet taken, as (0, bytes), or None."""
        return self._commands.pop(0) if self._commands else None
