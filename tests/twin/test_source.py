"""Sources: recordings, functions of time, and when a scene begins."""

import numpy as np
import pytest

from dowel_host.twin.source import (
    CallableSource,
    RecordingSource,
    SampledSource,
    Scene,
    SourceError,
)

T = [0, 1_000, 3_000]
GYR = [[0, 10, -10], [100, 20, -20], [300, 20, 32_767]]
ACC = [[1, 2, 3], [5, 6, 7], [-32_768, 6, 7]]


def test_a_recording_gives_its_samples_at_their_instants() -> None:
    source = RecordingSource(T, GYR, ACC)
    for i, t in enumerate(T):
        assert source.at(t) == (*GYR[i], *ACC[i])
    assert source.counts[2].tolist() == [*GYR[2], *ACC[2]]
    assert source.duration_us == 3_000


def test_between_samples_a_recording_is_linear_and_its_ends_are_held() -> None:
    source = RecordingSource(T, GYR, ACC)
    assert source.at(250) == (25, 12.5, -12.5, 2, 3, 4)
    assert source.at(2_000)[0] == 200
    assert source.at(-5) == source.at(0)
    assert source.at(9_999) == source.at(3_000)


def test_many_moments_at_once_give_the_same_as_one_by_one() -> None:
    source = RecordingSource(T, GYR, ACC)
    t = np.linspace(0, 3_000, 50)
    np.testing.assert_array_equal(source.interpolate(t), [source.at(x) for x in t])


def test_a_recording_has_instants_of_its_own_and_a_function_has_none() -> None:
    assert isinstance(RecordingSource(T, GYR, ACC), SampledSource)
    assert not isinstance(CallableSource(lambda _t: (0, 0, 0, 0, 0, 0), 1), SampledSource)


@pytest.mark.parametrize(
    ("t_us", "gyr", "acc", "why"),
    [
        ([], [], [], "t_us"),
        ([[0], [1]], GYR, ACC, "t_us"),
        ([0, 1_000, 1_000], GYR, ACC, "increase"),
        ([-1, 1_000, 2_000], GYR, ACC, "0 or later"),
        (T, GYR[:2], ACC, "gyr"),
        (T, GYR, [[1, 2]] * 3, "acc"),
        (T, GYR, [[1, 2, 40_000]] * 3, "acc"),
        (T, [[0.5, 0, 0]] * 3, ACC, "gyr"),
    ],
)
def test_arrays_that_make_no_recording_are_refused_with_the_reason(
    t_us: list[int], gyr: list[list[int]], acc: list[list[int]], why: str
) -> None:
    with pytest.raises(SourceError, match=why):
        RecordingSource(t_us, gyr, acc)


def test_a_function_answers_in_dps_and_g() -> None:
    source = CallableSource(lambda t: (t, 35.0, -3.5, 1.0, -0.244, 0), 5_000)
    gx, gy, gz, ax, ay, az = source.at(70)
    assert (gx, gy, gz) == pytest.approx((2_000, 1_000, -100))
    assert (ax, ay, az) == pytest.approx((4098.36, -1_000, 0), abs=0.01)


def test_a_scene_begins_10_ms_after_the_first_fifo_and_not_again() -> None:
    scene = Scene()
    assert scene.start_us is None
    scene.fifo_started(2_000)
    scene.fifo_started(5_000)
    assert scene.start_us == 12_000


def test_a_scene_with_a_time_of_its_own_waits_for_no_fifo() -> None:
    scene = Scene(start_us=77)
    scene.fifo_started(2_000)
    assert scene.start_us == 77
