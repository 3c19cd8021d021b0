"""Registers: ST's addresses and reset values, what can be written, reset and boot."""

import pytest

from dowel_host.twin.lsm6dsox import (
    ChipBusyError,
    ChipError,
    ReadOnlyRegisterError,
    TimeWentBackError,
    UnknownRegisterError,
    UnsupportedSettingError,
    registers,
)
from twin.lsm6dsox.rig import Rig

# lsm6dsox_reg.h, read at commit 056881d of STMicroelectronics/lsm6dsox-pid.
ST_ADDRESSES = {
    "FUNC_CFG_ACCESS": 0x01, "PIN_CTRL": 0x02, "FIFO_CTRL1": 0x07, "FIFO_CTRL2": 0x08,
    "FIFO_CTRL3": 0x09, "FIFO_CTRL4": 0x0A, "COUNTER_BDR_REG1": 0x0B, "COUNTER_BDR_REG2": 0x0C,
    "INT1_CTRL": 0x0D, "INT2_CTRL": 0x0E, "WHO_AM_I": 0x0F, "CTRL1_XL": 0x10, "CTRL2_G": 0x11,
    "CTRL3_C": 0x12, "CTRL4_C": 0x13, "CTRL5_C": 0x14, "CTRL6_C": 0x15, "CTRL7_G": 0x16,
    "CTRL8_XL": 0x17, "CTRL9_XL": 0x18, "CTRL10_C": 0x19, "STATUS_REG": 0x1E,
    "OUT_TEMP_L": 0x20, "OUTX_L_G": 0x22, "OUTX_L_A": 0x28, "OUTZ_H_A": 0x2D,
    "FIFO_STATUS1": 0x3A, "FIFO_STATUS2": 0x3B, "TIMESTAMP0": 0x40, "TIMESTAMP1": 0x41,
    "TIMESTAMP2": 0x42, "TIMESTAMP3": 0x43, "TAP_CFG0": 0x56, "TAP_CFG1": 0x57, "TAP_CFG2": 0x58,
    "TAP_THS_6D": 0x59, "INT_DUR2": 0x5A, "WAKE_UP_THS": 0x5B, "WAKE_UP_DUR": 0x5C,
    "FREE_FALL": 0x5D, "MD1_CFG": 0x5E, "MD2_CFG": 0x5F, "INTERNAL_FREQ_FINE": 0x63,
    "X_OFS_USR": 0x73, "Y_OFS_USR": 0x74, "Z_OFS_USR": 0x75, "FIFO_DATA_OUT_TAG": 0x78,
    "FIFO_DATA_OUT_Z_H": 0x7E,
}  # fmt: skip

PLAIN = [0x07, 0x09, 0x0A, 0x10, 0x11, 0x13, 0x15, 0x17, 0x19, 0x73, 0x74, 0x75]


@pytest.mark.parametrize(("name", "address"), ST_ADDRESSES.items())
def test_addresses_are_those_of_st_header(name: str, address: int) -> None:
    assert getattr(registers, name) == address


def test_who_am_i_tells_the_family_and_can_be_set_to_a_stranger() -> None:
    assert Rig().byte(0x0F) == 0x6C
    assert Rig(who_am_i=0x6B).byte(0x0F) == 0x6B


def test_reset_values_are_zero_but_for_four_registers() -> None:
    rig = Rig()
    assert rig.byte(0x12) == 0x04  # IF_INC
    assert rig.byte(0x18) == 0xE0
    assert rig.byte(0x02) == 0x3F
    assert all(rig.byte(register) == 0 for register in PLAIN)


def test_values_written_are_read_back() -> None:
    rig = Rig()
    for register, value in {0x07: 0xA5, 0x10: 0x5C, 0x11: 0x58, 0x19: 0x20, 0x18: 0xE2}.items():
        rig.write(register, value)
        assert rig.byte(register) == value


def test_a_burst_write_goes_on_to_the_next_register() -> None:
    rig = Rig()
    rig.write(0x10, 0x5C, 0x58)
    assert rig.read(0x10, 2) == b"\x5c\x58"


def test_without_if_inc_a_burst_stays_at_its_register() -> None:
    rig = Rig()
    rig.write(0x12, 0x00)
    rig.write(0x10, 0x40, 0x5C)
    assert rig.read(0x10, 3) == b"\x5c\x5c\x5c"
    assert rig.byte(0x11) == 0


@pytest.mark.parametrize("register", [0x00, 0x03, 0x06, 0x1A, 0x1F, 0x2E, 0x3C, 0x62, 0x76, 0x7F])
def test_what_the_model_does_not_know_is_refused(register: int) -> None:
    rig = Rig()
    with pytest.raises(UnknownRegisterError, match=f"0x{register:02X}") as caught:
        rig.read(register)
    assert caught.value.register == register
    with pytest.raises(UnknownRegisterError):
        rig.write(register, 0)


def test_a_burst_that_runs_into_reserved_registers_is_refused() -> None:
    with pytest.raises(UnknownRegisterError, match="0x3C"):
        Rig().read(0x3A, 3)


@pytest.mark.parametrize("register", [0x0F, 0x1E, 0x20, 0x2D, 0x3A, 0x3B, 0x40, 0x63, 0x78, 0x7E])
def test_read_only_registers_refuse_a_write(register: int) -> None:
    with pytest.raises(ReadOnlyRegisterError) as caught:
        Rig().write(register, 0x55)
    assert caught.value.value == 0x55


@pytest.mark.parametrize(
    ("register", "value"),
    [
        (0x01, 0x80),  # the page of embedded functions
        (0x08, 0x80),  # STOP_ON_WTM
        (0x08, 0x40),  # compression
        (0x09, 0x0B),  # 1.6 Hz batches
        (0x09, 0xC0),
        (0x0A, 0x10),  # temperature words
        (0x0A, 0x02),  # reserved mode
        (0x0A, 0x03),  # continuous-to-FIFO
        (0x0A, 0x04),  # bypass-to-continuous
        (0x0A, 0x07),  # bypass-to-FIFO
        (0x0B, 0x01),
        (0x0D, 0x08),  # watermark to INT1
        (0x0E, 0x08),
        (0x10, 0xB0),  # 1.6 Hz
        (0x10, 0xC0),
        (0x10, 0x52),  # LPF2
        (0x10, 0x01),
        (0x11, 0xB0),
        (0x11, 0x01),
        (0x12, 0x02),
        (0x13, 0x02),  # LPF1_SEL_G
        (0x13, 0x04),  # I2C_DISABLE
        (0x13, 0x40),  # SLEEP_G
        (0x14, 0x01),  # self-test
        (0x14, 0x20),  # rounding
        (0x14, 0x80),  # ultra low power
        (0x15, 0x10),  # accelerometer's high performance off
        (0x15, 0x80),  # DEN
        (0x16, 0x02),  # user offset
        (0x16, 0x40),  # gyro's high-pass
        (0x16, 0x80),  # gyro's high performance off
        (0x17, 0x04),  # high-pass
        (0x18, 0x08),  # DEN
        (0x19, 0x01),
        (0x56, 0x0E),  # taps
        (0x58, 0x80),
        (0x5E, 0x20),
    ],
)
def test_settings_without_a_model_are_refused_and_change_nothing(
    register: int, value: int
) -> None:
    rig = Rig()
    before = rig.byte(register)
    with pytest.raises(UnsupportedSettingError, match=f"0x{register:02X}") as caught:
        rig.write(register, value)
    assert caught.value.value == value
    assert caught.value.why
    assert rig.byte(register) == before


def test_what_is_in_front_of_a_refused_byte_is_written() -> None:
    rig = Rig()
    with pytest.raises(ChipError):
        rig.write(0x10, 0x5C, 0x01)
    assert rig.read(0x10, 2) == b"\x5c\x00"


def test_software_reset_restores_everything_and_clears_itself() -> None:
    rig = Rig()
    rig.stream()
    rig.write(0x07, 0x20)
    rig.to_sample(20)
    assert rig.status()[0] > 0
    rig.write(0x12, 0x05)
    assert rig.byte(0x12) & 0x01, "the bit reads 1 while the reset lasts"
    rig.wait_us(50)
    assert rig.byte(0x12) == 0x04
    assert all(rig.byte(register) == 0 for register in PLAIN)
    assert rig.byte(0x18) == 0xE0
    assert rig.status() == (0, 0), "the FIFO is empty"
    assert rig.byte(0x1E) == 0
    assert rig.read(0x40, 4) == bytes(4)
    rig.wait_us(100_000)
    assert rig.status() == (0, 0), "nothing is measured any more"
    assert rig.byte(0x1E) == 0
    assert rig.read(0x40, 4) == bytes(4)


def test_a_chip_that_resets_must_be_left_alone() -> None:
    rig = Rig()
    rig.write(0x12, 0x01)
    rig.wait_us(20)
    with pytest.raises(ChipBusyError) as caught:
        rig.write(0x10, 0x50)
    assert caught.value.remaining_us == 30
    with pytest.raises(ChipBusyError):
        rig.byte(0x0F)


def test_boot_clears_itself_after_10_ms_and_keeps_the_settings() -> None:
    rig = Rig()
    rig.write(0x10, 0x5C)
    rig.write(0x12, 0x84)
    assert rig.byte(0x12) == 0x84
    rig.wait_us(9_999)
    assert rig.byte(0x12) == 0x84
    rig.wait_us(1)
    assert rig.byte(0x12) == 0x04
    assert rig.byte(0x10) == 0x5C


def test_time_does_not_go_back() -> None:
    rig = Rig(now_us=5_000)
    rig.byte(0x0F)
    rig.now_us = 4_999
    with pytest.raises(TimeWentBackError) as caught:
        rig.byte(0x0F)
    assert (caught.value.before_us, caught.value.now_us) == (5_000, 4_999)
