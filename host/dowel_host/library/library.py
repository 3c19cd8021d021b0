"""The library: reps, devices and clock anchors in one SQLite file."""

from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dowel_host.library.clock import Anchor, wall_ms
from dowel_host.library.database import connect, use_wal
from dowel_host.library.errors import as_library_errors
from dowel_host.library.records import Device, RepRecord, Stored, StoredRep, decode
from dowel_host.library.schema import MIGRATIONS, Migration

_ADD_REP = """
    INSERT INTO rep (device, epoch, seq, version, body, received_utc_ms)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (device, epoch, seq) DO NOTHING
"""
_SAME_REP = """
    SELECT version = ? AND body = ? FROM rep WHERE device = ? AND epoch = ? AND seq = ?
"""
_ADD_CONFLICT = """
    INSERT INTO rep_conflict (device, epoch, seq, version, body, received_utc_ms)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_SEE_DEVICE = """
    INSERT INTO device (id, name, firmware, last_seen_utc_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        name = coalesce(excluded.name, name),
        firmware = coalesce(excluded.firmware, firmware),
        last_seen_utc_ms = max(excluded.last_seen_utc_ms, last_seen_utc_ms)
"""
_ADD_ANCHOR = """
    INSERT INTO clock_anchor (device, boot, device_ms, utc_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT DO NOTHING
"""
# The end of the first run of numbers.
_STORED_UP_TO = """
    SELECT coalesce(min(seq), 0) FROM rep AS last WHERE device = ?1 AND epoch = ?2 AND NOT EXISTS
    (SELECT 1 FROM rep WHERE device = ?1 AND epoch = ?2 AND seq = last.seq + 1)
"""
_REPS = """
    SELECT device, epoch, seq, version, body, received_utc_ms FROM rep
    WHERE ?1 IS NULL OR device = ?1 ORDER BY device, epoch, seq
"""


class Library:
    """An open library. One process may have several, several processes may have the same.

    Opening makes the file if there is none. Every method raises LibraryError when the file
    cannot be read or written; a method that writes has then written nothing.
    """

    def __init__(self, path: Path, *, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.path = path
        self._db = connect(path, migrations)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. What was stored is on the disk already."""
        self._db.close()

    def add_reps(self, device: str, records: Iterable[RepRecord], received_utc_ms: int) -> Stored:
        """Store records; when this returns, they are on the disk and may be acknowledged.

        A record that is there already is not stored again, whatever connection it came by.
        """
        batch = list(records)
        stored = Stored(list(dict.fromkeys(record.key for record in batch)), [], [], [])
        with self._transaction():
            self._see(device, received_utc_ms)
            for record in batch:
                self._add(stored, device, record, received_utc_ms)
        return stored

    def _add(self, stored: Stored, device: str, record: RepRecord, received_utc_ms: int) -> None:
        epoch, seq, version, body = record
        values = (device, epoch, seq, version, body, received_utc_ms)
        if self._db.execute(_ADD_REP, values).rowcount:
            stored.added.append(record.key)
        elif self._db.execute(_SAME_REP, (version, body, device, epoch, seq)).fetchone()[0]:
            stored.repeated.append(record.key)
        else:
            self._db.execute(_ADD_CONFLICT, values)
            stored.conflicting.append(record.key)

    def see_device(
        self, device: str, name: str | None, firmware: str | None, seen_utc_ms: int
    ) -> None:
        """Note that a device was met; a name or version that is None stays as it was."""
        with self._transaction():
            self._see(device, seen_utc_ms, name, firmware)

    def add_anchor(self, device: str, boot: int, device_ms: int, utc_ms: int) -> None:
        """Note that the device's clock showed device_ms since its boot when ours showed utc_ms.

        boot: as RepRecord.boot. Of two anchors for one device_ms the first counts.
        """
        with self._transaction():
            self._see(device, utc_ms)
            self._db.execute(_ADD_ANCHOR, (device, boot, device_ms, utc_ms))

    def devices(self) -> list[Device]:
        """Return the devices that were met, the one met last at the end."""
        query = "SELECT id, name, firmware, last_seen_utc_ms FROM device"
        return [Device(*row) for row in self._rows(f"{query} ORDER BY last_seen_utc_ms, id")]

    def reps(self, device: str | None = None) -> list[StoredRep]:
        """Return all reps, or those of one device, by device, epoch and sequence number."""
        anchors = self._anchors()
        found: list[StoredRep] = []
        for name, epoch, seq, version, body, received_utc_ms in self._rows(_REPS, device):
            record = RepRecord(epoch, seq, version, body)
            rep = decode(record)
            start_utc_ms = wall_ms(anchors[name, record.boot], rep.start_ms) if rep else None
            found.append(StoredRep(name, record, rep, received_utc_ms, start_utc_ms))
        return found

    def stored_up_to(self, device: str, epoch: int) -> int:
        """Return the sequence number up to which no rep is missing; 0: there is none.

        Counted from the first that is here: those before it the device had to give up.
        """
        return int(self._rows(_STORED_UP_TO, device, epoch)[0][0])

    def conflicts(self) -> int:
        """Return how many records came under the key of a rep and were not that rep."""
        return int(self._rows("SELECT count(*) FROM rep_conflict")[0][0])

    def _anchors(self) -> defaultdict[tuple[str, int], list[Anchor]]:
        anchors: defaultdict[tuple[str, int], list[Anchor]] = defaultdict(list)
        query = "SELECT device, boot, device_ms, utc_ms FROM clock_anchor"
        for device, boot, device_ms, utc_ms in self._rows(query):
            anchors[device, boot].append(Anchor(device_ms, utc_ms))
        return anchors

    def _see(
        self, device: str, seen_utc_ms: int, name: str | None = None, firmware: str | None = None
    ) -> None:
        if not device:
            raise ValueError("a device without an id")
        self._db.execute(_SEE_DEVICE, (device, name, firmware, seen_utc_ms))

    def _rows(self, query: str, *values: str | int | None) -> list[tuple[Any, ...]]:
        with as_library_errors(self.path):
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Generator[None, None, None]:
        with as_library_errors(self.path):
            # A library out of a backup may have lost it.
            use_wal(self._db)
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # On a full disk SQLite has rolled back by itself.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
