"""Damaged libraries and files full of anything: one sentence, and the file stays as it is."""

from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowel_host.library import Library, LibraryError
from host.library.refusal import refused
from host.library.rig import DEVICE, MAGIC, SOME_UTC_MS, change, contents, rep


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch")


@contextmanager
def one_sentence():
    """Nothing but a LibraryError may come, if anything comes."""
    try:
        yield
    except LibraryError as error:
        sentence = str(error)
    else:
        return
    assert sentence.isprintable()


class TestDamage:
    def test_cut_off(self, path, whole):
        path.write_bytes(whole[:-4096])
        assert "is damaged" in refused(path)

    def test_a_page_of_zeros(self, path, whole):
        path.write_bytes(whole[:8192] + bytes(4096) + whole[12288:])
        assert "is damaged" in refused(path)
        assert "put a copy of before in its place" in refused(path)

    def test_a_table_that_is_not_there(self, path, whole):
        path.write_bytes(whole)
        change(path, "DROP TABLE clock_anchor")
        assert "is damaged (no column boot in table clock_anchor)" in refused(path)

    def test_what_others_add_does_no_harm(self, path, whole):
        path.write_bytes(whole)
        change(path, "CREATE TABLE mine (note TEXT)", "CREATE VIEW mine2 AS SELECT seq FROM rep")
        with Library(path) as library:
            assert len(library.reps()) == 200

    def test_words_that_are_no_text(self, path, whole):
        """SQLite quotes them, and Python fails to make a message of it."""
        path.write_bytes(whole.replace(b"CREATE TABLE device", b"CREATE \xff\xfe\n\x1b[ device"))
        assert "is damaged" in refused(path)

    @given(data=st.binary(min_size=1, max_size=300) | st.binary(max_size=9000).map(MAGIC.__add__))
    def test_no_bytes_do_more_than_a_sentence(self, scratch, data):
        (scratch / "bytes.sqlite").write_bytes(data)
        refused(scratch / "bytes.sqlite")

    @given(data=st.data())
    def test_no_damage_does_more_than_a_sentence(self, scratch, whole, data):
        for left in scratch.iterdir():  # of the example before
            left.unlink()
        path = scratch / "damaged.sqlite"
        path.write_bytes(self.damage(whole, data))
        before = contents(scratch)
        with one_sentence():
            Library(path).close()
        assert contents(scratch) == before
        with one_sentence(), Library(path) as library:
            library.reps()
            library.devices()
            library.add_reps(DEVICE, [rep(0), rep(500)], SOME_UTC_MS)

    @staticmethod
    def damage(whole, data):
        """Change bytes here and there, more often in the head and the schema; perhaps cut."""
        damaged = bytearray(whole)
        places = st.integers(0, 120) | st.integers(0, 4095) | st.integers(0, len(whole) - 1)
        for place in data.draw(st.lists(places, max_size=8)):
            damaged[place] = data.draw(st.integers(0, 255))
        return damaged[: data.draw(st.just(len(whole)) | st.integers(1, len(whole)))]
