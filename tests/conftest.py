"""What every test may ask for: recordings, the MicroPython VM, lines for the report at the end."""

import os
import shutil
import signal
import time
from pathlib import Path

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"

set_hypothesis_home_dir(CACHE / "hypothesis")
hypothesis.settings.register_profile(
    "dowel",
    deadline=None,  # two cores are shared with whatever else runs: time proves nothing
    derandomize=bool(os.environ.get("CI")),  # a failure there must not depend on luck
    print_blob=True,
)
hypothesis.settings.load_profile("dowel")

# A shell that starts the tests in the background has Ctrl-C ignored, by all that they start too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_report = pytest.StashKey[dict[str, str]]()


@pytest.fixture(autouse=True, scope="session")
def _own_library(tmp_path_factory):
    """No test reads or writes the library of whoever runs them."""
    os.environ["DOWEL_LIBRARY"] = str(tmp_path_factory.mktemp("own") / "library.sqlite")


@pytest.fixture(scope="session")
def report(request):
    """Give a function that adds a line to the report at the run's end: report(name, value)."""
    lines = request.config.stash.setdefault(_report, {})
    return lines.__setitem__


def pytest_terminal_summary(terminalreporter, config):
    lines = dict(config.stash.get(_report, {}))
    started = os.environ.get("DOWEL_MAKE_STARTED")
    if started:
        lines["whole run, set-up and lint included"] = f"{time.time() - int(started):.0f} s"
    if lines:
        terminalreporter.section("report")
    for name, value in sorted(lines.items()):
        terminalreporter.line(f"{name}: {value}")


@pytest.fixture(scope="session")
def root():
    """Give the checkout's folder."""
    return ROOT


@pytest.fixture(scope="session")
def recordings_dir():
    """Give the folder of other people's recordings, which are no part of this repository."""
    folder = Path(os.environ.get("DOWEL_RECORDINGS") or ROOT.parent / "shared" / "data")
    if not any(folder.glob("*.npz")):
        pytest.skip(f"no recordings in {folder} (DOWEL_RECORDINGS names another folder)")
    return folder


@pytest.fixture(scope="session")
def micropython():
    """Give the path of the MicroPython VM: $MICROPYTHON, or the one that `make` has fetched."""
    path = os.environ.get("MICROPYTHON") or str(CACHE / "micropython" / "micropython")
    if shutil.which(path) is None:
        pytest.fail(f"no MicroPython at {path}: run `make vm`, or set MICROPYTHON")
    return path


@pytest.fixture(scope="session")
def adafruit_dir():
    """Give the folder that holds Adafruit's driver, kept out of the environment."""
    folder = CACHE / "adafruit"
    if not (folder / "adafruit_lsm6ds").is_dir():
        pytest.fail(f"no Adafruit driver in {folder}: run `make lint` once")
    return folder
