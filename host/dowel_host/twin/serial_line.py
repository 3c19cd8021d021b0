"""The board's serial line as a pty: what a USB cable to an ESP32 is to a program on the host."""

import os
import select
import time
import tty
from types import TracebackType
from typing import Self

# The port's input buffer (ports/esp32/mphalport.c). While a program runs it is all there is:
# what does not fit is gone, without a word.
RING_BYTES = 260
# A write waits this long for a host that does not read (usb_serial_jtag.c); then the rest is
# thrown away, and so is everything until the host reads again.
HOST_PATIENCE_S = 0.2
CTRL_C = 0x03
_PIECE = 4096


class LineStopped(Exception):  # noqa: N818 - no error: the line was told to stop
    """stop() was called while the line was waiting."""


class SerialLine:
    """One end of a pty; `port` names the other, for mpremote.

    dropped_in, dropped_out: bytes lost as on the chip, because a program ran, or nobody read.
    One thread uses it; stop() may come from any other.
    """

    def __init__(self) -> None:
        self._board, self._host = os.openpty()
        # Kept open here: a pty without a host end answers every read with an error.
        tty.setraw(self._host)
        os.set_blocking(self._board, False)
        self._wake_read, self._wake_write = os.pipe()
        self.port = os.ttyname(self._host)
        self.interrupted = False  # Ctrl-C came while a program ran
        self.interrupt_char = CTRL_C  # micropython.kbd_intr: -1 lets all bytes through
        self.dropped_in = 0
        self.dropped_out = 0
        self._ring = bytearray()
        self._running = False
        self._deaf = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def stop(self) -> None:
        """Let the thread that waits on the line end: LineStopped there."""
        os.write(self._wake_write, b".")

    def close(self) -> None:
        """Pull the cable: the host's end reads errors from now on."""
        for fd in (self._board, self._host, self._wake_read, self._wake_write):
            os.close(fd)

    # -- in -----------------------------------------------------------------------------------

    def program_runs(self, runs: bool) -> None:
        """While a program runs, input only fills the ring, and Ctrl-C is taken out of it."""
        self._running = runs
        self.interrupted = False
        self.interrupt_char = CTRL_C

    def take_interrupt(self) -> bool:
        """Whether Ctrl-C came while a program ran; once told it is over."""
        came, self.interrupted = self.interrupted, False
        return came

    def read_byte(self, timeout_s: float) -> int | None:
        """Return the next byte, None if none came in time."""
        if not self._ring:
            self.wait(None, timeout_s)
        return self._ring.pop(0) if self._ring else None

    def waiting(self) -> int:
        """Bytes that can be read at once."""
        return len(self._ring)

    def read(self, size: int = RING_BYTES) -> bytes:
        """Return what is there, up to size bytes."""
        data = bytes(self._ring[:size])
        del self._ring[:size]
        return data

    def unread(self, data: bytes) -> None:
        """Put back what was read and not used."""
        self._ring[:0] = data

    def wait(self, fd: int | None, timeout_s: float) -> bool:
        """Wait until fd is readable or time is up, taking in what comes. Return: fd is readable.

        Without fd it also returns when input has come. LineStopped.
        """
        until_s = time.monotonic() + timeout_s
        while True:
            sources = [self._wake_read, *([] if fd is None else [fd])]
            # Unread input waits in the kernel, as on USB, unless a program runs: then it is looked
            # through for Ctrl-C.
            if self._running or not self._ring:
                sources.append(self._board)
            ready, _, _ = select.select(sources, [], [], max(0.0, until_s - time.monotonic()))
            if self._wake_read in ready:
                raise LineStopped
            if self._board in ready:
                self._take_in()
            if fd in ready:
                return True
            if not ready or fd is None:
                return False

    def _take_in(self) -> None:
        try:
            data = os.read(self._board, _PIECE if self._running else RING_BYTES)
        except BlockingIOError:
            return
        if self._running and self.interrupt_char >= 0 and self.interrupt_char in data:
            self.interrupted = True
            data = data.replace(bytes((self.interrupt_char,)), b"")
        room = RING_BYTES - len(self._ring)
        self._ring += data[:room]
        self.dropped_in += max(0, len(data) - room)

    # -- out ----------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send data; what the host does not take in time is dropped and counted."""
        rest = memoryview(data)
        until_s = time.monotonic() + (0.0 if self._deaf else HOST_PATIENCE_S)
        while rest:
            try:
                rest = rest[os.write(self._board, rest) :]
                self._deaf = False
            except BlockingIOError:
                left_s = until_s - time.monotonic()
                if left_s <= 0 or not select.select([], [self._board], [], left_s)[1]:
                    self._deaf = True
                    self.dropped_out += len(rest)
                    return
