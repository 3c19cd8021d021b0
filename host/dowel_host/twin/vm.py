"""The MicroPython VM as a process: found, started, asked, ended."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dowel_host.errors import DowelError
from dowel_host.twin.standins import ops

# A VM that computes for longer without asking anything hangs: its slowest honest stretch is 0.1 s.
ANSWER_TIMEOUT_S = 10.0
# Heap of the process: what an ESP32 has free, and room for the stand-ins; board_boot.py takes the
# rest away.
PROCESS_HEAP = "320k"
HEAP_FREE_BYTES = 96 * 1024

_STANDINS = Path(__file__).parent / "standins"
_WORDS = struct.Struct(f"<{ops.WORDS}i")
_NAMES = {
    number: name
    for name, number in vars(ops).items()
    if name.isupper()
    and isinstance(number, int)
    and not name.startswith(("R_", "EVENT_", "WAIT_"))
    and name not in ("WORDS", "PAYLOAD_MAX", "RESUME")
}


class VmMissingError(DowelError):
    """No MicroPython VM to run the firmware on."""

    def __init__(self, looked_at: str) -> None:
        super().__init__(
            f"No MicroPython VM at {looked_at}: run `make vm` in the project's folder, "
            "or name one with MICROPYTHON=PATH."
        )
        self.looked_at = looked_at


class VmDiedError(DowelError):
    """The VM ended or gave no answer; last_call and output say where."""

    def __init__(self, why: str, last_call: str, output: str) -> None:
        tail = output.strip().splitlines()[-12:]
        said = "\n".join(["", *tail]) if tail else ""
        super().__init__(f"The MicroPython VM {why}; its last call was {last_call}.{said}")
        self.why = why
        self.last_call = last_call
        self.output = output


@dataclass(frozen=True)
class Request:
    """One call of a stand-in."""

    op: int
    a: int
    b: int
    c: int
    payload: bytes
    wanted: int
    spent_us: int

    @property
    def name(self) -> str:
        """Name of the call, for messages."""
        return _NAMES.get(self.op, str(self.op))


def find_vm() -> Path:
    """Return the VM: $MICROPYTHON, the project's .cache, or PATH. VmMissingError."""
    named = os.environ.get("MICROPYTHON")
    if named:
        path = shutil.which(named)
        if path is None:
            raise VmMissingError(named)
        return Path(path)
    for folder in (Path.cwd(), *Path(__file__).parents):
        cached = folder / ".cache" / "micropython" / "micropython"
        if cached.exists():
            return cached
    path = shutil.which("micropython")
    if path is None:
        raise VmMissingError(".cache/micropython/micropython or on PATH")
    return Path(path)


def search_path() -> str:
    """Where the VM looks for modules: the stand-ins, its own, then $MICROPYPATH."""
    theirs = os.environ.get("MICROPYPATH")
    return ":".join([str(_STANDINS), ".frozen", *([theirs] if theirs else [])])


class Vm:
    """A running VM. It runs between `answer` and `next_request`; else it is blocked in a call."""

    def __init__(self) -> None:
        self._program = find_vm()
        self._said = ""
        self._start()

    def _start(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the VM
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(ANSWER_TIMEOUT_S)
        fd = theirs.fileno()
        environment = dict(os.environ, MICROPYPATH=search_path())
        self._process = subprocess.Popen(
            [
                str(self._program),
                "-X",
                f"heapsize={PROCESS_HEAP}",
                "-c",
                f"import board_boot; board_boot.run({fd})",
            ],
            pass_fds=[fd],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=environment,
            # The terminal's Ctrl-C is for this program, not for the firmware.
            process_group=0,
        )
        theirs.close()
        self._last = "none"

    def next_request(self) -> Request | None:
        """Block until the VM calls; None when its program has ended.

        VmDiedError: crash or silence.
        """
        header = self._receive(_WORDS.size)
        if not header:
            if not self._was_hit():
                return self._ended()
            self.close()
            self._start()
            return self.next_request()
        op, a, b, c, size, wanted, spent_us, _ = _WORDS.unpack(header)
        payload = self._receive(size) if size else b""
        request = Request(op, a, b, c, payload, wanted, spent_us)
        self._last = request.name
        return request

    def answer(self, error: int, value: int, now_us: int, events: int, payload: bytes) -> None:
        """Let the VM go on at board time now_us. VmDiedError: it is gone."""
        ms, sub_us = divmod(now_us, 1000)
        header = _WORDS.pack(
            error,
            value,
            now_us & 0x3FFFFFFF,
            ms & 0x3FFFFFFF,
            sub_us,
            events,
            len(payload),
            0,
        )
        try:
            self._socket.sendall(header + payload)
        except OSError:
            self._ended()

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            try:
                piece = self._socket.recv(size - len(data))
            except TimeoutError:
                self.close()
                raise VmDiedError(
                    f"gave no answer for {ANSWER_TIMEOUT_S:.0f} s and was ended",
                    self._last,
                    self.output(),
                ) from None
            except ConnectionError:
                return b""
            if not piece:
                return b""
            data += piece
        return data

    def _was_hit(self) -> bool:
        """Whether a Ctrl-C for this program came before the VM left its process group.

        Popen makes the new group in the child: between fork and then, the signal kills it.
        """
        if self._last != "none":
            return False
        return self._process.wait(timeout=ANSWER_TIMEOUT_S) == -signal.SIGINT

    def _ended(self) -> None:
        code = self._process.wait(timeout=ANSWER_TIMEOUT_S)
        if code != 0:
            raise VmDiedError(f"ended with status {code}", self._last, self.output())

    def output(self) -> str:
        """What the firmware printed so far."""
        if self._log.closed:
            return self._said
        self._log.seek(0)
        text = self._log.read().decode("utf-8", "replace")
        self._log.seek(0, os.SEEK_END)
        return text

    def close(self) -> None:
        """End the process, at once. What it printed is kept."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._socket.close()
        if not self._log.closed:
            self._said = self.output()
            self._log.close()
