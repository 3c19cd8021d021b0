"""Reps to store, and a look at files from the outside."""

import sqlite3
from contextlib import closing
from pathlib import Path

from dowel.link import wire
from dowel_host.library import RepRecord

# What an SQLite file begins with.
MAGIC = b"SQLite format 3\0"

DEVICE = "dowel-1a2b"
EPOCH = 0x1234_5678
# 2026-05-31T16:00:00Z
SOME_UTC_MS = 1_780_243_200_000


def rep_message(
    seq, *, epoch=EPOCH, start_ms=60_000, trunk_cdeg=7000, flexion_cdeg=1200, flags=0, cues=0
):
    marks_ms = (1200, 1500, 1600, 3000)
    values = (epoch, seq, start_ms, *marks_ms, trunk_cdeg, flexion_cdeg, flags, cues)
    return wire.pack(wire.REP, seq, wire.REP_BODY, *values)


def rep(seq, **values):
    return RepRecord.from_message(rep_message(seq, **values))


def numbered(seq):
    """Give a rep whose bytes tell its number."""
    return rep(seq, start_ms=1000 * seq)


def contents(folder: Path):
    """Return name -> bytes of every file in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def query(path: Path, statement):
    """Ask SQLite itself."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchall()


def change(path: Path, *statements):
    """Change a file behind the library's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)
