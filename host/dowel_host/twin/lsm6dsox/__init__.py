"""The LSM6DSOX at register level, from ST's documents; it shares nothing with the firmware."""

from .chip import Lsm6dsox
from .errors import (
    ChipBusyError,
    ChipError,
    ReadOnlyRegisterError,
    TimeWentBackError,
    UnknownRegisterError,
    UnsupportedSettingError,
)
from .fifo import SlotLayout

__all__ = [
    "ChipBusyError",
    "ChipError",
    "Lsm6dsox",
    "ReadOnlyRegisterError",
    "SlotLayout",
    "TimeWentBackError",
    "UnknownRegisterError",
    "UnsupportedSettingError",
]
