"""A twin as a thing of its own: one board that stays on in real time, for other programs to use.

Its radio is reached by HCI over TCP, its serial line by a pty. It knows nothing of receivers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from dowel_host.recording import Recording
from dowel_host.twin.board import Board
from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.hci_server import HciServer
from dowel_host.twin.repl import SerialRepl
from dowel_host.twin.repl_main import BoardMain
from dowel_host.twin.session import Twin, TwinSettings
from dowel_host.twin.vm import VmDiedError

# From power-on to the firmware's radio: half a second of board time. Small: a slow machine's
# twin has no name. Large: one waits so long to hear that there is none.
NAME_TIMEOUT_S = 15.0
_LOOK_S = 0.05

OnNote = Callable[[str], None]


class StandingTwin:
    """One board, worn by the person of a recording. Use as `async with`, in a realtime BoardLoop.

    hci_port: of the radio's HCI on the loopback interface, 0: any free one. on_note gets a
    sentence for people about what happens to the board; it may be called by another thread.
    """

    def __init__(
        self,
        recording: Recording,
        settings: TwinSettings,
        *,
        hci_port: int = 0,
        on_note: OnNote = lambda _: None,
    ) -> None:
        self.twin = Twin(recording, settings)
        self._own = settings.own
        self._hci_port = hci_port
        self._on_note = on_note
        self._server: HciServer | None = None
        self._serial: SerialRepl | None = None

    async def __aenter__(self) -> Self:
        """Power on. HciPortError, VmMissingError."""
        if "bluetooth" not in self._own:
            self._server = await HciServer.open(self.twin.link, self._hci_port, self._on_note)
        board = self.twin.board
        main = _Main(board, self._main_failed)
        self._serial = SerialRepl(board.devices.flash, main=main, own=self._own)
        self._serial.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Power off, with whatever is connected."""
        try:
            if self._serial is not None:
                # By another thread: the serial line's own asks this loop to stop the board.
                await asyncio.get_running_loop().run_in_executor(None, self._serial.stop)
        finally:
            if self._server is not None:
                await self._server.close()
            self.twin.board.stop()
            self.twin.peripheral.reset()

    # -- what others see ----------------------------------------------------------------------

    @property
    def transport(self) -> str | None:
        """Name of the transport by which a bumble host joins the board's air; None: not ours."""
        return None if self._server is None else self._server.transport

    @property
    def port(self) -> str:
        """The serial port's path."""
        assert self._serial is not None
        return self._serial.port

    async def name(self) -> str | None:
        """Return the board's Bluetooth name once it has one; None where it gives itself none."""
        if self._server is None:
            return None
        loop = asyncio.get_running_loop()
        until_s = loop.time() + NAME_TIMEOUT_S
        peripheral = self.twin.peripheral
        while loop.time() < until_s and not self.twin.board.ended.done():
            if peripheral.is_active:
                name = peripheral.config_get("gap_name")
                if isinstance(name, bytes) and name != nimble.DEFAULT_NAME:
                    return name.decode("utf-8", "replace")
            await asyncio.sleep(_LOOK_S)
        return None

    async def stay(self) -> None:
        """Wait for a fault of the twin itself; leaving `async with` then raises it."""
        assert self._serial is not None
        await asyncio.get_running_loop().run_in_executor(None, self._serial.join)

    def lost(self) -> str | None:
        """What was lost on the serial line, as a sentence; None if nothing was."""
        if self._serial is None:
            return None
        line, serial = self._serial.line, self.twin.board.devices.serial
        into, out = line.dropped_in + serial.dropped, line.dropped_out
        if not into and not out:
            return None
        return f"Bytes lost on the serial line: {into} to the board, {out} from it."

    # -- what happens to the board ------------------------------------------------------------

    def _main_failed(self, died: VmDiedError) -> None:
        """main.py raised, or its VM crashed. The watchdog that it had started is fed no more."""
        assert self._serial is not None
        chip = self._serial.chip
        watchdog_s = self.twin.board.watchdog_us / 1e6
        then = "no watchdog runs; the REPL is on the serial port"
        if watchdog_s:
            chip.watchdog_period_s = watchdog_s
            chip.feed()
            then = f"the watchdog resets the board in {watchdog_s:.0f} s"
        said = (died.output.strip().splitlines() or ["it said nothing"])[-1]
        if not said.startswith("KeyboardInterrupt"):  # Ctrl-C on the serial line is no failure
            self._on_note(f"The firmware's VM {died.why} ({said}); {then}.")


class _Main(BoardMain):
    """main.py on the board; tells how it failed. All is called by the serial line's thread."""

    def __init__(self, board: Board, on_failure: Callable[[VmDiedError], None]) -> None:
        super().__init__(board)
        self._on_failure = on_failure

    def stop(self) -> bytes:
        """End main.py; return the input that it has not read. Raises a fault of the twin."""
        unread = super().stop()
        error = self._board.ended.exception()
        if isinstance(error, VmDiedError):
            self._on_failure(error)
        elif error is not None:
            raise error
        return unread
