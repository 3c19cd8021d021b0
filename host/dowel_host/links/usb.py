"""Devices over a serial port, on serialx."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import serialx

from dowel.link import wire
from dowel_host.links.carrier import LinkError
from dowel_host.links.frames import FrameReader, encode
from dowel_host.messages import command

BAUD = 115_200
# The USB vendors of ESP32 boards: Espressif, Silicon Labs (CP210x), QinHeng (CH34x), FTDI.
_VENDORS = {0x303A, 0x10C4, 0x1A86, 0x0403}
_READ_BYTES = 4096
_CTRL_C = 3


def ports() -> list[str]:
    """Serial ports that may be a board."""
    return sorted(port.device for port in serialx.list_serial_ports() if port.vid in _VENDORS)


def choose_port(name: str) -> str:
    """Return name, or the only port there is. LinkError: none, or several."""
    if name:
        return name
    found = ports()
    if len(found) == 1:
        return found[0]
    if not found:
        raise LinkError("No serial port with a board on it; plug it in, or name it: usb:PORT.")
    raise LinkError(f"Several ports may be the board: choose usb:{' or usb:'.join(found)}.")


class UsbCarrier:
    """A device on a serial port."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._reader = FrameReader()
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The port."""
        return self._port

    @property
    def bad_frames(self) -> int:
        """Frames that could not be read, output of the console included."""
        return self._reader.errors

    async def open(self, on_message: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        """Open the port and say hello. LinkError."""
        try:
            stream, writer = await serialx.open_serial_connection(self._port, baudrate=BAUD)
        except (OSError, serialx.SerialException) as error:
            raise LinkError(_why_not(self._port, error)) from error
        self._writer = writer
        self._listener = asyncio.create_task(self._listen(stream, on_message, on_lost))
        await self.send(hello())

    async def _listen(
        self,
        stream: asyncio.StreamReader,
        on_message: Callable[[bytes], None],
        on_lost: Callable[[], None],
    ) -> None:
        with suppress(OSError, serialx.SerialException):
            while data := await stream.read(_READ_BYTES):
                for message in self._reader.take(data):
                    on_message(message)
        on_lost()

    async def send(self, message: bytes) -> None:
        """Write a frame. LinkError."""
        assert self._writer is not None
        try:
            self._writer.write(encode(message))
            await self._writer.drain()
        except (OSError, serialx.SerialException) as error:
            raise LinkError(f"{self._port} was lost ({error}); plug it in again.") from error

    async def close(self) -> None:
        """Close the port."""
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        if self._writer is not None:
            with suppress(OSError, serialx.SerialException):
                self._writer.close()


def hello() -> bytes:
    """A first command without the byte 3 in its frame: until it has one, the port is a console."""
    # From the top: a client's own sequence numbers begin at 1.
    for sequence in range(0xFFFF, 0, -1):
        message = command(wire.CMD_INFO, sequence)
        if _CTRL_C not in encode(message):
            return message
    raise AssertionError("no sequence number gives a frame without Ctrl-C")


def _why_not(port: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no port {port}; plug the board in, `dowel flash --list` names the ports."
    if isinstance(error, PermissionError):
        return f"This user may not open {port}; join the group dialout and log in again."
    why = str(error).rstrip(".")
    return f"{port} cannot be opened ({why}); close other programs that use it, or choose another."
