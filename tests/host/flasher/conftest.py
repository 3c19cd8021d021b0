"""A board on a serial line, a firmware that only says that it runs, and ways to look inside."""

import re
import time
from pathlib import PurePosixPath

import pytest

from dowel_host.firmware_files import firmware_files
from dowel_host.flasher import board as on_board
from dowel_host.flasher.link import BoardLink
from dowel_host.twin.flash import BLOCK_BYTES, Flash
from dowel_host.twin.repl import SerialRepl
from twin.programs import run_program

FEW = (
    "boot.py",
    "main.py",
    "dowel/__init__.py",
    "dowel/app.py",
    "dowel/keeper.py",
    "dowel/boards/__init__.py",
    "dowel/boards/esp32_c3_devkitm.py",
    "dowel/boards/esp32_s3_devkitc.py",
    "dowel/core/__init__.py",
    "dowel/core/strapdown.py",
)


class Running:
    """Stands in for the firmware's run, sensors and radio: only that it starts, and on what."""

    def __init__(self, flash, says=b"dowel: ready\r\n"):
        self._flash = flash
        self._says = says
        self._runs = False
        self._unread = b""
        self.images = []  # the flash at each start

    def started_on(self):
        """The board's files at the last start; waits for one that is under way."""
        deadline = time.monotonic() + 10
        while not self._runs and time.monotonic() < deadline:
            time.sleep(0.01)
        return files_on(self.images[-1])

    def start(self):
        self.images.append(copy_of(self._flash))
        self._runs = True
        self._unsaid = self._says

    def receive(self, data):
        _, interrupt, after = data.partition(b"\x03")
        if interrupt:
            self._runs = False
            self._unread = after

    def sent(self):
        said, self._unsaid = self._unsaid, b""
        return said

    def running(self):
        return self._runs

    def stop(self):
        self._runs = False
        unread, self._unread = self._unread, b""
        return unread


def copy_of(flash):
    copy = Flash(None, flash.blocks)
    copy.load(flash.read(0, 0, flash.blocks * BLOCK_BYTES))
    return copy


def files_on(flash):
    """{path: SHA-256} of all that lies on a flash, read by a VM of its own."""
    ran = run_program(on_board._LIST + "_show('')", flash=copy_of(flash), heap_free=1 << 17)
    return {path: digest for digest, _, path in (line.split(" ", 2) for line in ran.lines)}


def of_firmware(files):
    """What of {path: ...} is the firmware's."""
    return {
        path: digest
        for path, digest in files.items()
        if path.startswith("/dowel/") or path in ("/main.py", "/boot.py")
    }


@pytest.fixture
def flash(micropython):
    return Flash(None)


@pytest.fixture
def firmware(flash):
    return Running(flash)


@pytest.fixture
def board(flash, firmware):
    with SerialRepl(flash, main=firmware) as board:
        yield board


@pytest.fixture
def connect(board):
    """Give a function that opens a link to the board, for `with`."""

    def connect(watch_s=0.1):
        return BoardLink(board.port, enter_timeout_s=2.0, watch_s=watch_s)

    return connect


@pytest.fixture(scope="session")
def sources():
    """Give the whole firmware."""
    return firmware_files()


@pytest.fixture(scope="session")
def few(sources):
    """Give so much of it that it can be asked who it is: quicker to copy."""
    return {path: sources[path] for path in FEW}


@pytest.fixture(scope="session")
def older(few):
    """Give another version: a file more, one less, one other."""
    older = dict(few)
    version = older["dowel/__init__.py"]
    older["dowel/__init__.py"] = re.sub(rb'VERSION = ".*"', b'VERSION = "0.0.1"', version)
    older["dowel/former.py"] = b"x = 1\n"
    older["main.py"] += b"# of another version\n"
    del older["dowel/boards/esp32_c3_devkitm.py"]
    return older


def on_a_board(sources):
    """The paths that sources have on a board."""
    return {
        "/" + (path if "/" not in path else str(PurePosixPath(path).with_suffix(".mpy")))
        for path in sources
    }
