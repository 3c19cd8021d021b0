"""What a recording is, which sensor plays which role, and what is said of a wrong one."""

import struct

import numpy as np
import pytest

from dowel_host.errors import RecordingError
from dowel_host.recording import recording_from_arrays

N = 6


def counts(first=0):
    return np.arange(first, first + 3 * N, dtype=np.int16).reshape(N, 3)


def arrays_of(*sites, **others):
    arrays = {"t_us": np.arange(N, dtype=np.int32) * 4808, "fs": np.asarray(208.0)}
    for k, site in enumerate(sites):
        suffix = f"_{site}" if site else ""
        arrays[f"gyr{suffix}"] = counts(100 * k)
        arrays[f"acc{suffix}"] = counts(100 * k + 50)
    return arrays | others


ONE = ("",)
SPINE = ("pelvis", "t12", "c7")


class TestRoles:
    def test_the_only_sensor_is_the_upper_one(self):
        recording = recording_from_arrays("r", arrays_of(*ONE))
        assert recording.roles == {"upper": "sensor"}

    def test_pelvis_t12_and_c7_are_lower_upper_and_top(self):
        recording = recording_from_arrays("r", arrays_of(*SPINE))
        assert recording.roles == {"lower": "pelvis", "upper": "t12", "top": "c7"}

    def test_an_option_names_another_site(self):
        recording = recording_from_arrays("r", arrays_of("pelvis", "t12", "l5"), upper="l5")
        assert recording.roles == {"lower": "pelvis", "upper": "l5"}

    def test_a_site_taken_by_an_option_loses_its_usual_role(self):
        recording = recording_from_arrays("r", arrays_of(*SPINE), upper="pelvis")
        assert recording.roles == {"upper": "pelvis", "top": "c7"}

    def test_an_unknown_site_is_answered_with_the_sites_there_are(self):
        with pytest.raises(RecordingError, match="no site 'L5'; give --lower one of: c7, pelvis"):
            recording_from_arrays("r", arrays_of("pelvis", "c7"), lower="L5")

    def test_unusual_sites_need_the_options(self):
        with pytest.raises(RecordingError, match=r"sites left, right and none of pelvis.*--lower"):
            recording_from_arrays("r", arrays_of("left", "right"))
        chosen = recording_from_arrays(
            "r", arrays_of("left", "right"), lower="left", upper="right"
        )
        assert chosen.roles == {"lower": "left", "upper": "right"}

    def test_one_site_cannot_play_both_roles(self):
        with pytest.raises(RecordingError, match="two different sites"):
            recording_from_arrays("r", arrays_of(*SPINE), lower="t12", upper="t12")


class TestBlocks:
    def test_a_sample_is_gyro_accelerometer_and_tick_in_16_bytes(self):
        arrays = arrays_of(*ONE)
        block = recording_from_arrays("r", arrays).block("upper")
        for i, sample in enumerate(struct.iter_unpack("<6hI", block)):
            assert sample[0:3] == tuple(arrays["gyr"][i])
            assert sample[3:6] == tuple(arrays["acc"][i])
            assert sample[6] == arrays["t_us"][i] // 25

    def test_the_tick_rolls_over_at_32_bits(self):
        t_us = np.array([25 * 2**32 - 25, 25 * 2**32, 25 * 2**32 + 50], np.int64) // 25
        arrays = arrays_of(*ONE, t_us=t_us, gyr=counts()[:3], acc=counts()[:3])
        recording = recording_from_arrays("r", arrays)
        far = recording.t_us * 25  # 30 hours: past what is accepted of a file
        object.__setattr__(recording, "t_us", far)
        assert [s[6] for s in struct.iter_unpack("<6hI", recording.block("upper"))] == [
            2**32 - 1,
            0,
            2,
        ]

    @pytest.mark.parametrize("samples", [1, 4, 5, 6, 32])
    def test_blocks_of_any_size_hold_the_same_samples(self, samples):
        recording = recording_from_arrays("r", arrays_of(*SPINE))
        blocks = list(recording.blocks("lower", samples))
        assert b"".join(blocks) == recording.block("lower")
        assert {len(block) for block in blocks[:-1]} <= {16 * samples}

    def test_each_role_has_its_own_sensor(self):
        recording = recording_from_arrays("r", arrays_of(*SPINE))
        assert len({recording.block(role) for role in ("lower", "upper", "top")}) == 3

    def test_a_role_without_a_sensor_has_no_samples(self):
        with pytest.raises(KeyError):
            recording_from_arrays("r", arrays_of(*ONE)).block("lower")


class TestTruth:
    def test_is_kept_where_it_is_known(self):
        truth = {"gref": np.ones((N, 3), np.float32), "rep_start_us": np.array([5], np.int32)}
        recording = recording_from_arrays("r", arrays_of(*ONE, **truth))
        assert set(recording.truth) == set(truth)

    def test_a_gap_in_time_is_no_error(self):
        t_us = np.array([0, 1, 2, 3, 900_000, 900_001], np.int32)
        assert recording_from_arrays("r", arrays_of(*ONE, t_us=t_us)).duration_us == 900_001

    def test_a_missing_rate_is_measured(self):
        arrays = arrays_of(*ONE)
        del arrays["fs"]
        assert recording_from_arrays("r", arrays).rate_hz == pytest.approx(1e6 / 4808)

    def test_unknown_arrays_are_ignored(self):
        strange = {"weather": np.array(["rain"]), "accent": np.zeros(2)}
        assert recording_from_arrays("r", arrays_of(*ONE, **strange)).truth == {}


WRONG = {
    "no clock": ({"t_us": None}, "has no 't_us'"),
    "no accelerometer": ({"acc": None}, "has no 'acc'"),
    "no gyro": ({"gyr": None}, "has no 'gyr'"),
    "no sensor": ({"acc": None, "gyr": None}, "holds no sensor"),
    "no samples": (
        {"t_us": np.zeros(0, np.int32), "acc": counts()[:0], "gyr": counts()[:0]},
        "holds no samples",
    ),
    "clock of floats": ({"t_us": np.zeros(N)}, "'t_us'.*must be integer and is float64"),
    "clock standing still": (
        {"t_us": np.array([0, 1, 2, 2, 3, 4], np.int32)},
        "'t_us'.*must increase and does not after sample 2",
    ),
    "clock before zero": ({"t_us": np.arange(-1, N - 1)}, "within 12 hours from 0"),
    "clock of days": ({"t_us": np.arange(N) * 10**11}, "within 12 hours from 0"),
    "table for a clock": ({"t_us": counts().astype(np.int32)}, r"shape \(n,\) and has \(6, 3\)"),
    "g instead of counts": ({"acc": counts() * 0.001}, "'acc'.*int16 counts and is float"),
    "wider counts": ({"gyr": counts().astype(np.int32)}, "'gyr'.*int16 counts and is int32"),
    "unsigned counts": ({"gyr": counts().astype(np.uint16)}, "'gyr'.*int16 counts and is uint16"),
    "two axes": ({"acc": counts()[:, :2]}, r"'acc'.*shape \(6, 3\) and has \(6, 2\)"),
    "axes first": ({"acc": counts().T}, r"'acc'.*shape \(6, 3\) and has \(3, 6\)"),
    "one sample less": ({"gyr": counts()[1:]}, r"'gyr'.*shape \(6, 3\) and has \(5, 3\)"),
    "a rate of nothing": ({"fs": np.asarray(0.0)}, "'fs'.*rate in Hz and is 0"),
    "no number for a rate": ({"fs": np.asarray(np.nan)}, "'fs'.*rate in Hz and is nan"),
    "words for a rate": ({"fs": np.asarray("fast")}, "'fs'.*must be number"),
    "truth too short": ({"gref": np.ones((N - 1, 3))}, r"'gref'.*shape \(6, 3\)"),
    "truth of another kind": ({"movement": np.ones(N)}, "'movement'.*must be bool"),
    "reps that do not match": (
        {"rep_start_us": np.zeros(2, np.int32), "rep_end_us": np.zeros(3, np.int32)},
        r"'rep_end_us'.*shape \(2,\) and has \(3,\)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_recording_is_named_with_its_fault_and_its_remedy(case):
    changes, message = WRONG[case]
    arrays = {k: v for k, v in arrays_of(*ONE, **changes).items() if v is not None}
    with pytest.raises(RecordingError, match=message) as caught:
        recording_from_arrays("some.npz", arrays)
    sentence = str(caught.value)
    assert sentence.startswith("some.npz ")
    assert "\n" not in sentence
    assert sentence.endswith(f"; {caught.value.remedy}.")


def test_a_site_with_half_a_sensor_is_named():
    arrays = arrays_of(*SPINE)
    del arrays["gyr_t12"]
    with pytest.raises(RecordingError, match="has no 'gyr_t12'"):
        recording_from_arrays("r", arrays)
