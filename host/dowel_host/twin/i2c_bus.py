"""An I2C bus: devices by address, NACK where there is none, and a count of what passed."""

from __future__ import annotations

import errno
from typing import Protocol


class Device(Protocol):
    """A device with registers, as the bus sees it."""

    def write(self, register: int, data: bytes, now_us: int) -> None:
        """Write bytes from `register` on, at board time `now_us`."""
        ...

    def read(self, register: int, count: int, now_us: int) -> bytes:
        """Read `count` bytes from `register` on, at board time `now_us`."""
        ...


class I2cBus:
    """One bus. `devices` may change at any time, as plugs do.

    Counted: `transactions` (start to stop), `bytes` on the wire after an address byte, and
    `nacks`, transactions that nobody answered (they count as transactions without bytes).
    """

    def __init__(self, devices: dict[int, Device] | None = None) -> None:
        """Connect devices by their 7-bit address."""
        self.devices: dict[int, Device] = dict(devices or {})
        self.transactions = 0
        self.bytes = 0
        self.nacks = 0

    def write(self, address: int, data: bytes | bytearray | memoryview, now_us: int) -> None:
        """Write a register's address and what follows it; no data at all asks for the ACK.

        Raises OSError(ENODEV) where no device answers.
        """
        device = self._select(address)
        self.bytes += len(data)
        if len(data) > 1:
            device.write(data[0], bytes(data[1:]), now_us)

    def read_register(self, address: int, register: int, count: int, now_us: int) -> bytes:
        """Write a register's address, start again and read `count` bytes.

        Raises OSError(ENODEV) where no device answers.
        """
        device = self._select(address)
        self.bytes += 1 + count
        return device.read(register, count, now_us)

    def _select(self, address: int) -> Device:
        self.transactions += 1
        device = self.devices.get(address)
        if device is None:
            self.nacks += 1
            raise OSError(errno.ENODEV, f"no device answers at I2C address 0x{address:02X}")
        return device
