"""Where the library is, and what is said of a file that cannot be one, which stays as it is."""

import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import platformdirs
import pytest

from dowel_host.errors import DowelError
from dowel_host.library import LIBRARY_VARIABLE, Library, LibraryError, database, library_path
from host.library.refusal import refused
from host.library.rig import DEVICE, MAGIC, SOME_UTC_MS, change, contents, query, rep

NOBODY = 65534


class TestPlace:
    def test_the_option_counts_first(self, monkeypatch, tmp_path):
        monkeypatch.setenv(LIBRARY_VARIABLE, "elsewhere")
        assert library_path(tmp_path / "mine") == tmp_path / "mine"

    def test_then_the_environment(self, monkeypatch):
        monkeypatch.setenv("DOWEL_LIBRARY", "elsewhere/library.sqlite")
        assert library_path() == Path("elsewhere/library.sqlite")

    @pytest.mark.parametrize("value", [None, ""])
    def test_then_the_users_folder_for_data(self, monkeypatch, value):
        if value is None:
            monkeypatch.delenv(LIBRARY_VARIABLE, raising=False)
        else:
            monkeypatch.setenv(LIBRARY_VARIABLE, value)
        folder = Path(platformdirs.user_data_dir("dowel", appauthor=False))
        assert library_path() == folder / "library.sqlite"

    @pytest.mark.parametrize("name", ["a b.sqlite", "100%.sqlite", "a?b#c.sqlite", "ü.sqlite"])
    def test_any_name_will_do_and_folders_are_made(self, tmp_path, name):
        path = tmp_path / "one" / "two" / name
        with Library(path) as library:
            library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        assert [file.name for file in path.parent.iterdir()] == [name]

    def test_a_path_from_here(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        Library(Path("library.sqlite")).close()
        assert (tmp_path / "library.sqlite").stat().st_size > 0

    def test_an_empty_file_becomes_a_library(self, path):
        path.touch()
        Library(path).close()
        assert query(path, "SELECT * FROM rep") == []

    def test_opening_changes_nothing(self, path, whole):
        path.write_bytes(whole)
        with Library(path) as library:
            assert len(library.reps()) == 200
        assert contents(path.parent) == {path.name: whole}


class TestLog:
    """SQLite itself does not wait for others when the write-ahead log is turned on."""

    @pytest.fixture
    def reader(self, path):
        """Give a connection in the middle of reading a file without a log."""
        change(path, "CREATE TABLE song (name)")
        with closing(sqlite3.connect(path, isolation_level=None)) as reading:
            reading.execute("BEGIN")
            reading.execute("SELECT * FROM song").fetchall()
            yield reading

    def test_it_waits_for_a_reader(self, path, reader, monkeypatch):
        monkeypatch.setattr(database.time, "sleep", lambda _: reader.execute("COMMIT"))
        with closing(sqlite3.connect(path, timeout=0)) as db:
            database.use_wal(db)
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    def test_but_not_forever(self, path, reader, monkeypatch):
        monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
        with (
            closing(sqlite3.connect(path, timeout=0)) as db,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            database.use_wal(db)


class TestRefusal:
    def test_it_is_an_error_that_the_command_line_prints(self):
        assert issubclass(LibraryError, DowelError)

    def test_a_folder(self, tmp_path):
        assert "is a folder; give a file in it" in refused(tmp_path)

    @pytest.mark.skipif(os.name == "nt", reason="Windows has none")
    def test_what_is_no_file(self, path):
        os.mkfifo(path)
        assert "is no file; give another place" in refused(path)

    @pytest.mark.parametrize(
        "data", [b"x", b"PK\3\4" * 100, MAGIC, MAGIC[:-1] + b"1" + bytes(84)], ids=repr
    )
    def test_what_is_no_database(self, path, data):
        path.write_bytes(data)
        assert "is no library" in refused(path)

    def test_a_folder_that_is_a_file(self, tmp_path):
        (tmp_path / "file").write_text("text")
        with pytest.raises(LibraryError, match="cannot be opened"):
            Library(tmp_path / "file" / "library.sqlite")

    @pytest.mark.parametrize(
        "mark", ["PRAGMA application_id = 5", "PRAGMA user_version = 1", "SELECT 1"]
    )
    def test_another_programs_database(self, path, mark):
        change(path, "CREATE TABLE song (name)", mark)
        assert "another program's database" in refused(path)

    def test_another_programs_database_in_the_middle_of_its_work(self, path):
        """SQLite would roll the work back as soon as it read the file."""
        live = path.with_name("live.sqlite")
        change(live, "PRAGMA application_id = 5", "CREATE TABLE song (name)")
        with closing(sqlite3.connect(live, isolation_level=None)) as program:
            program.execute("PRAGMA cache_size = 1")  # pages go to the file before the commit
            program.execute("BEGIN")
            for _ in range(200):
                program.execute("INSERT INTO song VALUES (randomblob(200))")
            path.write_bytes(live.read_bytes())
            journal = live.with_name("live.sqlite-journal").read_bytes()
        assert journal
        path.with_name(f"{path.name}-journal").write_bytes(journal)
        assert "another program's database" in refused(path)

    def test_too_old_an_sqlite(self, path, monkeypatch):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
        assert "needs SQLite 3.37" in refused(path)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
class TestPermission:
    @pytest.fixture
    def folder(self):
        """Give a folder that other users can reach."""
        folder = Path(tempfile.mkdtemp())
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)
        shutil.rmtree(folder)

    @staticmethod
    @contextmanager
    def as_a_user():
        """Root may do anything: be somebody else for a while."""
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    def test_a_file_that_may_not_be_read(self, folder, whole):
        path = folder / "library.sqlite"
        path.write_bytes(whole)
        path.chmod(0)
        with self.as_a_user(), pytest.raises(LibraryError, match=r"cannot be opened .*; allow"):
            Library(path)
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        assert contents(folder) == {path.name: whole}

    def test_a_folder_that_may_not_be_written(self, folder):
        folder.chmod(0o555)
        with self.as_a_user(), pytest.raises(LibraryError, match="cannot be opened"):
            Library(folder / "library.sqlite")
        with self.as_a_user(), pytest.raises(LibraryError, match="cannot be opened"):
            Library(folder / "below" / "library.sqlite")
        assert contents(folder) == {}

    def test_a_folder_that_may_not_be_looked_into(self, folder, whole):
        (folder / "library.sqlite").write_bytes(whole)
        folder.chmod(0)
        with self.as_a_user(), pytest.raises(LibraryError, match="cannot be opened"):
            Library(folder / "library.sqlite")

    def test_a_file_that_may_only_be_read(self, folder, whole):
        """Reps can be shown; none can be stored."""
        path = folder / "library.sqlite"
        path.write_bytes(whole)
        path.chmod(0o444)
        folder.chmod(0o777)
        with self.as_a_user(), Library(path) as library:
            assert len(library.reps()) == 200
            with pytest.raises(LibraryError, match="cannot be written"):
                library.add_reps(DEVICE, [rep(500)], SOME_UTC_MS)
        assert path.read_bytes() == whole
