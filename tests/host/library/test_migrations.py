"""A library of an older program becomes one of this program, or stays what it was."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from dowel_host.library import Library, LibraryError, NewerLibraryError, database
from dowel_host.library.schema import MIGRATIONS, form
from host.library.rig import DEVICE, SOME_UTC_MS, contents, query, rep

FORMS = len(MIGRATIONS)


def add_place(db):
    db.execute("ALTER TABLE device ADD COLUMN place TEXT")


def add_sets(db):
    db.execute("CREATE TABLE gym (name TEXT NOT NULL) STRICT")
    db.execute("INSERT INTO gym VALUES ('garage')")


LATER = (*MIGRATIONS, add_place, add_sets)


def make(path, migrations):
    with Library(path, migrations=migrations) as library:
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)


def form_of(path):
    return query(path, "PRAGMA user_version")[0][0]


def test_a_new_library_has_the_newest_form(path):
    Library(path).close()
    assert form_of(path) == FORMS


@pytest.mark.parametrize("age", range(1, len(LATER)))
def test_every_older_form_becomes_the_newest_and_keeps_its_reps(path, age):
    make(path, LATER[:age])
    with Library(path, migrations=LATER) as library:
        assert [stored.record for stored in library.reps()] == [rep(1)]
    assert form_of(path) == len(LATER)
    assert query(path, "SELECT name FROM gym") == [("garage",)]
    assert query(path, "SELECT place FROM device") == [(None,)]


def test_a_library_of_the_newest_form_is_not_migrated_again(path):
    make(path, LATER)
    make(path, LATER)
    assert query(path, "SELECT name FROM gym") == [("garage",)]


def test_a_step_keeps_others_out_before_it_begins(path):
    """Or two programs would both take the step."""

    def look(db):
        with closing(sqlite3.connect(path, timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            seen.append(form(other))

    make(path, MIGRATIONS)
    seen = []
    Library(path, migrations=(*MIGRATIONS, look)).close()
    assert seen == [FORMS]


class TestInterruption:
    """A step is whole or was not."""

    def test_an_exception_leaves_the_form_of_before(self, path):
        def fail(db):
            add_place(db)
            raise ZeroDivisionError

        make(path, MIGRATIONS)
        before = contents(path.parent)
        with pytest.raises(ZeroDivisionError):
            Library(path, migrations=(*MIGRATIONS, fail))
        assert contents(path.parent) == before

    def test_an_error_of_the_file_is_a_sentence(self, path):
        def fail(db):
            add_place(db)
            db.execute("INSERT INTO rep SELECT * FROM rep")

        make(path, MIGRATIONS)
        before = contents(path.parent)
        with pytest.raises(LibraryError, match="UNIQUE"):
            Library(path, migrations=(*MIGRATIONS, fail))
        assert contents(path.parent) == before

    def test_steps_before_the_failed_one_stay(self, path):
        def fail(db):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            Library(path, migrations=(*MIGRATIONS, add_place, fail))
        assert form_of(path) == FORMS + 1
        with Library(path, migrations=LATER) as library:
            assert form(library._db) == len(LATER)

    def test_a_failed_creation_leaves_nothing_in_the_file(self, path):
        def fail(db):
            MIGRATIONS[0](db)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            Library(path, migrations=(fail,))
        Library(path).close()
        assert form_of(path) == FORMS

    @pytest.mark.parametrize("age", [0, 1])
    def test_a_kill_leaves_the_form_of_before(self, path, age):
        if age:
            make(path, MIGRATIONS[:age])
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        killed = subprocess.run(
            [sys.executable, __file__, str(path), str(age)], env=environment, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert form_of(path) == age
        with Library(path, migrations=LATER) as library:
            assert len(library.reps()) == age
        assert query(path, "PRAGMA integrity_check") == [("ok",)]


class TestNewer:
    def test_a_newer_library_is_refused_and_not_touched(self, path):
        make(path, LATER)
        before = contents(path.parent)
        with pytest.raises(NewerLibraryError) as caught:
            Library(path)
        assert contents(path.parent) == before
        assert (caught.value.found, caught.value.known) == (len(LATER), FORMS)
        assert str(caught.value) == (
            f"library {path} has form {len(LATER)}, and this program knows forms up to {FORMS}; "
            "update this program (pip install --upgrade dowel), "
            "or give another place with --library FILE."
        )

    def test_also_where_a_newer_program_comes_between(self, path, monkeypatch):
        look = database._check_header

        def look_and_be_overtaken(*arguments):
            monkeypatch.setattr(database, "_check_header", look)
            exists = look(*arguments)
            make(path, LATER)
            return exists

        make(path, MIGRATIONS)
        monkeypatch.setattr(database, "_check_content", lambda *_: None)
        monkeypatch.setattr(database, "_check_header", look_and_be_overtaken)
        with pytest.raises(NewerLibraryError):
            Library(path)

    def test_also_where_a_killed_newer_program_left_its_form_in_the_log(self, path):
        make(path, MIGRATIONS)
        newer = Library(path, migrations=LATER)  # held open: its log is not yet in the file
        folder = path.parent / "copy"
        folder.mkdir()
        for name, data in contents(path.parent).items():
            (folder / name).write_bytes(data)
        newer.close()
        before = contents(folder)
        assert before["library.sqlite-wal"]
        with pytest.raises(NewerLibraryError):
            Library(folder / path.name)
        for name in ("library.sqlite", "library.sqlite-wal"):
            assert (folder / name).read_bytes() == before[name]
        with Library(folder / path.name, migrations=LATER) as library:
            assert len(library.reps()) == 1


def _be_killed_while_migrating(path, age):
    def die(db):
        db.execute("PRAGMA cache_size = 1")  # pages go to the disk before the commit
        (MIGRATIONS[0] if age == 0 else add_place)(db)
        db.execute("CREATE TABLE noise AS SELECT randomblob(1000000)")
        os.kill(os.getpid(), signal.SIGKILL)

    Library(path, migrations=(*MIGRATIONS[:age], die))


if __name__ == "__main__":
    _be_killed_while_migrating(Path(sys.argv[1]), int(sys.argv[2]))
