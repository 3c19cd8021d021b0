"""What runs main.py, in place of the REPL's own VM: the whole board with sensors and radio."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol, TypeVar

from dowel_host.twin.repl_chip import POWER_ON_RESET

if TYPE_CHECKING:
    from dowel_host.twin.board import Board

# The loop gives way to other threads at least every few milliseconds; a second is a hung loop.
_LOOP_ANSWER_S = 10.0

T = TypeVar("T")


class Main(Protocol):
    """What runs main.py, where there is one, if that is not the REPL's own VM: a whole board.

    It has the flash to itself from start() to stop(). All are called by the REPL's thread.
    """

    def start(self) -> None:
        """Run main.py."""
        ...

    def receive(self, data: bytes) -> None:
        """Take what came over the line; Ctrl-C is for main.py to obey."""
        ...

    def sent(self) -> bytes:
        """Return what it sent over the line since the last call, printed text included."""
        ...

    def running(self) -> bool:
        """Whether it has not ended."""
        ...

    def stop(self) -> bytes:
        """End it, if it has not ended; return what came over the line and was not read."""
        ...


class BoardMain:
    """Starts and stops a Board from the REPL's thread. The board's loop runs in real time.

    Nobody else starts the board: its flash is the REPL's while it is stopped.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._lives = 0
        self._shown = 0
        self._sent = bytearray()

    def start(self) -> None:
        """Power the board on."""
        self._shown = 0
        self._lives += 1
        self._in_loop(self._begin)

    def receive(self, data: bytes) -> None:
        """Hand the board's serial port what came over the line."""
        if data:
            self._in_loop(lambda: self._board.devices.serial.receive(data))

    def sent(self) -> bytes:
        """Return what the firmware printed and wrote since the last call."""
        return self._in_loop(self._take_sent)

    def running(self) -> bool:
        """Whether main.py has not ended."""
        return not self._board.ended.done()

    def stop(self) -> bytes:
        """End the firmware's VM; sensors and radio stay as they are. Return the unread input."""
        self._in_loop(self._board.stop)
        serial = self._board.devices.serial
        return self._in_loop(lambda: serial.read(serial.waiting()))

    def _begin(self) -> None:
        self._board.devices.serial.on_output = self._sent.extend
        if self._lives == 1:
            self._board.start()
        else:
            self._board.ended = self._board.loop.create_future()
            self._board.restart(POWER_ON_RESET)

    def _take_sent(self) -> bytes:
        # The VM stands still while the loop has its turn: its output may be read.
        text = self._board.output()
        if len(text) < self._shown:  # a reset: another VM, from its first word on
            self._shown = 0
        printed, self._shown = text[self._shown :], len(text)
        written = bytes(self._sent)
        self._sent.clear()
        return printed.replace("\n", "\r\n").encode() + written

    def _in_loop(self, action: Callable[[], T]) -> T:
        done: Future[T] = Future()

        def act() -> None:
            try:
                done.set_result(action())
            except BaseException as error:  # noqa: BLE001 - whoever asked gets it
                done.set_exception(error)

        self._board.loop.call_soon_threadsafe(act)
        return done.result(_LOOP_ANSWER_S)
