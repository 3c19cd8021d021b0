"""Small files: read as written, or told to be broken; never half of each."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowel_host.core_loader import load_viper_module

document = load_viper_module("dowel.store.document")

VALUES = {"upper_gyro_scale": [65536, 65500, 65600], "n": 3}


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = str(tmp_path / "file.json")
    document.save(path, VALUES)
    assert document.load(path) == VALUES
    document.save(path, {"n": 4})
    assert document.load(path) == {"n": 4}
    assert [one.name for one in tmp_path.iterdir()] == ["file.json"]


def test_no_file_is_no_fault(tmp_path: Path) -> None:
    assert document.load(str(tmp_path / "none.json")) is None


def test_a_file_that_was_not_renamed_yet_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    document.save(str(path), VALUES)
    (tmp_path / "file.json.new").write_bytes(b'{"n": 5}')
    assert document.load(str(path)) == VALUES


@given(data=st.data())
def test_no_damage_goes_unnoticed(data, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("damage") / "file.json"
    document.save(str(path), VALUES)
    good = path.read_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    damaged = data.draw(
        st.one_of(
            st.just(good[:place]),
            st.integers(1, 255).map(
                lambda bits: good[:place] + bytes((good[place] ^ bits,)) + good[place + 1 :]
            ),
            st.binary(max_size=60),
        )
    )
    path.write_bytes(damaged)
    line, _, crc = good.partition(b"\n")
    if damaged.startswith(line + b"\n") and damaged[len(line) + 1 :].lower() == crc:
        # Another letter case of the CRC is the same number.
        assert document.load(str(path)) == VALUES
        return
    with pytest.raises(document.BrokenDocument) as caught:
        document.load(str(path))
    assert caught.value.path == str(path)
