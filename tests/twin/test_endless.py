"""Sources that never end: what a standing board's sensors measure for as long as it stands."""

import numpy as np
import pytest

from dowel_host.twin.endless import FOREVER_US, Held, Looping
from dowel_host.twin.source import RecordingSource

STEP_US = 5_000
SAMPLES = 40


@pytest.fixture
def recorded():
    """Give a recording that begins 2 ms after its zero, each sample another."""
    t_us = 2_000 + STEP_US * np.arange(SAMPLES)
    numbers = np.arange(SAMPLES * 3, dtype=np.int16).reshape(SAMPLES, 3)
    return RecordingSource(t_us, numbers, -numbers)


def test_a_loop_is_the_recording_again_and_again(recorded):
    source = Looping(recorded)
    first = [source.at(i * STEP_US) for i in range(SAMPLES)]
    assert np.array_equal(first, recorded.counts)
    for turn in (1, 2, 10_000):
        start_us = turn * SAMPLES * STEP_US
        assert [source.at(start_us + i * STEP_US) for i in range(SAMPLES)] == first


def test_between_two_samples_of_a_loop_it_is_linear(recorded):
    one, other = Looping(recorded).at(3 * STEP_US), Looping(recorded).at(4 * STEP_US)
    between = Looping(recorded).at(3.5 * STEP_US)
    assert between == pytest.approx(np.mean([one, other], axis=0))


def test_what_is_held_is_the_recording_once_and_then_does_not_turn(recorded):
    source = Held(recorded)
    assert source.at(recorded.duration_us) == tuple(recorded.counts[-1])
    for after_us in (1, STEP_US, 3_600_000_000):
        counts = source.at(recorded.duration_us + after_us)
        assert counts[:3] == (0.0, 0.0, 0.0)
        assert counts[3:] == tuple(recorded.counts[-1][3:])


@pytest.mark.parametrize("endless", [Looping, Held])
def test_both_last(recorded, endless):
    assert endless(recorded).duration_us == FOREVER_US
    assert len(endless(recorded).at(FOREVER_US)) == 6


def test_a_single_sample_can_be_looped():
    source = Looping(RecordingSource([0], [[1, 2, 3]], [[4, 5, 6]]))
    assert source.at(0) == source.at(1_000_000) == (1, 2, 3, 4, 5, 6)
