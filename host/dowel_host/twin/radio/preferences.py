"""What BLE.config sets and reads, on an ESP32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.nimble import NotModelledError, os_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from dowel_host.twin.radio.stack import Stack


@dataclass
class Preferences:
    """MicroPython's settings, at their defaults on an ESP32. mac: most significant byte first."""

    mac: bytes
    gap_name: bytes = nimble.DEFAULT_NAME
    mtu: int = nimble.PREFERRED_MTU
    addr_mode: int = nimble.ADDRESS_PUBLIC
    bond: bool = False
    mitm: bool = False
    le_secure: bool = True
    io: int = nimble.IO_NO_INPUT_OUTPUT


class Config:
    """BLE.config. active() gives the stack, or raises OSError 19; running() gives it or None."""

    def __init__(
        self,
        preferences: Preferences,
        active: Callable[[], Stack],
        running: Callable[[], Stack | None],
    ) -> None:
        self._preferences = preferences
        self._active = active
        self._running = running

    def read(self, name: str) -> int | bytes | tuple[int, bytes]:
        """BLE.config(name): the name, the preferred MTU, or (address type, address)."""
        if name == "gap_name":
            return self._preferences.gap_name
        if name == "mtu":
            self._active()
            return self._preferences.mtu
        if name == "mac":
            self._active()
            mode, mac = self._preferences.addr_mode, self._preferences.mac
            return mode, mac if mode == nimble.ADDRESS_PUBLIC else random_static(mac)
        # rxbuf too: not there where events are synchronous, as on the ESP32.
        raise ValueError("unknown config param")

    def write(self, name: str, value: int | bytes) -> None:
        """BLE.config(name=value)."""
        setters = {
            "gap_name": self._set_name,
            "mtu": self._set_mtu,
            "addr_mode": self._set_mode,
            "io": self._set_io,
        }
        if name in setters:
            setters[name](value)
        elif name in ("bond", "mitm", "le_secure"):
            setattr(self._preferences, name, bool(value))
        else:
            raise ValueError("unknown config param")

    def _set_name(self, value: int | bytes) -> None:
        if isinstance(value, int):
            raise TypeError("object with buffer protocol required")
        if len(value) > nimble.MAX_NAME_BYTES:
            raise os_error(nimble.EINVAL, "the name is longer than 31 bytes")
        self._preferences.gap_name = value
        stack = self._running()
        if stack is not None:
            stack.table.set_name(value)

    def _set_mtu(self, value: int | bytes) -> None:
        stack = self._active()
        mtu = int(value)
        if not nimble.MIN_MTU <= mtu <= nimble.MAX_MTU:
            raise os_error(nimble.EINVAL, "the MTU is not 23 to 527")
        self._preferences.mtu = mtu
        stack.prefer_mtu(mtu)

    def _set_mode(self, value: int | bytes) -> None:
        self._active()
        if value not in (nimble.ADDRESS_PUBLIC, nimble.ADDRESS_RANDOM):
            raise NotModelledError("private addresses: addr_mode 2 and 3")
        self._preferences.addr_mode = int(value)

    def _set_io(self, value: int | bytes) -> None:
        io = int(value)
        if not 0 <= io <= nimble.IO_KEYBOARD_DISPLAY:
            raise NotModelledError("io other than 0 to 4, which peers refuse")
        self._preferences.io = io


def random_static(mac: bytes) -> bytes:
    """Make a random static address of a public one: its two highest bits are set."""
    return bytes((mac[0] | 0xC0,)) + mac[1:]
