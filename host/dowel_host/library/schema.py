"""The form of the library's file, and how an older form becomes the present one.

The form's number is SQLite's user_version: how many of MIGRATIONS the file has been through.
"""

import sqlite3
from collections.abc import Callable, Sequence

Migration = Callable[[sqlite3.Connection], None]

# SQLite's field for "which program's file is this": 'Dowl'. 0 in a file of nobody.
APPLICATION_ID = 0x446F776C

_FORM_1 = (
    # id: what the receiver knows a device by on every carrier.
    """
    CREATE TABLE device (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT,
        firmware TEXT,
        last_seen_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # body: the REP message after its header, as it came, so that a later program can read more
    # out of it than this one.
    """
    CREATE TABLE rep (
        device TEXT NOT NULL REFERENCES device (id),
        epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL,
        received_utc_ms INTEGER NOT NULL,
        PRIMARY KEY (device, epoch, seq)
    ) STRICT, WITHOUT ROWID
    """,
    # What came under the key of a rep and was not that rep.
    """
    CREATE TABLE rep_conflict (
        device TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL,
        received_utc_ms INTEGER NOT NULL,
        PRIMARY KEY (device, epoch, seq, version, body),
        FOREIGN KEY (device, epoch, seq) REFERENCES rep (device, epoch, seq)
    ) STRICT, WITHOUT ROWID
    """,
    # Moments at which a host read the device's clock and its own.
    """
    CREATE TABLE clock_anchor (
        device TEXT NOT NULL REFERENCES device (id),
        boot INTEGER NOT NULL,
        device_ms INTEGER NOT NULL,
        utc_ms INTEGER NOT NULL,
        PRIMARY KEY (device, boot, device_ms)
    ) STRICT, WITHOUT ROWID
    """,
)


def _create(db: sqlite3.Connection) -> None:
    for statement in _FORM_1:
        db.execute(statement)


# Migration n brings form n to form n + 1; form 0 is an empty file. Only ever appended to: what
# stands here has been through users' files. Each runs in a transaction of its own.
MIGRATIONS: Sequence[Migration] = (_create,)


def form(db: sqlite3.Connection) -> int:
    """Return the form of a file."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def owner(db: sqlite3.Connection) -> int:
    """Return which program's file it says it is."""
    return int(db.execute("PRAGMA application_id").fetchone()[0])


def migrate(db: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Bring a file to the newest form, one transaction a step; an interrupted step never was.

    Another process may be doing the same: each step looks again once it holds the lock.
    """
    for number, migration in enumerate(migrations):
        db.execute("BEGIN IMMEDIATE")
        try:
            if form(db) == number:
                migration(db)
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                db.execute(f"PRAGMA user_version = {number + 1}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def columns(db: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Return table, column and type of every column in a file."""
    return set(
        db.execute(
            "SELECT tables.name, columns.name, columns.type"
            " FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns"
            " WHERE tables.type = 'table'"
        )
    )


def expected_columns(migrations: Sequence[Migration]) -> set[tuple[str, str, str]]:
    """Return the columns of the newest form."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(db, migrations)
        return columns(db)
    finally:
        db.close()
