"""A board's raw REPL, by mpremote's own transport.

mpremote is used as a library: one connection from the first question to the last, its exceptions
instead of its output. Its authors reserve the right to change these classes with a minor version,
hence the pin in pyproject.toml; all that is used of them is in this file.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import struct
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, Self

from dowel_host.flasher.errors import (
    BoardFailedError,
    NoMicroPythonError,
    SilentBoardError,
    UnpluggedError,
)
from dowel_host.flasher.ports import why_closed

BAUD_RATE = 115200  # fixed when MicroPython is built; native USB ignores it
# How often, and how long each time, a REPL is asked for. Opening the port resets some boards:
# what was sent while they started is lost. Longer: a port with nothing behind it takes longer.
ENTER_ATTEMPTS = 3
ENTER_TIMEOUT_S = 3.0
# Longest silence of a board that works: it reads and hashes a file in tenths of a second, and
# a full flash may take seconds to find a free block.
RUN_TIMEOUT_S = 10.0
# How long the firmware is watched after its start. Shorter: what stops it at start is missed.
WATCH_S = 2.5
_LOOK_S = 0.02
_PROMPT = b">>> "

_mpremote: Any = importlib.import_module("mpremote.transport_serial")
_transport: Any = importlib.import_module("mpremote.transport")


class BoardLink:
    """The raw REPL at a port, from a soft reset on. Use as `with`.

    Entering raises PortError and NoMicroPythonError; leaving lets the board run what it has.
    """

    def __init__(
        self,
        port: str,
        *,
        enter_timeout_s: float = ENTER_TIMEOUT_S,
        watch_s: float = WATCH_S,
    ) -> None:
        self.port = port
        self._enter_timeout_s = enter_timeout_s
        self._watch_s = watch_s
        self._serial: Any = None
        self._started = False

    def __enter__(self) -> Self:
        try:
            self._serial = _mpremote.SerialTransport(
                self.port, baudrate=BAUD_RATE, timeout=self._enter_timeout_s / 2
            )
        except (_transport.TransportError, ValueError):
            raise why_closed(self.port) from None
        try:
            with self._speaking():
                self._enter_raw_repl()
        except SilentBoardError:
            self._close()
            raise NoMicroPythonError(self.port) from None
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._started:
            with contextlib.suppress(OSError):
                self._soft_reset()
        self._close()

    def run(self, code: str, on_line: Callable[[str], None] | None = None) -> list[str]:
        """Run code on the board and return the lines it printed, each told to on_line as it comes.

        BoardFailedError, SilentBoardError, UnpluggedError.
        """
        output = bytearray()
        told = 0

        def take(data: bytes) -> None:
            nonlocal told
            output.extend(data.replace(b"\x04", b""))
            while on_line is not None and (end := output.find(b"\r\n", told)) >= 0:
                on_line(output[told:end].decode())
                told = end + 2

        with self._speaking():
            _, failed = self._serial.exec_raw(code, timeout=RUN_TIMEOUT_S, data_consumer=take)
        if failed:
            traceback = failed.decode(errors="replace").strip().splitlines()
            raise BoardFailedError(self.port, traceback[-1])
        return output.decode().split("\r\n")[:-1]

    def restart(self) -> None:
        """Soft-reset the board into its raw REPL: it has imported nothing but what boot.py does.

        UnpluggedError, SilentBoardError.
        """
        self._started = False
        with self._speaking():
            self._enter_raw_repl()

    def start_main(self) -> tuple[str, bool]:
        """Soft-reset the board so that it runs main.py; return what that prints, and if it ended.

        It is watched for some seconds only. UnpluggedError.
        """
        with self._speaking():
            self._soft_reset()
            said = self._serial.read_until(
                1, _PROMPT, timeout=self._watch_s, timeout_overall=self._watch_s
            )
        text = said.decode(errors="replace").replace("\r\n", "\n")
        return text.removesuffix(_PROMPT.decode()), said.endswith(_PROMPT)

    def _enter_raw_repl(self) -> None:
        self._serial.serial.timeout = self._enter_timeout_s / 2
        for attempt in range(ENTER_ATTEMPTS):
            try:
                # mpremote prints what it could not understand.
                with contextlib.redirect_stdout(io.StringIO()):
                    self._serial.enter_raw_repl(
                        soft_reset=True, timeout_overall=self._enter_timeout_s
                    )
            except _transport.TransportError:
                if attempt == ENTER_ATTEMPTS - 1:
                    raise
            else:
                self._serial.serial.timeout = RUN_TIMEOUT_S
                return

    def _soft_reset(self) -> None:
        """Into main.py: only the friendly REPL's soft reset runs it."""
        self._started = True
        wire = self._serial.serial
        wire.timeout = _LOOK_S
        # Whatever is under way, a pasted program or half a line, is given up first.
        wire.write(b"\r\x03\x02")
        self._serial.read_until(1, _PROMPT, timeout=1)
        wire.write(b"\x04")
        self._serial.read_until(1, b"soft reboot\r\n", timeout=1)

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            self._serial.close()

    @contextlib.contextmanager
    def _speaking(self) -> Generator[None]:
        """Turn the ways in which a connection fails into sentences."""
        try:
            yield
        except OSError as error:
            raise UnpluggedError(self.port) from error
        except (_transport.TransportError, struct.error) as error:
            raise SilentBoardError(self.port) from error
