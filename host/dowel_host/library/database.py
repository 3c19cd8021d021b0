"""Opening the library's file: looked at first, then made or brought up to date."""

import sqlite3
import struct
import time
from collections.abc import Sequence
from pathlib import Path

from dowel_host.library import schema
from dowel_host.library.errors import (
    CHOOSE_ANOTHER,
    LibraryError,
    NewerLibraryError,
    as_library_errors,
    damaged,
)
from dowel_host.library.schema import APPLICATION_ID, Migration

# How long to wait for another program that writes. Small: needless errors beside a long sync;
# large: a hanging program looks like a hang of this one. Seconds.
BUSY_TIMEOUT_S = 10.0
_RETRY_S = 0.01

# STRICT tables came with it.
_OLDEST_SQLITE = (3, 37, 0)

# Of SQLite's file header (https://sqlite.org/fileformat.html): magic, user_version (form) and
# application_id, big-endian.
_MAGIC = b"SQLite format 3\0"
_HEADER = struct.Struct(">16s44xI4xI28x")


def connect(path: Path, migrations: Sequence[Migration]) -> sqlite3.Connection:
    """Open a library, made if there is none, in the newest form, in autocommit mode.

    LibraryError: it cannot be used; the file is then as it was. A file in the newest form is not
    changed by opening it.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        why = f"needs SQLite 3.37, and this Python has {sqlite3.sqlite_version}"
        raise LibraryError(path, why, "use a newer Python")
    with as_library_errors(path):
        exists = _check_header(path, len(migrations))
        if exists:
            _check_content(path, migrations)
        path.parent.mkdir(parents=True, exist_ok=True)
        db = _open(path, "rw" if exists else "rwc")
        try:
            _bring_up_to_date(path, db, migrations)
        except BaseException:
            db.close()
            raise
        return db


def use_wal(db: sqlite3.Connection) -> None:
    """Turn the write-ahead log on: readers and a writer side by side, one sync a commit.

    SQLite does not wait for others here as it does elsewhere.
    """
    deadline_s = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline_s:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _open(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        # A hostile file's views and triggers call no functions with side effects.
        db.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        db.close()
        raise
    return db


def _check_header(path: Path, known: int) -> bool:
    """Tell whether there is anything in the file; LibraryError if it is plainly not for us.

    Read as bytes: SQLite would first roll back what another program was killed at, and it takes
    a very short file for an empty database.
    """
    try:
        size_bytes = path.stat().st_size
    except FileNotFoundError:
        return False
    if path.is_dir():
        raise LibraryError(path, "is a folder", "give a file in it with --library FILE")
    if not path.is_file():
        raise LibraryError(path, "is no file", CHOOSE_ANOTHER)
    if size_bytes == 0:
        return False
    with path.open("rb") as file:
        header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(_MAGIC):
        raise LibraryError(path, "is no library", CHOOSE_ANOTHER)
    _, form, owner = _HEADER.unpack(header)
    _check_owner_and_form(path, owner, form, known)
    return True


def _check_owner_and_form(path: Path, owner: int, form: int, known: int) -> None:
    # Both 0: a creation that was interrupted, unless there is something in it.
    if (owner, form) != (0, 0) and owner != APPLICATION_ID:
        raise LibraryError(path, "is another program's database", CHOOSE_ANOTHER)
    if form > known:
        raise NewerLibraryError(path, form, known)


def _check_content(path: Path, migrations: Sequence[Migration]) -> None:
    # With a write-ahead log left by a killed process, the last connection to close would write
    # it into the file, unless it may only read. Without one, a connection that may only read
    # would leave an empty log behind.
    log = path.with_name(f"{path.name}-wal")
    db = _open(path, "ro" if log.exists() else "rw")
    try:
        db.execute("BEGIN")  # one moment of the file for all that follows
        owner, form = schema.owner(db), schema.form(db)
        _check_owner_and_form(path, owner, form, len(migrations))
        if not form:
            if schema.columns(db):
                raise LibraryError(path, "is another program's database", CHOOSE_ANOTHER)
            return
        # Also checks the types of STRICT tables; 200,000 reps take 55 ms.
        finding = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if finding != "ok":
            raise damaged(path, str(finding).splitlines()[-1])
        missing = schema.expected_columns(migrations[:form]) - schema.columns(db)
        if missing:
            table, column, _ = min(missing)
            raise damaged(path, f"no column {column} in table {table}")
    finally:
        db.close()


def _bring_up_to_date(path: Path, db: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    if schema.form(db) < len(migrations):
        use_wal(db)
        schema.migrate(db, migrations)
    # Another process may have been there since the file was looked at.
    if schema.form(db) > len(migrations):
        raise NewerLibraryError(path, schema.form(db), len(migrations))
