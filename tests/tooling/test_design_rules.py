"""Who may import whom, and how long a file may be: the rules find what breaks them."""

import pytest

from design_rules import MAX_LINES, findings, python_files

CORE = "firmware/dowel/core/tilt.py"
CLIENT = "host/dowel_host/client.py"
REPLAY = "host/dowel_host/replay.py"
TWIN = "host/dowel_host/twin/board.py"
CHIP = "host/dowel_host/twin/lsm6dsox/chip.py"


def test_the_checkout_keeps_the_rules(root):
    assert findings(python_files(root)) == []


def test_all_code_is_looked_at(root):
    files = python_files(root)
    assert {path.split("/")[0] for path in files} >= {"firmware", "host", "tests", "tools"}
    assert "firmware/main.py" in files


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (CORE, "from array import array"),
        (CORE, "from dowel.core import angle"),
        (CORE, "from dowel.core.angle import isqrt"),
        (CORE, "from . import angle"),
        (CORE, "from .angle import isqrt"),
        (CLIENT, "from dowel.link import wire"),
        (CLIENT, "import dowel.link.wire"),
        (CLIENT, "from dowel.link.wire import VERSION"),
        (CLIENT, "import dowel_host.errors"),
        (REPLAY, "from dowel.core.pipeline import Pipeline"),
        (TWIN, "from dowel.core import pipeline"),
        ("host/dowel_host/twin/standins/board_boot.py", "from dowel.link.link import Link"),
        ("tests/core/test_tilt.py", "from dowel.core import tilt"),
        ("bench/cost.py", "from dowel.core import tilt"),
        ("firmware/dowel/app.py", "from dowel.drivers import bus"),
    ],
)
def test_what_is_allowed(path, line):
    assert findings({path: line}) == []


@pytest.mark.parametrize(
    ("path", "line", "named"),
    [
        (CORE, "import time", "not time"),
        (CORE, "from micropython import const", "not micropython.const"),
        (CORE, "def f():\n    import machine", "not machine"),
        (CORE, "from dowel.drivers import bus", "not dowel.drivers.bus"),
        (CORE, "from ..drivers import bus", "not dowel.drivers.bus"),
        (CORE, "import arrayish", "not arrayish"),
        (CLIENT, "from dowel.core import tilt", "not dowel.core.tilt"),
        (CLIENT, "from dowel.link import ble", "not dowel.link.ble"),
        (CLIENT, "from dowel import app", "not dowel.app"),
        (CLIENT, "import dowel", "not dowel"),
        (REPLAY, "from dowel.drivers import lsm6ds", "not dowel.drivers.lsm6ds"),
        (TWIN, "from dowel import app", "not dowel.app"),
        (CHIP, "from dowel.core import angle", "may import nothing"),
        (CHIP, "from dowel.link import wire", "may import nothing"),
        ("tests/drivers/test_bus.py", "from dowel.drivers import bus", "not dowel.drivers.bus"),
        ("firmware/main.py", "# on the twin this is quick", "knows nothing of 'twin'"),
        ("firmware/dowel/app.py", '"""Simulated too."""', "knows nothing of 'Simulated'"),
        ("tests/test_long.py", "\n" * (MAX_LINES + 1), "301 lines"),
    ],
)
def test_what_is_not(path, line, named):
    (found,) = findings({path: line})
    assert found.startswith(f"{path}:")
    assert named in found


def test_firmware_folders_that_import_each_other_are_named():
    files = {
        "firmware/dowel/link/ble.py": "from dowel.drivers import bus",
        "firmware/dowel/drivers/bus.py": "from dowel.store import log",
        "firmware/dowel/store/log.py": "from dowel.link import wire",
    }
    assert len(findings(files)) == 3
    del files["firmware/dowel/store/log.py"]
    assert findings(files) == []
