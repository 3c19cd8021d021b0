"""The device that was used last: what a command without --device takes."""

import os
from contextlib import suppress
from pathlib import Path

import platformdirs

VARIABLE = "DOWEL_LAST_DEVICE"
_DEFAULT = "ble:"


def path() -> Path:
    """Return where it is kept: $DOWEL_LAST_DEVICE, or in the user's folder for state."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    return platformdirs.user_state_path("dowel", appauthor=False) / "last-device"


def last_device() -> str:
    """Return the --device of the last connection; `ble:`, the only one near, where none is."""
    try:
        return path().read_text(encoding="utf-8").strip() or _DEFAULT
    except (OSError, UnicodeDecodeError):
        return _DEFAULT


def remember(device: str) -> None:
    """Keep device for next time. Where that cannot be written, it is only not remembered."""
    with suppress(OSError):
        path().parent.mkdir(parents=True, exist_ok=True)
        path().write_text(device + "\n", encoding="utf-8")
