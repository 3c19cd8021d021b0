"""A board on a serial line, a firmware that only says that it runs, and ways to look inside."""

import re
from pathlib import PurePosixPath

import pytest

from dowel_host.firmware_files import firmware_files
from dowel_host.flasher import board as on_board
from dowel_host.flasher.link import BoardLink
from dowel_host.twin.flash import BLOCK_BYTES, Flash
from dowel_host.twin.repl import SerialRepl
from twin.programs import run_program

WATCH_S = 0.3


class Running:
    """Stands in for the firmware's run, sensors and radio: only that it starts, and on what."""

    def __init__(self, flash, says=b"dowel: ready\r\n"):
        self._flash = flash
        self._says = says
        self._runs = False
        self._unread = b""
        self.started_on = []  # the board's files at each start

    def start(self):
        self.started_on.append(files_on(self._flash))
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


def files_on(flash):
    """{path: SHA-256} of all that lies on a flash, read by a VM of its own."""
    copy = Flash(None, flash.blocks)
    copy.load(flash.read(0, 0, flash.blocks * BLOCK_BYTES))
    ran = run_program(on_board._LIST + "_show('')", flash=copy, heap_free=1 << 17)
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

    def connect(port=None):
        return BoardLink(port or board.port, enter_timeout_s=2.0, watch_s=WATCH_S)

    return connect


@pytest.fixture(scope="session")
def sources():
    return firmware_files()


@pytest.fixture(scope="session")
def older(sources):
    """Give another version: a file more, one less, one other."""
    older = dict(sources)
    version = older["dowel/__init__.py"]
    older["dowel/__init__.py"] = re.sub(rb'VERSION = ".*"', b'VERSION = "0.0.1"', version)
    older["dowel/former.py"] = b"x = 1\n"
    older["main.py"] += b"# of another version\n"
    del older["dowel/boards/esp32_devkitc.py"]
    return older


@pytest.fixture(scope="session")
def paths(sources):
    """Give the paths that the firmware has on a board."""
    return {
        "/" + (path if "/" not in path else str(PurePosixPath(path).with_suffix(".mpy")))
        for path in sources
    }
