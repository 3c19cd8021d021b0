"""The board's serial port as its program sees it: a small buffer in, a slow line out."""

from collections.abc import Callable

# stdin's ring on the ESP32 (ports/esp32/mphalport.c); what does not fit is dropped silently there.
RING_BYTES = 260
# 115200 baud, ten bits a byte (ports/esp32/uart.c): 86.8 us.
BYTE_US = 1e6 / 11_520
CTRL_C = 3


class SerialPort:
    """Bytes in from a host, bytes out to it. on_output gets what the board writes.

    interrupt is called when Ctrl-C comes in while the program allows it.
    """

    def __init__(self) -> None:
        self.on_output: Callable[[bytes], None] | None = None
        self.interrupt: Callable[[], None] | None = None
        self.dropped = 0  # bytes that came while the ring was full
        self.written = 0
        self._ring = bytearray()
        self._interrupt_char = CTRL_C

    def receive(self, data: bytes) -> None:
        """A host sends data."""
        for byte in data:
            if byte == self._interrupt_char:
                # The port's interrupt takes it out of the stream and empties the ring.
                self._ring.clear()
                if self.interrupt is not None:
                    self.interrupt()
            elif len(self._ring) < RING_BYTES:
                self._ring.append(byte)
            else:
                self.dropped += 1

    def waiting(self) -> int:
        """Bytes that the program can read."""
        return len(self._ring)

    def read(self, size: int) -> bytes:
        """The program reads up to size bytes."""
        data = bytes(self._ring[:size])
        del self._ring[:size]
        return data

    def write(self, data: bytes) -> None:
        """The program writes."""
        self.written += len(data)
        if self.on_output is not None:
            self.on_output(data)

    def set_interrupt_char(self, char: int) -> None:
        """micropython.kbd_intr: -1 lets every byte through."""
        self._interrupt_char = char

    def reset(self) -> None:
        """The board is reset."""
        self._ring.clear()
        self._interrupt_char = CTRL_C
