"""A VM that runs what the board's REPL gives it: on the board's flash, in real time, and alone.

There is no radio and no sensor here, nor a cost of any call: only what a REPL is used for when the
firmware does not run.
"""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from errno import ENODEV, EOPNOTSUPP
from pathlib import Path

from dowel_host.twin.program import Program
from dowel_host.twin.repl_chip import Chip, ReplTimers, ResetRequestedError
from dowel_host.twin.serial_line import SerialLine
from dowel_host.twin.standins import ops, repl_codes
from dowel_host.twin.vm import Request, Vm, VmDiedError

# How often what the program prints is passed on.
_LOOK_S = 0.01
# A program that asks nothing for so long is computing: only a signal can interrupt it. Anything
# shorter could hit it while it talks to the host.
_COMPUTING_S = 0.05
# After the signal: another call within this time means that nobody waits for the first's answer.
_ABANDONED_S = 0.01
_PIECE = 900
_STANDINS = Path(__file__).parent / "standins"

Answer = tuple[int, int, bytes]  # errno, number, bytes
Handler = Callable[[Request], Answer]


class ReplStartError(VmDiedError):
    """The VM died before any program ran: a fault of the twin, not of what runs on it."""


@dataclass(frozen=True)
class Ended:
    """How a program ended: one of repl_codes; the traceback if it raised."""

    how: int
    traceback: bytes


class _TalkativeVm(Vm):
    """A VM whose output is read while it runs."""

    _shown = 0

    def fileno(self) -> int:
        """Readable when the VM has called."""
        return self._socket.fileno()

    def printed(self) -> bytes:
        """What was printed since the last time."""
        # Not by seeking: the VM writes at the same file offset.
        data = os.pread(self._log.fileno(), 1 << 20, self._shown)
        self._shown += len(data)
        return data

    def interrupt(self) -> None:
        """KeyboardInterrupt in the VM, at its next bytecode that looks."""
        self._process.send_signal(signal.SIGINT)


class ReplVm:
    """A started VM; run() runs one program after the other in one namespace. close() ends it."""

    def __init__(self, chip: Chip, line: SerialLine) -> None:
        """Start the VM and wait until it is ready. VmMissingError, ReplStartError."""
        self._chip = chip
        self._line = line
        self._code: tuple[int, bytes] = (repl_codes.STOP, b"")
        self._started_ns = time.monotonic_ns()
        self._signalled = False
        self._interruptible = False
        self._wait_until_s: float | None = None
        self._timers = ReplTimers()
        self._random = random.Random(0)
        self._program = json.dumps(_program(chip).plan()).encode()
        self._table = self._handlers()
        self._vm = _TalkativeVm()
        try:
            # The REPL's call for code: it stays unanswered until there is some.
            self.banner = self._serve().payload.decode()
        except VmDiedError as died:
            self.close()
            raise ReplStartError(died.why, died.last_call, died.output) from died
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the VM, at once."""
        self._vm.close()

    def run(self, kind: int, code: bytes) -> Ended:
        """Run code to its end, its output going to the line.

        ResetRequestedError, VmDiedError; LineStopped.
        """
        self._code = kind, code
        self._answer(0, kind, b"")
        self._line.program_runs(True)
        self._interruptible = True
        try:
            request = self._serve()
        finally:
            self._interruptible = False
            self._line.program_runs(False)
        if request.op == ops.REPL_DONE:
            self._answer(0, 0, b"")
            self._serve()
            return Ended(request.a, _without_standins(request.payload))
        # The interrupt came before the code began, or after its end.
        return Ended(repl_codes.RAISED, b"KeyboardInterrupt: \n")

    def idle(self) -> None:
        """Nothing to run: let the VM serve timers that ran out."""
        if self._timers.due():
            self._vm.answer(0, repl_codes.NOTHING, self._now_us(), 1, b"")
            self._serve()

    # -- serving the VM -----------------------------------------------------------------------

    def _serve(self) -> Request:
        """Serve calls until the VM wants code, or has run it."""
        while True:
            request = self._request()
            if request.op in (ops.REPL_NEXT, ops.REPL_DONE):
                return request
            if request.op == ops.RESET:
                raise ResetRequestedError(request.a)
            self._answer(*self._table.get(request.op, _refuse)(request), request=request)

    def _request(self) -> Request:
        """The VM's next call. Meanwhile: its output, the line's input, the watchdog."""
        since_s = time.monotonic()
        while not self._line.wait(self._vm.fileno(), _LOOK_S):
            self._pass_on()
            self._chip.check_watchdog()
            if self._interruptible and time.monotonic() - since_s > _COMPUTING_S:
                self._interrupt_computing()
        request = self._vm.next_request()
        if request is None:
            raise VmDiedError("ended by itself", "the REPL's", self._vm.output())
        self._pass_on()
        if self._signalled:
            # The signal may have hit the VM between a call and its answer: then it calls again,
            # and the first call has nobody who waits for it.
            self._signalled = False
            if self._line.wait(self._vm.fileno(), _ABANDONED_S):
                return self._request()
        return request

    def _interrupt_computing(self) -> None:
        # A second signal before the first has had its effect would end the VM.
        if not self._signalled and self._line.take_interrupt():
            self._signalled = True
            self._vm.interrupt()

    def _pass_on(self) -> None:
        data = self._vm.printed()
        if data:
            self._line.write(data.replace(b"\n", b"\r\n"))

    def _answer(
        self, error: int, value: int, payload: bytes, request: Request | None = None
    ) -> None:
        # An exception must not pass through littlefs: on the chip it waits for the next bytecode.
        events = request is not None and request.op not in _FLASH and self._has_events()
        self._vm.answer(error, value, self._now_us(), int(events), payload)

    def _now_us(self) -> int:
        return (time.monotonic_ns() - self._started_ns) // 1000

    def _has_events(self) -> bool:
        return (self._interruptible and self._line.interrupted) or self._timers.due()

    def _event(self, _request: Request) -> Answer:
        if self._interruptible and self._line.take_interrupt():
            return 0, ops.EVENT_INTERRUPT, b""
        timer = self._timers.take()
        return (0, 0, b"") if timer is None else (0, ops.EVENT_TIMER, bytes((timer,)))

    # -- its calls ----------------------------------------------------------------------------

    def _handlers(self) -> dict[int, Handler]:
        chip, flash = self._chip, self._chip.flash
        return {
            ops.BOOT: lambda r: (0, 0, self._program[r.a : r.a + _PIECE]),
            ops.NOP: _nothing,
            ops.STARTED: _nothing,
            ops.HEAP: _nothing,
            ops.RANDOM: lambda r: (0, 0, self._random.randbytes(r.a)),
            ops.REPL_SOURCE: lambda r: (0, 0, self._code[1][r.a : r.a + _PIECE]),
            ops.EVENT: self._event,
            ops.SLEEP: lambda r: self._sleep(r.a / 1e6 + r.b / 1e3),
            ops.WAIT: self._wait,
            ops.FLASH_BLOCKS: lambda _: (0, flash.blocks, b""),
            ops.FLASH_READ: lambda r: (0, 0, flash.read(r.a, r.b, r.wanted)),
            ops.FLASH_WRITE: lambda r: (0, flash.write(r.a, r.b, r.payload) or 0, b""),
            ops.FLASH_ERASE: lambda r: (0, flash.erase(r.a) or 0, b""),
            ops.UNIQUE_ID: lambda _: (0, 0, chip.unique_id),
            ops.RESET_CAUSE: lambda _: (0, chip.reset_cause, b""),
            ops.WDT_START: self._start_watchdog,
            ops.WDT_FEED: lambda _: (0, chip.feed() or 0, b""),
            ops.TIMER_START: lambda r: (0, self._timers.start(r.a, r.b, again=r.c == 1) or 0, b""),
            ops.TIMER_STOP: lambda r: (0, self._timers.stop(r.a) or 0, b""),
            ops.SERIAL_WAITING: self._serial_waiting,
            ops.SERIAL_READ: self._serial_read,
            ops.SERIAL_WRITE: self._serial_write,
            ops.SERIAL_INTERRUPT_CHAR: self._serial_interrupt_char,
            # Bare board: nothing on the bus, every input pulled up, nothing at the converter.
            ops.I2C_READ: lambda _: (ENODEV, 0, b""),
            ops.I2C_WRITE: lambda _: (ENODEV, 0, b""),
            ops.I2C_RAW_READ: lambda _: (ENODEV, 0, b""),
            ops.I2C_SCAN: _nothing,
            ops.PIN_INIT: _nothing,
            ops.PIN_SET: _nothing,
            ops.PIN_GET: lambda _: (0, 1, b""),
            ops.PIN_IRQ: _nothing,
            ops.PIN_RELEASE: _nothing,
            ops.PWM_INIT: _nothing,
            ops.PWM_DUTY: _nothing,
            ops.ADC_READ: _nothing,
        }

    def _start_watchdog(self, request: Request) -> Answer:
        self._chip.watchdog_period_s = request.a / 1000
        self._chip.feed()
        return 0, 0, b""

    def _serial_waiting(self, _request: Request) -> Answer:
        if not self._line.waiting():
            self._line.wait(None, 0.0)
        return 0, self._line.waiting(), b""

    def _serial_read(self, request: Request) -> Answer:
        data = self._line.read(request.wanted)
        return 0, len(data), data

    def _serial_write(self, request: Request) -> Answer:
        self._line.write(request.payload)
        return 0, 0, b""

    def _serial_interrupt_char(self, request: Request) -> Answer:
        self._line.interrupt_char = request.a
        return 0, 0, b""

    def _wait(self, request: Request) -> Answer:
        if request.a != ops.RESUME:
            self._wait_until_s = None if request.a < 0 else time.monotonic() + request.a / 1000
        if self._wait_until_s is None:
            return self._sleep(float("inf"), self._has_events)
        return self._sleep(self._wait_until_s - time.monotonic(), self._has_events)

    def _sleep(self, seconds: float, ends_early: Callable[[], bool] | None = None) -> Answer:
        """Until the time is up or, unless ends_early says otherwise, Ctrl-C comes."""
        ends_early = ends_early or (lambda: self._line.interrupted)
        until_s = time.monotonic() + seconds
        while not ends_early() and (left_s := until_s - time.monotonic()) > 0:
            self._line.wait(None, min(left_s, _LOOK_S))
            self._chip.check_watchdog()
        return 0, 0, b""


_FLASH = (ops.FLASH_READ, ops.FLASH_WRITE, ops.FLASH_ERASE, ops.FLASH_BLOCKS)


def _nothing(_request: Request) -> Answer:
    return 0, 0, b""


def _refuse(_request: Request) -> Answer:
    # Loud: a program that needs the radio must not believe that it has one.
    return EOPNOTSUPP, 0, b""


def _program(chip: Chip) -> Program:
    identity = asdict(chip.identity)
    return Program(
        text=f"import repl_board; repl_board.run({identity!r})",
        modules=("repl_board",),
        own=chip.own,
    )


def _without_standins(traceback: bytes) -> bytes:
    """A traceback without the frames that a chip would not have."""
    own = f'  File "{_STANDINS}'.encode()
    return b"".join(line for line in traceback.splitlines(True) if not line.startswith(own))
