"""What is typed at the friendly prompt: one line, or a statement over several.

Without history, cursor keys and completion (shared/readline): nobody sits at this prompt.
"""

from collections.abc import Callable

_BACKSPACE = (8, 127)
_CONTROLS = range(1, 6)  # Ctrl-A to Ctrl-E at the beginning of a line
_CTRL_C, _CTRL_D = 3, 4
# Statements that go on until an empty line (mp_repl_continue_with_input in py/repl.c).
_COMPOUND = (
    *(b"if ", b"while ", b"for ", b"try:", b"with ", b"def ", b"class ", b"async ", b"@"),
)


class FriendlyInput:
    """Reads by byte(), echoes by write(bytes)."""

    def __init__(self, byte: Callable[[], int], write: Callable[[bytes], None]) -> None:
        self._byte = byte
        self._write = write

    def read(self) -> bytes | int | None:
        """Return a statement, the control character typed instead, or None for nothing."""
        line = self._line(b">>> ")
        if isinstance(line, int):
            if line != _CTRL_C:
                return line
            self._write(b"\r\n")
            return None
        statement = line
        while _goes_on(statement, line):
            line = self._line(b"... ")
            if isinstance(line, int):
                if line == _CTRL_D:
                    break
                self._write(b"\r\n")
                return None
            statement += b"\n" + line
        return statement or None

    def _line(self, prompt: bytes) -> bytes | int:
        self._write(prompt)
        line = bytearray()
        while True:
            byte = self._byte()
            if byte == _CTRL_C or (byte in _CONTROLS and not line):
                return byte
            if byte == ord("\r"):
                self._write(b"\r\n")
                return bytes(line)
            if byte in _BACKSPACE and line:
                line.pop()
                self._write(b"\b \b")
            elif byte >= ord(" ") and byte not in _BACKSPACE:
                line.append(byte)
                self._write(bytes((byte,)))


def _goes_on(statement: bytes, last: bytes) -> bool:
    """Whether a statement wants another line."""
    if sum(statement.count(c) for c in (b"(", b"[", b"{")) > sum(
        statement.count(c) for c in (b")", b"]", b"}")
    ):
        return True
    return statement.startswith(_COMPOUND) and last != b""
