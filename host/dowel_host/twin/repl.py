"""The REPL that a board shows on its serial line, friendly and raw: what mpremote talks to.

Follows MicroPython's shared/runtime/pyexec.c and ports/esp32/main.c, byte for byte where a program
reads it. The line is a pty, the interpreter a VM (repl_vm) on the board's flash.

It has a thread of its own, not a place in the board's event loop: a REPL is used in real time,
by programs that know nothing of the board's clock, and a VM that computes answers nobody.
"""

import threading
import time
from types import TracebackType
from typing import Self

from dowel_host.twin.flash import Flash
from dowel_host.twin.repl_chip import (
    POWER_ON_RESET,
    SOFT_RESET,
    Chip,
    Identity,
    ResetRequestedError,
)
from dowel_host.twin.repl_input import FriendlyInput
from dowel_host.twin.repl_main import Main
from dowel_host.twin.repl_vm import Ended, ReplStartError, ReplVm
from dowel_host.twin.serial_line import LineStopped, SerialLine
from dowel_host.twin.standins import repl_codes
from dowel_host.twin.vm import VmDiedError, find_vm

CTRL_A, CTRL_B, CTRL_C, CTRL_D, CTRL_E = 1, 2, 3, 4, 5
_EOF = b"\x04"
# Half of pyexec.c's MICROPY_REPL_STDIN_BUFFER_MAX: a window of input that the board has room for.
_PASTE_WINDOW = 128
_LOOK_S = 0.05
_MAIN_LOOK_S = 0.01
# From a hard reset to MicroPython's first line, by ROM and boot loader; the line is deaf
# meanwhile. Not at the first start: whoever has the port's name may use it.
_BOOT_S = 0.3
_RAW_GREETING = b"raw REPL; CTRL-B to exit\r\n"
_HAS_MAIN = b"__import__('os').stat('main.py')"
_FRIENDLY_HELP = 'Type "help()" for more information.'
_PASTE_GREETING = b"\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== "


class SerialRepl:
    """A board's serial line. `port` is what mpremote connects to, from start() to stop()."""

    def __init__(
        self,
        flash: Flash,
        *,
        identity: Identity | None = None,
        main: Main | None = None,
        own: tuple[str, ...] = (),
    ) -> None:
        self.chip = Chip(flash, identity or Identity(), own)
        self.line = SerialLine()
        self.port = self.line.port
        self.crashes = 0  # VMs that died
        self._main = main
        self._raw = False
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="serial REPL", daemon=True)

    def start(self) -> None:
        """Power on. VmMissingError."""
        find_vm()
        self._thread.start()

    def stop(self) -> None:
        """Power off, and pull the cable. Raises what ended the REPL before, if something did."""
        self.line.stop()
        self._thread.join()
        self.line.close()
        self.chip.flash.save()
        if self._failed is not None:
            raise self._failed

    def join(self) -> None:
        """Wait until it is off: after stop(), or a fault, which stop() raises."""
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # -- life ---------------------------------------------------------------------------------

    def _run(self) -> None:
        cause = POWER_ON_RESET
        try:
            while True:
                cause = self._life(cause)
                if cause != SOFT_RESET:
                    self._start_deaf(cause)
        except LineStopped:
            pass
        except Exception as error:  # noqa: BLE001 - it belongs to whoever stops the board
            self._failed = error

    def _life(self, cause: int) -> int:
        """From one reset to the next; return the next one's cause."""
        if cause != SOFT_RESET:
            self._raw = False
            self.chip.stop_watchdog()
        self.chip.reset_cause = cause
        try:
            self._boot_and_serve()
        except ResetRequestedError as reset:
            if reset.cause != SOFT_RESET:
                return reset.cause
        except ReplStartError:
            raise
        except VmDiedError as died:
            # On the chip: a panic, and a reset.
            self.crashes += 1
            self.line.write(f"\r\n{died}\r\n".encode())
            return POWER_ON_RESET
        self.line.write(b"MPY: soft reboot\r\n")
        return SOFT_RESET

    def _start_deaf(self, cause: int) -> None:
        self.line.write(b"\r\nrst:0x%x\r\n" % cause)
        until_s = time.monotonic() + _BOOT_S
        while (left_s := until_s - time.monotonic()) > 0:
            self.line.read_byte(left_s)

    def _boot_and_serve(self) -> None:
        """boot.py, main.py unless the REPL is raw, the REPL until a soft reset is asked for."""
        vm = ReplVm(self.chip, self.line)
        try:
            if self._file(vm, "boot.py").how == repl_codes.EXITED:
                return
            if self._raw:
                pass
            elif self._main is None:
                if self._file(vm, "main.py").how == repl_codes.EXITED:
                    return
            elif vm.run(repl_codes.SOURCE, _HAS_MAIN).how == repl_codes.WELL:
                vm.close()
                self._run_main(self._main)
                vm = ReplVm(self.chip, self.line)
            while not (self._raw_repl(vm) if self._raw else self._friendly_repl(vm)):
                pass
        finally:
            vm.close()

    def _file(self, vm: ReplVm, path: str) -> Ended:
        ended = vm.run(repl_codes.FILE, path.encode())
        self._write_traceback(ended)
        return ended

    def _run_main(self, main: Main) -> None:
        """Until it ends, by itself or by what came over the line."""
        self.chip.stop_watchdog()
        main.start()
        try:
            while main.running():
                self.line.wait(None, _MAIN_LOOK_S)
                main.receive(self.line.read())
                self.line.write(main.sent())
        finally:
            self.line.unread(main.stop())
        self.line.write(main.sent())

    # -- the two REPLs: True for a soft reset, False to change to the other -------------------

    def _raw_repl(self, vm: ReplVm) -> bool:
        self.line.write(_RAW_GREETING + b">")
        code = bytearray()
        while True:
            byte = self._byte(vm)
            if byte == CTRL_A:
                if len(code) == 2 and code[0] == CTRL_E:
                    if self._paste(vm, code[1]):
                        return True
                    self.line.write(b">")
                else:
                    self.line.write(_RAW_GREETING + b">")
                code.clear()
            elif byte == CTRL_B:
                self.line.write(b"\r\n")
                self._raw = False
                return False
            elif byte == CTRL_C:
                code.clear()
            elif byte == CTRL_D:
                self.line.write(b"OK")
                if not code:
                    self.line.write(b"\r\n")
                    return True
                if self._execute(vm, bytes(code)):
                    return True
                self.line.write(b">")
                code.clear()
            else:
                code.append(byte)

    def _paste(self, vm: ReplVm, command: int) -> bool:
        """Raw-paste mode: code in windows, so that none of it is lost."""
        if command != ord("A"):
            self.line.write(b"R\x00")
            return False
        self.line.write(b"R\x01" + _PASTE_WINDOW.to_bytes(2, "little") + b"\x01")
        code = bytearray()
        while (byte := self._byte(vm)) not in (CTRL_C, CTRL_D):
            code.append(byte)
            if len(code) % _PASTE_WINDOW == 0:
                self.line.write(b"\x01")
        self.line.write(_EOF)
        if byte == CTRL_C:
            self.line.write(_EOF + b"KeyboardInterrupt: \r\n" + _EOF)
            return False
        return self._execute(vm, bytes(code))

    def _execute(self, vm: ReplVm, code: bytes) -> bool:
        try:
            ended = vm.run(repl_codes.SOURCE, code)
        except ResetRequestedError as reset:
            if reset.cause == SOFT_RESET:  # SystemExit, on the chip
                self.line.write(_EOF + _EOF)
            raise
        self.line.write(_EOF)
        self._write_traceback(ended)
        self.line.write(_EOF)
        return ended.how == repl_codes.EXITED

    def _friendly_repl(self, vm: ReplVm) -> bool:
        self.line.write(f"{vm.banner}\r\n{_FRIENDLY_HELP}\r\n".encode())
        reader = FriendlyInput(lambda: self._byte(vm), self.line.write)
        while True:
            code = reader.read()
            if code is None:
                continue
            if isinstance(code, bytes):
                ended = vm.run(repl_codes.SINGLE, code)
            elif code == CTRL_E:
                ended = vm.run(repl_codes.SOURCE, self._pasted(vm))
            else:
                self.line.write(b"\r\n")
                if code == CTRL_A:
                    self._raw = True
                    return False
                return code == CTRL_D  # else Ctrl-B: greet again
            self._write_traceback(ended)
            if ended.how == repl_codes.EXITED:
                return True

    def _pasted(self, vm: ReplVm) -> bytes:
        """The friendly REPL's paste mode: echoed, up to Ctrl-D; nothing after Ctrl-C."""
        self.line.write(_PASTE_GREETING)
        code = bytearray()
        while (byte := self._byte(vm)) != CTRL_D:
            if byte == CTRL_C:
                code.clear()
                break
            code.append(byte)
            self.line.write(b"\r\n=== " if byte == ord("\r") else bytes((byte,)))
        self.line.write(b"\r\n")
        return bytes(code).replace(b"\r", b"\n")

    # -- the line -----------------------------------------------------------------------------

    def _byte(self, vm: ReplVm) -> int:
        while (byte := self.line.read_byte(_LOOK_S)) is None:
            vm.idle()
            self.chip.check_watchdog()
        return byte

    def _write_traceback(self, ended: Ended) -> None:
        self._write_text(ended.traceback)

    def _write_text(self, text: bytes) -> None:
        self.line.write(text.replace(b"\n", b"\r\n"))
