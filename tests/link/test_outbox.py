"""Reps that wait for a host: kept until acknowledged, the oldest given up last of all."""

from hypothesis import given
from hypothesis import strategies as st

from dowel_host.core_loader import load_viper_module
from dowel_host.messages import Rep, decode

outbox = load_viper_module("dowel.link.outbox")

MARKS = (60_000, 1200, 1500, 1600, 3000, 7000, 1000, 2, 1)


def filled(count: int):
    box = outbox.Outbox(77)
    for _ in range(count):
        box.put(*MARKS)
    return box


def test_a_rep_comes_out_as_it_went_in() -> None:
    box = filled(3)
    assert decode(bytes(box.message(2))) == (2, Rep(77, 2, *MARKS))


def test_an_acknowledged_rep_is_forgotten_and_no_other() -> None:
    box = filled(5)
    assert box.acknowledge(77, 3)
    assert (box.oldest, len(box)) == (4, 2)
    assert box.acknowledge(77, 2), "an old acknowledgement does no harm"
    assert (box.oldest, len(box)) == (4, 2)


def test_what_was_never_sent_cannot_be_acknowledged() -> None:
    box = filled(5)
    assert not box.acknowledge(77, 6)
    assert not box.acknowledge(78, 3)
    assert len(box) == 5


def test_a_host_gets_what_it_lacks() -> None:
    box = filled(5)
    assert box.after(77, 2) == 3
    assert box.after(77, 5) == 6
    assert box.after(0, 0) == 1
    assert box.after(78, 2) == 1, "another epoch: all of this one"
    box.acknowledge(77, 3)
    assert box.after(77, 1) == 4, "what is forgotten cannot be sent"


def test_when_full_the_oldest_gives_way_and_is_counted() -> None:
    box = filled(outbox.CAPACITY + 3)
    assert (len(box), box.oldest, box.overwritten) == (outbox.CAPACITY, 4, 3)
    assert decode(bytes(box.message(4)))[1] == Rep(77, 4, *MARKS)


@given(st.lists(st.one_of(st.just("put"), st.integers(0, 30)), max_size=60))
def test_nothing_is_lost_but_by_acknowledgement(steps) -> None:
    box = outbox.Outbox(1)
    made = acknowledged = 0
    for step in steps:
        if step == "put":
            box.put(*MARKS)
            made += 1
        elif box.acknowledge(1, step):
            acknowledged = max(acknowledged, step)
    assert len(box) == made - acknowledged
    for seq in range(acknowledged + 1, made + 1):
        assert decode(bytes(box.message(seq)))[1] == Rep(1, seq, *MARKS)


def test_memory_that_runs_out_costs_the_oldest_and_they_are_counted(monkeypatch) -> None:
    box = filled(3 * outbox.CHUNK - 1)

    def full(_size: int) -> bytearray:
        raise MemoryError

    monkeypatch.setattr(outbox, "bytearray", full, raising=False)
    box.put(*MARKS)
    # The chunk of 1 to CHUNK - 1 gave way; sequence numbers go on.
    assert box.oldest == outbox.CHUNK
    assert box.overwritten == outbox.CHUNK - 1
    assert decode(bytes(box.message(3 * outbox.CHUNK)))[1] == Rep(77, 3 * outbox.CHUNK, *MARKS)


def test_memory_goes_back_when_reps_are_acknowledged() -> None:
    box = filled(10 * outbox.CHUNK)
    box.acknowledge(77, 10 * outbox.CHUNK)
    assert sum(len(chunk) for chunk in box._chunks.values()) <= outbox.CHUNK * 26
