"""What the chip counts: every sample set due ends in exactly one counter."""

from hypothesis import given
from hypothesis import strategies as st

from twin.lsm6dsox.rig import GYRO, STAMP, Rig, recording


def test_a_run_without_loss_counts_every_sample_once() -> None:
    rig = Rig(recording(300))
    rig.stream()
    for i in range(0, 300, 10):
        rig.to_sample(i)
        rig.words()
    rig.to_sample(299)
    rig.words()
    chip = rig.chip
    assert (chip.taken, chip.batched, chip.fifo.delivered) == (300, 300, 300)
    assert (chip.dropped, chip.unbatched, chip.refused, chip.overwritten) == (0, 0, 0, 0)


def test_drop_keeps_the_next_sample_sets_away_and_counts_them() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(4)
    rig.chip.drop = 3
    rig.to_sample(9)
    words = rig.words()
    assert [w.xyz[0] for w in words if w.kind == GYRO] == [0, 1, 2, 3, 4, 8, 9]
    assert (rig.chip.taken, rig.chip.dropped, rig.chip.batched) == (10, 3, 7)
    assert rig.chip.drop == 0


def test_a_dropped_set_is_a_gap_in_the_ticks() -> None:
    rig = Rig()
    rig.stream()
    rig.chip.drop = 1
    rig.to_sample(3)
    stamps = [w.tick for w in rig.words() if w.kind == STAMP]
    assert stamps[0] == (10_000 + 4_807) // 25
    assert len(stamps) == 3


def test_a_dropped_set_does_not_reach_the_output_registers() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(5)
    rig.chip.drop = 1
    rig.to_sample(6)
    assert rig.read(0x22, 2) == b"\x05\x00"


def test_drop_unread_takes_the_next_slots_out_of_the_fifo_and_counts_them() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(4)
    rig.chip.fifo.drop_unread = 3
    rig.to_sample(9)
    words = rig.words()
    assert [w.xyz[0] for w in words if w.kind == GYRO] == [0, 1, 2, 3, 4, 8, 9]
    assert (rig.chip.batched, rig.chip.fifo.dropped, rig.chip.fifo.delivered) == (10, 3, 7)
    assert rig.chip.fifo.drop_unread == 0


def test_what_is_due_while_the_fifo_is_off_is_counted_apart() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(4)
    rig.write(0x0A, 0x00)
    rig.to_sample(9)
    assert (rig.chip.taken, rig.chip.batched, rig.chip.unbatched) == (10, 5, 5)


WHAT = ["wait", "wait", "read", "bypass", "continuous", "fifo", "drop", "vanish", "xl", "g"]
actions = st.lists(st.tuples(st.sampled_from(WHAT), st.integers(0, 120)), max_size=40)


@given(actions)
def test_every_sample_set_ends_in_exactly_one_counter(plan: list[tuple[str, int]]) -> None:
    rig = Rig(recording(5_000))
    rig.stream()
    for what, amount in plan:
        match what:
            case "wait":
                rig.wait_us(amount * 5_000)
            case "read":
                rig.read(0x78, amount)
            case "drop":
                rig.chip.drop += amount % 8
            case "vanish":
                rig.chip.fifo.drop_unread += amount % 8
            case "xl":
                rig.write(0x10, 0x5C if amount % 2 else 0x0C)
            case "g":
                rig.write(0x11, 0x58 if amount % 2 else 0x08)
            case mode:
                rig.write(0x0A, 0x40 | {"bypass": 0, "fifo": 1, "continuous": 6}[mode])
    chip, fifo = rig.chip, rig.chip.fifo
    assert chip.taken == chip.dropped + chip.unbatched + chip.refused + chip.batched
    gone = fifo.delivered + fifo.overwritten + fifo.flushed + fifo.dropped
    assert fifo.batched == gone + fifo.unread
