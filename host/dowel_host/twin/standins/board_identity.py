"""Stand-in for what `sys` and `os` say of the board: a chip with MicroPython on it.

The unix port names the machine that it runs on, and has no os.uname.
"""

import sys as _sys
from collections import namedtuple

import board_os

# What ESP32_GENERIC_S3 says of itself.
MACHINE = "Generic ESP32S3 module with ESP32S3"

_Implementation = namedtuple(  # noqa: PYI024 - no typing here
    "implementation", ("name", "version", "_machine", "_mpy", "_build")
)
_Uname = namedtuple(  # noqa: PYI024 - the same
    "uname", ("sysname", "nodename", "release", "version", "machine")
)


def install(machine=MACHINE, platform="esp32", name="micropython", version=None, mpy=None):
    """Take the place of `sys`, and give `os` its uname.

    version: of MicroPython, three numbers; mpy: sys.implementation._mpy; None: the VM's own.
    """
    own = _sys.implementation
    if version is None:
        version = own.version
    else:
        major, minor, micro = version
        version = (major, minor, micro, "")  # the fourth says "preview" where it is none
    release = "%d.%d.%d" % tuple(version[:3])
    overlay = _sys.modules.get("sys")
    if not isinstance(overlay, board_os.Overlay):
        overlay = _sys.modules["sys"] = board_os.Overlay(_sys)
    overlay.platform = platform
    overlay.version = "3.4.0; MicroPython v%s" % release
    overlay.implementation = _Implementation(
        name, version, machine, own._mpy if mpy is None else mpy, own._build
    )
    uname = _Uname(platform, platform, release, "v" + release, machine)
    board_os.os.uname = lambda: uname


def banner():
    """What the friendly REPL greets with."""
    import sys

    own = sys.implementation
    kind = "MicroPython" if own.name == "micropython" else own.name
    release = "%d.%d.%d" % tuple(own.version[:3])
    return "%s v%s; %s" % (kind, release, own._machine)
