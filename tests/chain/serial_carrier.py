"""A carrier over the board's serial port without a cable: bytes in, bytes out, in board time."""

from __future__ import annotations

from collections.abc import Callable

from dowel_host.links.frames import FrameReader, encode
from dowel_host.links.usb import hello
from dowel_host.twin.board import Board


class PortCarrier:
    """Speaks frames with a board in this process. noise: what else stands on the line."""

    name = "serial port"

    def __init__(self, board: Board, noise: bytes = b"") -> None:
        self.reader = FrameReader()
        self._board = board
        self._noise = noise

    async def open(self, on_message: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        def came(data: bytes) -> None:
            for message in self.reader.take(self._noise + data):
                on_message(message)

        del on_lost  # a line in this process is not lost
        self._board.devices.serial.on_output = came
        await self.send(hello())

    async def send(self, message: bytes) -> None:
        self._board.devices.serial.receive(encode(message))

    async def close(self) -> None:
        self._board.devices.serial.on_output = None
