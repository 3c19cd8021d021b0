"""The output registers, STATUS_REG and block data update."""

from __future__ import annotations

import struct

from . import registers as reg

GYRO_PART = slice(0, 6)
ACCEL_PART = slice(6, 12)
"""The two sensors' bytes in the 12 bytes of a sample."""

_FIRST = reg.OUT_TEMP_L
_GYRO_AT = reg.OUTX_L_G - _FIRST
_ACCEL_AT = reg.OUTX_L_A - _FIRST
_BYTES = reg.OUTZ_H_A + 1 - _FIRST


class Outputs:
    """OUT_TEMP, OUT_G and OUT_A: the last sample of each, and whether it has been read."""

    def __init__(self) -> None:
        self.status = 0
        """STATUS_REG: a bit is set by a sample, cleared when a high byte of it is read."""
        self._bytes = bytearray(_BYTES)  # of the registers 0x20 to 0x2D
        self._held: dict[int, tuple[int, bytes]] = {}  # by low address: half read, both bytes

    def reset(self) -> None:
        """Forget the samples and what was read of them; the temperature stays."""
        self.status = 0
        self._bytes[_GYRO_AT:] = bytes(_BYTES - _GYRO_AT)
        self._held.clear()

    def update(self, row: bytes, gyro: bool, accel: bool) -> None:
        """Take over the sensors that were measured from the 12 bytes of a sample."""
        if gyro:
            self._bytes[_GYRO_AT:_ACCEL_AT] = row[GYRO_PART]
            self.status |= reg.GDA | reg.TDA
        if accel:
            self._bytes[_ACCEL_AT:] = row[ACCEL_PART]
            self.status |= reg.XLDA | reg.TDA

    def set_temperature(self, temperature_c: float) -> None:
        """Measure this temperature, degrees Celsius, from now on."""
        lsb = round((temperature_c - reg.TEMPERATURE_ZERO_C) * reg.TEMPERATURE_LSB_PER_C)
        self._bytes[:_GYRO_AT] = struct.pack("<h", max(-32768, min(32767, lsb)))

    def read(self, register: int, bdu: bool) -> int:
        """Read one byte; with BDU a value stays as it was until both its bytes are read."""
        high = register & 1
        if high:
            self.status &= ~_data_available(register)
        at = register - high - _FIRST
        if not bdu:
            self._held.clear()
            return self._bytes[at + high]
        half, held = self._held.pop(at, (high, bytes(self._bytes[at : at + 2])))
        if half == high:
            self._held[at] = half, held
        return held[high]


def _data_available(register: int) -> int:
    if register >= reg.OUTX_L_A:
        return reg.XLDA
    return reg.GDA if register >= reg.OUTX_L_G else reg.TDA
