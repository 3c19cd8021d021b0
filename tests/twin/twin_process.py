"""A running `dowel twin`, and the other programs of ours that use it, each a process."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S = 20.0


def command(*arguments, **environment):
    """The arguments of Popen and run for a command of ours."""
    path = f"{ROOT / 'host'}{os.pathsep}{ROOT / 'firmware'}"
    return {
        "args": [sys.executable, "-m", "dowel_host", *map(str, arguments)],
        "env": {**os.environ, "PYTHONPATH": path} | environment,
        "text": True,
    }


def dowel(*arguments, seconds=30, **environment):
    """Run a command of ours to its end."""
    return subprocess.run(
        **command(*arguments, **environment), capture_output=True, timeout=seconds, check=False
    )


def result(*arguments, seconds=30):
    """The JSON document of a command of ours."""
    done = dowel(*arguments, seconds=seconds)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def mpremote(port, *words, status=0):
    """Run mpremote on a port; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "mpremote", "connect", port, *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


class TwinProcess:
    """`dowel twin`, from its three lines to Ctrl-C. said: what it printed, by the lines' names."""

    def __init__(self, *arguments, **environment):
        self._process = subprocess.Popen(
            **command("twin", *arguments, **environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.said = dict(self._line().rstrip("\n").split(": ", 1) for _ in range(3))

    def _line(self):
        assert self._process.stdout
        too_late = threading.Timer(START_S, self._process.kill)
        too_late.start()
        line = self._process.stdout.readline()
        too_late.cancel()
        assert line, self._process.communicate()[1]
        return line

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_on():
            self._process.kill()
        self._process.communicate()

    @property
    def name(self):
        return self.said["name"]

    @property
    def radio(self):
        return self.said["radio"]

    @property
    def serial(self):
        return self.said["serial"]

    def is_on(self):
        return self._process.poll() is None

    def end(self, number=signal.SIGINT):
        """End it as a terminal does; its status, and what it still printed on stdout, stderr."""
        os.killpg(self._process.pid, number)
        out, err = self._process.communicate(timeout=60)
        return self._process.returncode, out, err

    # -- what others do with it ---------------------------------------------------------------

    def scan(self, battery="--no-battery"):
        """The devices that a scan of three advertising intervals finds."""
        arguments = ("--radio", self.radio, "--seconds", 0.8, battery, "--json")
        return result("scan", *arguments)["devices"]

    def live_arguments(self, library, seconds):
        return (
            *("live", "--device", f"ble:{self.name}", "--radio", self.radio),
            *("--library", library, "--seconds", seconds, "--json"),
        )

    def live(self, library, seconds=4.0):
        return result(*self.live_arguments(library, seconds))

    def start_live(self, library, seconds=60.0):
        """A receiver of its own process, that goes on."""
        return subprocess.Popen(
            **command(*self.live_arguments(library, seconds)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def until_seen(self, seconds=20.0):
        """Wait until the board advertises."""
        end_s = time.monotonic() + seconds
        while not self.scan():
            assert time.monotonic() < end_s, "it does not come back"
