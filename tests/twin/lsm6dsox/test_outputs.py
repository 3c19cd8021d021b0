"""Output registers, STATUS_REG, block data update, power-down."""

import struct

from dowel_host.twin.source import Scene
from twin.lsm6dsox.rig import Rig, recording

XLDA, GDA, TDA = 1, 2, 4


def off() -> Rig:
    """Return a rig at board time 1 ms, whose source starts at 10 ms."""
    return Rig(recording(500), Scene(start_us=10_000))


def running() -> Rig:
    """Return the same at sample 0, both sensors on at 208 Hz."""
    rig = off()
    rig.sensors_on()
    rig.to_sample(0)
    return rig


def test_axes_and_sensors_lie_in_st_order_little_endian() -> None:
    rig = running()
    rig.to_sample(7)
    assert struct.unpack("<6h", rig.read(0x22, 12)) == (7, 10_007, -8, -10_007, 20_007, 29_993)


def test_the_last_sample_stays_until_the_next_is_due() -> None:
    rig = running()
    rig.to_sample(7)
    rig.wait_us(4_800)
    assert struct.unpack("<h", rig.read(0x22, 2)) == (7,)
    rig.wait_us(10)
    assert struct.unpack("<h", rig.read(0x22, 2)) == (8,)


def test_a_sensor_in_power_down_measures_nothing() -> None:
    rig = running()
    rig.to_sample(3)
    rig.read(0x22, 12)
    rig.write(0x11, 0x08)
    rig.to_sample(9)
    assert rig.byte(0x1E) == XLDA | TDA
    assert struct.unpack("<6h", rig.read(0x22, 12))[::3] == (3, -10_009)
    rig.write(0x10, 0x0C)
    rig.to_sample(20)
    assert rig.byte(0x1E) & (XLDA | GDA) == 0
    assert struct.unpack("<6h", rig.read(0x22, 12))[::3] == (3, -10_009)


def test_a_sensor_that_is_switched_on_gives_its_first_sample_a_period_later() -> None:
    rig = off()
    rig.wait_us(100_000)
    rig.write(0x10, 0x4C)
    rig.wait_us(9_599)
    assert rig.byte(0x1E) == 0
    rig.wait_us(1)
    assert rig.byte(0x1E) == XLDA | TDA


def test_status_bits_are_set_by_a_sample_and_cleared_by_reading_a_high_byte() -> None:
    rig = running()
    assert rig.byte(0x1E) == XLDA | GDA | TDA
    rig.read(0x28)
    assert rig.byte(0x1E) == XLDA | GDA | TDA, "a low byte clears nothing"
    rig.read(0x2B)
    assert rig.byte(0x1E) == GDA | TDA
    rig.read(0x22, 6)
    assert rig.byte(0x1E) == TDA
    rig.read(0x20, 2)
    assert rig.byte(0x1E) == 0
    rig.to_sample(1)
    assert rig.byte(0x1E) == XLDA | GDA | TDA


def test_sensors_of_different_rates_have_their_own_new_data() -> None:
    rig = off()
    rig.write(0x10, 0x4C)  # 104 Hz
    rig.write(0x11, 0x58)  # 208 Hz
    seen: list[int] = []
    for i in range(4):
        rig.to_sample(i)
        seen.append(rig.byte(0x1E) & (XLDA | GDA))
        rig.read(0x22, 12)
    assert seen == [XLDA | GDA, GDA, XLDA | GDA, GDA]


def test_with_bdu_a_value_stays_whole_until_both_bytes_are_read() -> None:
    rig = running()
    rig.to_sample(255)
    low = rig.byte(0x22)
    rig.to_sample(256)
    assert rig.byte(0x22) == low, "read again, still the old value"
    high = rig.byte(0x23)
    assert low | high << 8 == 255
    assert struct.unpack("<h", rig.read(0x22, 2)) == (256,)


def test_with_bdu_the_high_byte_may_be_read_first() -> None:
    rig = running()
    rig.to_sample(255)
    high = rig.byte(0x23)
    rig.to_sample(256)
    assert rig.byte(0x22) | high << 8 == 255


def test_without_bdu_a_value_can_be_torn() -> None:
    rig = running()
    rig.write(0x12, 0x04)
    rig.to_sample(255)
    low = rig.byte(0x22)
    rig.to_sample(256)
    assert low | rig.byte(0x23) << 8 == 511


def test_bdu_holds_each_axis_for_itself() -> None:
    rig = running()
    rig.to_sample(10)
    rig.byte(0x22)
    rig.to_sample(20)
    assert struct.unpack("<h", rig.read(0x24, 2)) == (10_020,)
    assert rig.byte(0x23) == 0


def test_temperature_is_25_degrees_until_set() -> None:
    rig = running()
    assert rig.read(0x20, 2) == b"\0\0"
    rig.chip.set_temperature(24.0)
    assert struct.unpack("<h", rig.read(0x20, 2)) == (-256,)


def test_before_the_source_begins_its_first_sample_is_measured_again_and_again() -> None:
    rig = Rig(recording(500))
    rig.sensors_on()
    rig.wait_us(4_799)
    assert rig.byte(0x1E) == 0
    rig.wait_us(1)
    assert rig.byte(0x1E) == XLDA | GDA | TDA
    assert struct.unpack("<6h", rig.read(0x22, 12)) == (0, 10_000, -1, -10_000, 20_000, 30_000)
    assert rig.byte(0x1E) == TDA
    rig.wait_us(4_800)
    assert rig.byte(0x1E) == XLDA | GDA | TDA
    assert rig.chip.taken == 0


def test_a_source_that_begins_later_is_waited_for() -> None:
    rig = Rig(recording(500), Scene(start_us=1_000_000))
    rig.sensors_on()
    rig.wait_us(500_000)
    assert struct.unpack("<h", rig.read(0x24, 2)) == (10_000,)
    rig.to_sample(5)
    assert struct.unpack("<h", rig.read(0x24, 2)) == (10_005,)


def test_after_the_source_has_ended_the_last_sample_stays() -> None:
    rig = Rig(recording(50), Scene(start_us=10_000))
    rig.sensors_on()
    assert rig.chip.end_us == 245_577
    rig.wait_us(1_000_000)
    assert struct.unpack("<h", rig.read(0x22, 2)) == (49,)
    rig.read(0x20, 14)
    rig.wait_us(1_000_000)
    assert rig.byte(0x1E) == 0
    assert rig.chip.taken == 50


def test_a_sensor_switched_on_after_the_source_s_end_has_nothing_to_measure() -> None:
    rig = Rig(recording(50), Scene(start_us=10_000))
    rig.wait_us(1_000_000)
    rig.write(0x10, 0x5C)
    rig.wait_us(100_000)
    assert rig.byte(0x1E) == 0
    assert rig.read(0x22, 12) == bytes(12)


def test_switching_the_second_sensor_on_does_not_disturb_the_first() -> None:
    rig = off()
    rig.write(0x10, 0x5C)
    rig.to_sample(10)
    rig.write(0x11, 0x58)
    rig.to_sample(20)
    assert rig.chip.taken == 21


def test_no_sample_is_taken_twice_when_the_rate_changes() -> None:
    rig = off()
    rig.write(0x10, 0x5C)
    rig.to_sample(10)
    rig.write(0x10, 0x6C)
    rig.write(0x10, 0x5C)
    rig.to_sample(20)
    assert rig.chip.taken == 21
