"""What a time slot brings into the FIFO: tags, order, timestamps, batch rates."""

import pytest

from dowel_host.twin.lsm6dsox import SlotLayout
from dowel_host.twin.lsm6dsox.fifo import tag_byte
from twin.lsm6dsox.rig import ACCEL, GYRO, STAMP, Rig


def kinds(rig: Rig) -> list[int]:
    return [word.kind for word in rig.words()]


def test_a_slot_is_gyro_accel_timestamp() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(2)
    words = rig.words()
    assert [w.kind for w in words] == [GYRO, ACCEL, STAMP] * 3
    assert [w.xyz for w in words if w.kind == GYRO] == [(i, 10_000 + i, -i - 1) for i in range(3)]
    assert [w.xyz for w in words if w.kind == ACCEL] == [
        (-10_000 - i, 20_000 + i, 30_000 - i) for i in range(3)
    ]


def test_tag_bytes_are_as_st_lays_them_out() -> None:
    # Written down by hand: sensor b7:3, counter b2:1, even parity in b0.
    assert [tag_byte(GYRO, c) for c in range(4)] == [0x09, 0x0A, 0x0C, 0x0F]
    assert [tag_byte(ACCEL, c) for c in range(4)] == [0x11, 0x12, 0x14, 0x17]
    assert [tag_byte(STAMP, c) for c in range(4)] == [0x21, 0x22, 0x24, 0x27]


def test_the_words_of_a_slot_share_a_counter_that_goes_round_in_four() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(9)
    counts = [word.count for word in rig.words()]
    assert counts == [i & 3 for i in range(10) for _ in range(3)]


def test_the_counter_begins_anew_after_bypass() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(2)
    rig.write(0x0A, 0x00)
    rig.write(0x0A, 0x46)
    rig.to_sample(3)
    assert {word.count for word in rig.words()} == {0}


def test_a_timestamp_word_is_the_counter_little_endian_and_two_zeros() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(0)
    stamp = rig.words()[2]
    assert stamp.data[4:] == b"\0\0"
    assert stamp.tick == int.from_bytes(rig.read(0x40, 4), "little")


@pytest.mark.parametrize(
    ("batch", "kind"), [(0x05, ACCEL), (0x50, GYRO), (0x00, None)], ids=["xl", "gy", "none"]
)
def test_a_sensor_whose_batch_rate_is_0_stays_out(batch: int, kind: int | None) -> None:
    rig = Rig()
    rig.sensors_on()
    rig.write(0x09, batch)
    rig.write(0x0A, 0x06)
    rig.to_sample(4)
    assert kinds(rig) == ([kind] * 5 if kind else [])
    assert rig.chip.unbatched == (0 if kind else 5)


def test_a_lower_batch_rate_thins_out() -> None:
    rig = Rig()
    rig.sensors_on()
    rig.write(0x09, 0x53)  # gyro at 208, accelerometer at 52 Hz
    rig.write(0x0A, 0x06)
    rig.to_sample(7)
    assert kinds(rig) == [GYRO, ACCEL, GYRO, GYRO, GYRO] * 2


def test_a_batch_rate_above_the_sensor_s_own_adds_nothing() -> None:
    rig = Rig()
    rig.sensors_on()
    rig.write(0x10, 0x4C)  # accelerometer at 104 Hz
    rig.write(0x09, 0x76)
    rig.write(0x0A, 0x06)
    rig.to_sample(5)
    assert kinds(rig) == [GYRO, ACCEL, GYRO] * 3


@pytest.mark.parametrize(("code", "every"), [(0, None), (1, 1), (2, 8), (3, 32)])
def test_timestamps_come_every_1_8_or_32_slots_or_not_at_all(code: int, every: int | None) -> None:
    rig = Rig()
    rig.stream(code << 6 | 6)
    rig.to_sample(69)
    words = rig.words()
    stamped = [w.xyz[0] for w, nxt in zip(words, words[2:], strict=False) if nxt.kind == STAMP]
    assert stamped == ([] if every is None else list(range(0, 70, every)))


def test_without_timestamp_en_there_are_no_timestamp_words() -> None:
    rig = Rig()
    rig.sensors_on()
    rig.write(0x19, 0x00)
    rig.write(0x0A, 0x46)
    rig.to_sample(3)
    assert kinds(rig) == [GYRO, ACCEL] * 4


def test_another_order_of_words_can_be_asked_for() -> None:
    rig = Rig(layout=SlotLayout(order=(STAMP, ACCEL, GYRO)))
    rig.stream()
    rig.to_sample(1)
    words = rig.words()
    assert [w.kind for w in words] == [STAMP, ACCEL, GYRO] * 2
    assert words[5].xyz == (1, 10_001, -2)


def test_timestamp_words_can_go_without_the_slot_s_counter() -> None:
    rig = Rig(layout=SlotLayout(stamp_counts=False))
    rig.stream()
    rig.to_sample(5)
    words = rig.words()
    assert {w.count for w in words if w.kind == STAMP} == {0}
    assert [w.count for w in words if w.kind == GYRO] == [0, 1, 2, 3, 0, 1]


def test_rates_follow_st_table_of_6667_hz_divided_by_powers_of_two() -> None:
    taken: list[int] = []
    for code in range(1, 11):
        rig = Rig()
        rig.write(0x10, code << 4 | 0x0C)
        rig.write(0x09, code)
        rig.write(0x0A, 0x06)
        rig.wait_us(rig.start_us + 4 * 76_800 - 1 - rig.now_us)
        taken.append(rig.chip.taken)
    assert taken == [4 << i for i in range(5 - 1)] + [64] + [4 << i for i in range(5, 10)]
