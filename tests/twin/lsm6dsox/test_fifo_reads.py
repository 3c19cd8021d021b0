"""Reading the FIFO: bursts, parts of words, nothing there, and any mixture of these."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dowel_host.twin.lsm6dsox.fifo import Fifo
from twin.lsm6dsox.rig import Rig, decode, recording

TAG = 0x78


def stocked(samples: int = 10) -> Rig:
    rig = Rig()
    rig.stream()
    rig.to_sample(samples - 1)
    return rig


def whole_stream(samples: int = 10) -> bytes:
    rig = stocked(samples)
    return rig.read(TAG, 21 * samples)


def test_a_burst_rolls_over_from_the_last_data_byte_to_the_next_tag() -> None:
    words = decode(whole_stream())
    assert len(words) == 30
    assert stocked().chip.fifo.words_read_empty == 0


def test_every_word_read_leaves() -> None:
    rig = stocked()
    rig.read(TAG, 7 * 4)
    assert rig.status()[0] == 26


def test_the_tag_can_be_read_before_the_rest() -> None:
    rig = stocked()
    tag = rig.read(TAG)
    assert rig.read(TAG) == tag, "a word stays until its last byte is read"
    data = rig.read(0x79, 6)
    assert tag + data == whole_stream()[:7]
    assert rig.status()[0] == 29
    assert rig.read(TAG, 7) == whole_stream()[7:14]


def test_a_burst_that_ends_inside_a_word_leaves_it_there() -> None:
    rig = stocked()
    first = rig.read(TAG, 10)
    assert rig.status()[0] == 29
    assert first + rig.read(0x7B, 11) == whole_stream()[:21]
    assert rig.status()[0] == 27


def test_a_burst_that_begins_at_the_tag_reads_a_broken_off_word_again() -> None:
    rig = stocked()
    rig.read(TAG, 10)
    assert rig.read(TAG, 7) == whole_stream()[7:14]


def test_a_word_overwritten_between_tag_and_data_is_torn() -> None:
    rig = stocked(171)
    rig.read(TAG)
    rig.to_sample(171)
    assert rig.read(0x79, 6) != whole_stream()[1:7]


def test_an_empty_fifo_reads_as_zeros_and_that_is_counted() -> None:
    rig = stocked(1)
    rig.read(TAG, 21)
    assert rig.read(TAG, 14) == bytes(14)
    assert rig.status() == (0, 0)
    assert rig.chip.fifo.words_read_empty == 2


def test_a_burst_longer_than_the_content_ends_in_zeros() -> None:
    rig = stocked(1)
    raw = rig.read(TAG, 28)
    assert raw == whole_stream(1) + bytes(7)
    assert rig.chip.fifo.words_read_empty == 1


def test_without_if_inc_the_tag_is_all_there_is() -> None:
    rig = stocked()
    rig.write(0x12, 0x40)
    tag = whole_stream()[:1]
    assert rig.read(TAG, 9) == tag * 9
    assert rig.level() == 30


reads = st.lists(st.integers(1, 60), min_size=1, max_size=60)


@given(reads)
def test_reads_of_any_length_that_go_on_where_the_last_ended_give_one_stream(
    lengths: list[int],
) -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(99)
    expected = whole_stream(100)
    got = b""
    for length in lengths:
        here = min(length, len(expected) - len(got))
        got += rig.read(TAG + len(got) % 7, here)
    assert got == expected[: len(got)]
    assert rig.level() == 300 - len(got) // 7


steps = st.lists(
    st.tuples(st.sampled_from(["wait", "wait", "read"]), st.integers(0, 90)), max_size=60
)


@given(steps, st.sampled_from([0x06, 0x46, 0x86]), st.booleans())
@settings(max_examples=150)
def test_each_word_comes_once_in_order_unless_counted_as_overwritten(
    plan: list[tuple[str, int]], fifo_ctrl4: int, accel: bool
) -> None:
    rig = Rig(recording(6_000))
    rig.sensors_on()
    rig.write(0x09, 0x55 if accel else 0x50)
    rig.write(0x0A, fifo_ctrl4)
    fifo = rig.chip.fifo
    seen: list[int] = []
    for what, amount in plan:
        if what == "wait":
            rig.wait_us(amount * 9_000)
        else:
            words = decode(rig.read(TAG, 7 * min(amount, rig.level())))
            seen += [w.xyz[0] for w in words if w.kind == 1]
    assert seen == sorted(set(seen)), "in order, none twice"
    assert fifo.words_read_empty == 0
    assert rig.chip.taken == rig.chip.batched
    assert fifo.batched == fifo.delivered + fifo.overwritten + fifo.flushed + fifo.unread
    if not fifo.overwritten:
        assert seen == list(range(len(seen)))
    rest = [w.xyz[0] for w in rig.words() if w.kind == 1]
    assert fifo.batched == fifo.delivered + fifo.overwritten
    lost = rig.chip.taken - len(seen) - len(rest)
    # A slot of which only later words were overwritten has still shown its gyro word.
    assert lost <= fifo.overwritten


slot_sizes = st.lists(
    st.one_of(st.integers(1, 3), st.integers(-200, -1), st.just(0)), min_size=1, max_size=400
)


@given(slot_sizes)
def test_the_fifo_agrees_with_a_plain_list_of_words(plan: list[int]) -> None:
    """Positive: a slot of so many words enters. Negative: so many words are read. 0: cleared."""
    fifo, model, fates = Fifo(), list[tuple[int, int]](), dict[int, str]()
    slots = 0
    for amount in plan * 3:
        if amount > 0:
            fifo.put(b"".join(bytes([slots & 0xFF, k, 0, 0, 0, 0, 0]) for k in range(amount)))
            model += [(slots, k) for k in range(amount)]
            slots += 1
            for slot, _ in model[:-512]:
                fates[slot] = "overwritten"
            del model[:-512]
        elif amount < 0:
            count = min(-amount, len(model))
            raw = fifo.read(0, 7 * count)
            assert [(raw[i], raw[i + 1]) for i in range(0, len(raw), 7)] == [
                (slot & 0xFF, k) for slot, k in model[:count]
            ]
            del model[:count]
        else:
            for slot, _ in model:
                fates.setdefault(slot, "flushed")
            model.clear()
            fifo.clear()
    here = {slot for slot, _ in model if slot not in fates}
    fate = list(fates.values())
    assert len(fifo) == len(model)
    assert fifo.batched == slots
    assert fifo.overwritten == fate.count("overwritten")
    assert fifo.flushed == fate.count("flushed")
    assert fifo.unread == len(here)
    assert fifo.delivered == slots - len(here) - len(fate)
