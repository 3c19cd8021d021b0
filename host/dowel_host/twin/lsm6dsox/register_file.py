"""Control registers: their values, and which settings the model has.

Stored: bits that act in the model, and bits that ST documents as plain read/write whose function
is off while the bits below are refused. Refused: everything else that would change what the
chip measures or signals, so that no setting is silently without effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import registers as reg
from .errors import ReadOnlyRegisterError, UnknownRegisterError, UnsupportedSettingError

_PINS = "the interrupt pins are not modelled, poll instead"
_EVENTS = "detection of taps, free fall, wake-up and such is not modelled"
_FILTERS = "the digital filters are not modelled, samples pass unchanged"
_POWER = "low-power and sleep modes are not modelled"
_DEN = "stamping of the DEN pin is not modelled"
_RESERVED = "these bits must be 0"


@dataclass(frozen=True)
class _Rule:
    """Bits of one register: `stored` ones, `refused` ones with the reason, all others are 0."""

    name: str
    stored: int = 0
    refused: tuple[tuple[int, str], ...] = ()
    check: Callable[[int], str | None] | None = None

    def objection(self, value: int) -> str | None:
        """Return why `value` cannot be written, None when it can."""
        for mask, why in self.refused:
            if value & mask:
                return f"bits 0x{value & mask:02X}: {why}"
        if value & ~self.stored:
            return f"bits 0x{value & ~self.stored:02X}: {_RESERVED}"
        return self.check(value) if self.check else None


def _rate_objection(code: int) -> str | None:
    if code == 0 or code in reg.ODR_CODES:
        return None
    return f"rate code {code} (1.6 and 6.5 Hz low power, or reserved) is not modelled"


def _odr_objection(value: int) -> str | None:
    return _rate_objection(value >> 4)


def _bdr_objection(value: int) -> str | None:
    return _rate_objection(value >> 4) or _rate_objection(value & 0x0F)


def _mode_objection(value: int) -> str | None:
    mode = value & 0x07
    if mode in {reg.MODE_BYPASS, reg.MODE_FIFO, reg.MODE_CONTINUOUS}:
        return None
    return f"FIFO mode {mode} (triggered, or reserved) is not modelled"


_RULES: dict[int, _Rule] = {
    reg.FUNC_CFG_ACCESS: _Rule(
        "FUNC_CFG_ACCESS", refused=((0xFF, "the other register pages are not modelled"),)
    ),
    reg.PIN_CTRL: _Rule("PIN_CTRL", 0xFF),
    reg.FIFO_CTRL1: _Rule("FIFO_CTRL1", 0xFF),
    reg.FIFO_CTRL2: _Rule(
        "FIFO_CTRL2",
        reg.WTM8,
        (
            (0x80, "STOP_ON_WTM is not modelled"),
            (0x46, "compression is not modelled"),
            (0x10, "words on a change of rate are not modelled"),
        ),
    ),
    reg.FIFO_CTRL3: _Rule("FIFO_CTRL3", 0xFF, check=_bdr_objection),
    reg.FIFO_CTRL4: _Rule(
        "FIFO_CTRL4", 0xC7, ((0x30, "temperature words are not modelled"),), _mode_objection
    ),
    reg.COUNTER_BDR_REG1: _Rule("COUNTER_BDR_REG1", refused=((0xFF, _PINS),)),
    reg.COUNTER_BDR_REG2: _Rule("COUNTER_BDR_REG2", refused=((0xFF, _PINS),)),
    reg.INT1_CTRL: _Rule("INT1_CTRL", refused=((0xFF, _PINS),)),
    reg.INT2_CTRL: _Rule("INT2_CTRL", refused=((0xFF, _PINS),)),
    reg.CTRL1_XL: _Rule("CTRL1_XL", 0xFC, ((0x02, _FILTERS),), _odr_objection),
    reg.CTRL2_G: _Rule("CTRL2_G", 0xFE, check=_odr_objection),
    # Level and drive of the interrupt pins and SPI's wires: electrical, nothing else in the chip.
    reg.CTRL3_C: _Rule("CTRL3_C", 0xFD),
    # DRDY_MASK waits for filters to settle, and the model has none.
    reg.CTRL4_C: _Rule(
        "CTRL4_C",
        0x08,
        (
            (0x02, _FILTERS),
            (0x04, "this would end all communication by I2C"),
            (0x20, _PINS),
            (0x40, _POWER),
        ),
    ),
    reg.CTRL5_C: _Rule(
        "CTRL5_C",
        refused=(
            (0x0F, "self-test is not modelled"),
            (0x70, "rounding of addresses is not modelled"),
            (0x80, _POWER),
        ),
    ),
    # FTYPE acts with LPF1_SEL_G only, USR_OFF_W with USR_OFF_ON_OUT only.
    reg.CTRL6_C: _Rule("CTRL6_C", 0x0F, ((0x10, _POWER), (0xE0, _DEN))),
    reg.CTRL7_G: _Rule(
        "CTRL7_G",
        refused=(
            (0x05, "the OIS chain is not modelled"),
            (0x02, "the user offset is not modelled"),
            (0x70, _FILTERS),
            (0x80, _POWER),
        ),
    ),
    # HPCF_XL and FASTSETTL act on filters that are off.
    reg.CTRL8_XL: _Rule("CTRL8_XL", 0xE8 | reg.XL_FS_MODE, ((0x15, _FILTERS),)),
    # Bit 0 has no function; adafruit-circuitpython-lsm6ds sets it in place of I3C_DISABLE.
    reg.CTRL9_XL: _Rule("CTRL9_XL", 0xE7, ((0x18, _DEN),)),
    reg.CTRL10_C: _Rule("CTRL10_C", reg.TIMESTAMP_EN),
    reg.X_OFS_USR: _Rule("X_OFS_USR", 0xFF),
    reg.Y_OFS_USR: _Rule("Y_OFS_USR", 0xFF),
    reg.Z_OFS_USR: _Rule("Z_OFS_USR", 0xFF),
    **{
        address: _Rule(name, refused=((0xFF, _EVENTS),))
        for address, name in (
            (reg.TAP_CFG0, "TAP_CFG0"),
            (reg.TAP_CFG1, "TAP_CFG1"),
            (reg.TAP_CFG2, "TAP_CFG2"),
            (reg.TAP_THS_6D, "TAP_THS_6D"),
            (reg.INT_DUR2, "INT_DUR2"),
            (reg.WAKE_UP_THS, "WAKE_UP_THS"),
            (reg.WAKE_UP_DUR, "WAKE_UP_DUR"),
            (reg.FREE_FALL, "FREE_FALL"),
            (reg.MD1_CFG, "MD1_CFG"),
            (reg.MD2_CFG, "MD2_CFG"),
        )
    },
}

_READ_ONLY = {
    reg.WHO_AM_I: "WHO_AM_I",
    reg.STATUS_REG: "STATUS_REG",
    reg.FIFO_STATUS1: "FIFO_STATUS1",
    reg.FIFO_STATUS2: "FIFO_STATUS2",
    reg.TIMESTAMP0: "TIMESTAMP0",
    reg.TIMESTAMP1: "TIMESTAMP1",
    reg.TIMESTAMP3: "TIMESTAMP3",
    reg.INTERNAL_FREQ_FINE: "INTERNAL_FREQ_FINE",
    **dict.fromkeys(range(reg.OUT_TEMP_L, reg.OUTZ_H_A + 1), "an output register"),
    **dict.fromkeys(range(reg.FIFO_DATA_OUT_TAG, reg.FIFO_DATA_OUT_Z_H + 1), "FIFO_DATA_OUT"),
}


class RegisterFile:
    """Values of the registers that can be written."""

    def __init__(self) -> None:
        self._values: dict[int, int] = {}
        self.reset()

    def reset(self) -> None:
        """Put ST's reset values into every register."""
        self._values = {address: reg.RESET_VALUES.get(address, 0) for address in _RULES}

    def __getitem__(self, register: int) -> int:
        """Return a register's value; raises UnknownRegisterError for what is none."""
        try:
            return self._values[register]
        except KeyError:
            raise UnknownRegisterError(register) from None

    def store(self, register: int, value: int) -> None:
        """Write a register after checking it; raises a ChipError where the model refuses."""
        rule = _RULES.get(register)
        if rule is None:
            if register in _READ_ONLY:
                raise ReadOnlyRegisterError(register, _READ_ONLY[register], value)
            raise UnknownRegisterError(register)
        why = rule.objection(value)
        if why:
            raise UnsupportedSettingError(register, rule.name, value, why)
        self._values[register] = value
