"""FIFO words into sample sets: any order in a slot, any burst ends, nothing wrong let through."""

import itertools
import random
import struct
from collections.abc import Sequence

import pytest

from dowel_host.core_loader import load_viper_module

fifo = load_viper_module("dowel.drivers.fifo")

GYRO, ACCEL, TEMPERATURE, TIMESTAMP = 1, 2, 3, 4


def word(kind: int, slot: int, data: bytes) -> bytes:
    tag = kind << 3 | (slot & 3) << 1
    return bytes((tag | tag.bit_count() % 2,)) + data.ljust(6, b"\0")


ORDERS = list(itertools.permutations(range(3)))


def slot_words(
    index: int,
    rng: random.Random,
    order: tuple[int, ...] = (0, 1, 2),
    *,
    stamp_counts: bool = True,
) -> tuple[list[bytes], bytes]:
    """Words of a time slot in the chip's order, and the set they make."""
    gyr = struct.pack("<3h", *(rng.randint(-32768, 32767) for _ in range(3)))
    acc = struct.pack("<3h", *(rng.randint(-32768, 32767) for _ in range(3)))
    tick = struct.pack("<I", rng.getrandbits(32))
    stamp = word(TIMESTAMP, index if stamp_counts else 0, tick)
    words = [word(GYRO, index, gyr), word(ACCEL, index, acc), stamp]
    return [words[place] for place in order], gyr + acc + tick


def parse(words: list[bytes], ends: list[int] | None = None) -> tuple[bytes, Sequence[int]]:
    """Parse words in bursts that end where `ends` says."""
    state = fifo.new_state()
    out = b""
    start = 0
    for end in [*(ends or []), len(words)]:
        burst = b"".join(words[start:end])
        block = bytearray(16 * (end - start + 1))
        out += bytes(
            block[: 16 * fifo.parse(state, bytearray(burst or b"\0"), end - start, block)]
        )
        start = end
    return out, state


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("seed", range(5))
def test_sets_do_not_depend_on_where_bursts_end_nor_on_the_order_in_a_slot(
    seed: int, order: tuple[int, ...]
) -> None:
    rng = random.Random(seed)
    slots = [slot_words(index, rng, order) for index in range(40)]
    words = [one for of_slot, _ in slots for one in of_slot]
    ends = sorted(rng.sample(range(len(words)), 15))
    out, state = parse(words, ends)
    assert out == b"".join(expected for _, expected in slots)
    assert state[fifo.BAD] == state[fifo.INCOMPLETE] == 0


@pytest.mark.parametrize("stamp_first", [True, False])
def test_a_timestamp_whose_counter_stands_still_finds_its_samples(stamp_first: bool) -> None:
    rng = random.Random(3)
    order = (2, 0, 1) if stamp_first else (0, 1, 2)
    slots = [slot_words(index, rng, order, stamp_counts=False) for index in range(12)]
    out, state = parse([one for of_slot, _ in slots for one in of_slot], [7, 8])
    assert out == b"".join(expected for _, expected in slots)
    assert state[fifo.INCOMPLETE] == 0


@pytest.mark.parametrize("stamp_counts", [True, False])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
@pytest.mark.parametrize("lost", [6, 7, 8])
def test_a_lost_word_costs_its_set_alone_and_is_counted(
    lost: int, order: tuple[int, ...], stamp_counts: bool
) -> None:
    rng = random.Random(1)
    slots = [slot_words(index, rng, order, stamp_counts=stamp_counts) for index in range(9)]
    words = [one for of_slot, _ in slots for one in of_slot]
    del words[lost]
    out, state = parse(words)
    assert out == b"".join(slots[index][1] for index in range(9) if index != 2)
    assert state[fifo.INCOMPLETE] >= 1


def test_a_wrong_parity_and_a_foreign_tag_are_counted_and_left_out() -> None:
    rng = random.Random(2)
    words, expected = slot_words(0, rng)
    wrong = bytes((words[0][0] ^ 1,)) + words[0][1:]
    foreign = word(TEMPERATURE, 0, b"\1\2")
    out, state = parse([wrong, foreign, *words])
    assert out == expected
    assert state[fifo.BAD] == 2


def test_every_tag_but_the_three_expected_is_refused() -> None:
    for kind in range(32):
        _, state = parse([word(kind, 1, b"\1\2\3\4\5\6")])
        assert state[fifo.BAD] == (0 if kind in (GYRO, ACCEL, TIMESTAMP) else 1)
