"""Recordings on disk: what is written is read, and nothing on a disk is more than one sentence."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowel_host import recording_file
from dowel_host.errors import RecordingError
from dowel_host.recording import Recording, recording_from_arrays
from dowel_host.recording_file import load_recording, save_recording

N = 40


def some_arrays():
    rng = np.random.default_rng(3)
    counts = rng.integers(-32768, 32768, (4, N, 3)).astype(np.int16)
    return {
        "t_us": np.arange(N, dtype=np.int32) * 4808,
        "fs": np.asarray(208.0),
        "gyr_pelvis": counts[0],
        "acc_pelvis": counts[1],
        "gyr_t12": counts[2],
        "acc_t12": counts[3],
        "trunk_deg": np.linspace(0, 70, N, dtype=np.float32),
        "rep_label": np.array(["deadlift", "swing"]),
    }


def packed(arrays, compressed=True):
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("recordings") / "some.npz"


class TestWriting:
    @pytest.mark.parametrize("hours", [0, 1])
    def test_what_is_written_is_read(self, tmp_path, hours):
        arrays = some_arrays()
        arrays["t_us"] = arrays["t_us"] + np.int64(hours * 3_600_000_000)
        save_recording(tmp_path / "r.npz", recording_from_arrays("r", arrays))
        back = load_recording(tmp_path / "r.npz").arrays()
        assert set(back) == set(arrays)
        for key, array in arrays.items():
            np.testing.assert_array_equal(back[key], array)

    def test_the_clock_is_int32_while_it_fits(self, tmp_path):
        save_recording(tmp_path / "r.npz", recording_from_arrays("r", some_arrays()))
        assert np.load(tmp_path / "r.npz")["t_us"].dtype == np.int32

    def test_the_name_is_kept_as_given(self, tmp_path):
        save_recording(tmp_path / "noextension", recording_from_arrays("r", some_arrays()))
        assert [file.name for file in tmp_path.iterdir()] == ["noextension"]

    def test_a_place_that_is_not_there_is_said(self, tmp_path):
        with pytest.raises(RecordingError, match=r"cannot be written .*choose another place"):
            save_recording(tmp_path / "no" / "r.npz", recording_from_arrays("r", some_arrays()))

    def test_a_disk_that_fills_up_leaves_no_half_file(self, tmp_path, monkeypatch):
        def full(file, **_):
            file.write(b"PK\3\4")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(np, "savez_compressed", full)
        with pytest.raises(RecordingError, match="No space left"):
            save_recording(tmp_path / "r.npz", recording_from_arrays("r", some_arrays()))
        assert list(tmp_path.iterdir()) == []


class TestReading:
    def refuse(self, path, message):
        with pytest.raises(RecordingError, match=message) as caught:
            load_recording(path)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)

    def test_a_missing_file(self, tmp_path):
        self.refuse(tmp_path / "no.npz", "does not exist; give the path of a recording")

    def test_a_folder(self, tmp_path):
        self.refuse(tmp_path, "is a folder; give the path of a recording")

    def test_a_path_through_a_file(self, path):
        path.write_bytes(b"")
        self.refuse(path / "more", "cannot be read")

    def test_an_empty_file(self, path):
        path.write_bytes(b"")
        self.refuse(path, "is empty")

    @pytest.mark.parametrize("content", [b"time,ax\n0,1\n", b"\x93NUMPY", b"\x80\x04N."])
    def test_a_file_of_another_kind(self, path, content):
        path.write_bytes(content)
        self.refuse(path, "is no recording")

    def test_a_cut_file(self, path):
        path.write_bytes(packed(some_arrays())[:-100])
        self.refuse(path, "is cut off or damaged")

    def test_another_archive(self, path):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("t_us", "0 1 2")
        self.refuse(path, "'t_us'.*must be integer")

    def test_pickled_content_is_never_opened(self, path):
        bomb = np.array([pytest.fail], object)
        path.write_bytes(packed({**some_arrays(), "gyr_t12": bomb}))
        self.refuse(path, "holds Python objects in 'gyr_t12'")

    def test_more_than_fits_into_memory(self, path, monkeypatch):
        monkeypatch.setattr(recording_file, "MAX_UNPACKED_BYTES", 1000)
        path.write_bytes(packed(some_arrays()))
        self.refuse(path, "unpacks to .*cut it into several")

    def test_a_header_that_claims_a_huge_array(self, path):
        header = io.BytesIO()
        claim = {"descr": "<i2", "fortran_order": False, "shape": (1 << 60, 3)}
        np.lib.format.write_array_header_1_0(header, claim)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("acc.npy", header.getvalue())
        self.refuse(path, "is cut off or damaged")

    def test_the_options_reach_the_roles(self, path):
        path.write_bytes(packed(some_arrays()))
        assert load_recording(path, upper="pelvis").roles == {"upper": "pelvis"}


def assert_read_or_refused(path):
    # Anything but a recording or a RecordingError ends the test.
    try:
        load_recording(path)
        refusal = ""
    except RecordingError as error:
        refusal = str(error)
    assert "\n" not in refusal, refusal


@given(data=st.data(), compressed=st.booleans())
def test_no_damage_to_the_file_ends_in_anything_but_one_sentence(path, data, compressed):
    content = bytearray(packed(some_arrays(), compressed))
    for _ in range(data.draw(st.integers(1, 4), "damages")):
        at = data.draw(st.integers(0, len(content) - 1), "at")
        match data.draw(st.sampled_from(["flip", "cut", "insert", "delete"]), "damage"):
            case "flip":
                content[at] ^= data.draw(st.integers(1, 255), "bits")
            case "cut":
                del content[at + 1 :]
            case "insert":
                content[at:at] = data.draw(st.binary(min_size=1, max_size=8), "bytes")
            case "delete":
                del content[at : at + data.draw(st.integers(1, 8), "length")]
        if not content:
            break
    path.write_bytes(content)
    assert_read_or_refused(path)


@given(
    key=st.sampled_from(["t_us", "fs", "acc_t12", "rep_label"]),
    at=st.integers(0, 127),
    text=st.binary(min_size=1, max_size=6) | st.sampled_from([b"(", b"[" * 6, b"'", b"O", b"-1"]),
)
def test_no_damage_to_an_arrays_header_does_either(path, key, at, text):
    # Past the archive's checksum: the header's bytes are damaged before they are packed.
    array = io.BytesIO()
    np.save(array, some_arrays()[key])
    content = bytearray(array.getvalue())
    content[at : at + len(text)] = text
    others = {name: array for name, array in some_arrays().items() if name != key}
    path.write_bytes(packed(others))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{key}.npy", bytes(content))
    assert_read_or_refused(path)


def test_every_recording_at_hand_is_read(recordings_dir):
    files = sorted(recordings_dir.glob("*.npz"))
    assert files
    for file in files:
        assert isinstance(load_recording(file), Recording)
