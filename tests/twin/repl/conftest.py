"""A board with nothing but its serial line, and two ways to talk to it."""

import subprocess
import sys

import pytest

from dowel_host.twin.flash import Flash
from dowel_host.twin.repl import SerialRepl
from twin.repl.wire import Wire


@pytest.fixture
def flash(micropython):
    """Give an empty flash."""
    return Flash(None)


@pytest.fixture
def board(flash):
    """Give a board that is on."""
    with SerialRepl(flash) as board:
        yield board


@pytest.fixture
def mpremote(board):
    """Give a function that runs an mpremote command and returns what it printed."""

    def run(*words, status=0):
        done = subprocess.run(
            [sys.executable, "-m", "mpremote", "connect", board.port, *words],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def wire(board):
    """Give the open port."""
    wire = Wire(board.port)
    yield wire
    wire.close()
