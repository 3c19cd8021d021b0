"""What the library keeps: every rep once, what else came under its number, devices and clocks."""

import os
import sqlite3

import pytest

from dowel.link import wire
from dowel_host.library import Device, Key, Library, LibraryError, RepRecord, database
from dowel_host.messages import decode
from host.library.rig import DEVICE, EPOCH, SOME_UTC_MS, change, numbered, query, rep, rep_message


@pytest.fixture
def library(path):
    with Library(path) as opened:
        yield opened


class TestRecords:
    def test_a_record_is_the_message_without_the_links_header(self):
        message = rep_message(7)
        record = RepRecord.from_message(message)
        assert record == RepRecord(EPOCH, 7, wire.VERSION, message[wire.HEADER_SIZE :])
        assert record.key == Key(EPOCH, 7)

    def test_a_later_layouts_tail_is_kept(self):
        assert RepRecord.from_message(rep_message(7) + b"tail").body.endswith(b"tail")

    @pytest.mark.parametrize(
        "data",
        [b"", rep_message(1)[:-1], wire.pack(wire.DONE, 1, wire.DONE_BODY, 0, 0)],
    )
    def test_what_is_no_rep_is_refused(self, data):
        with pytest.raises(wire.WireError):
            RepRecord.from_message(data)


class TestReps:
    def test_what_is_stored_is_read_byte_for_byte(self, library):
        message = rep_message(3, flags=wire.FLAG_GAP, cues=2) + b"tail"
        library.add_reps(DEVICE, [RepRecord.from_message(message)], SOME_UTC_MS)
        (stored,) = library.reps()
        assert stored.record.body == message[wire.HEADER_SIZE :]
        assert decode(message) == (3, stored.rep)
        assert (stored.device, stored.received_utc_ms) == (DEVICE, SOME_UTC_MS)

    def test_what_add_returns_is_in_the_file(self, library, path):
        keys = library.add_reps(DEVICE, [rep(1), rep(2)], SOME_UTC_MS).keys
        assert query(path, "SELECT epoch, seq FROM rep") == keys == [(EPOCH, 1), (EPOCH, 2)]

    def test_a_rep_that_comes_again_is_stored_once_and_may_be_acknowledged_again(self, library):
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        again = library.add_reps(DEVICE, [rep(1), rep(2)], SOME_UTC_MS + 1)
        assert again.keys == [Key(EPOCH, 1), Key(EPOCH, 2)]
        assert (again.added, again.repeated) == ([Key(EPOCH, 2)], [Key(EPOCH, 1)])
        assert [stored.received_utc_ms - SOME_UTC_MS for stored in library.reps()] == [0, 1]

    def test_the_links_sequence_number_makes_no_other_rep(self, library):
        message = bytearray(rep_message(1))
        library.add_reps(DEVICE, [RepRecord.from_message(bytes(message))], SOME_UTC_MS)
        message[2] ^= 0xFF
        again = library.add_reps(DEVICE, [RepRecord.from_message(bytes(message))], SOME_UTC_MS)
        assert again.repeated == [Key(EPOCH, 1)]

    def test_a_rep_twice_in_one_batch_is_stored_once(self, library):
        stored = library.add_reps(DEVICE, [rep(1), rep(1)], SOME_UTC_MS)
        assert stored == ([Key(EPOCH, 1)],) * 3 + ([],)
        assert len(library.reps()) == 1

    def test_one_number_of_another_epoch_or_device_is_another_rep(self, library):
        library.add_reps(DEVICE, [rep(1), rep(1, epoch=5)], SOME_UTC_MS)
        library.add_reps("dowel-ffff", [rep(1)], SOME_UTC_MS)
        assert len(library.reps()) == 3
        assert [stored.record.epoch for stored in library.reps(DEVICE)] == [5, EPOCH]

    def test_no_reps_are_no_reps(self, library):
        assert library.add_reps(DEVICE, [], SOME_UTC_MS) == ([], [], [], [])
        assert library.reps() == []

    def test_a_record_of_an_unknown_version_is_kept_and_not_guessed_at(self, library):
        record = rep(1)._replace(version=99)
        library.add_reps(DEVICE, [record], SOME_UTC_MS)
        (stored,) = library.reps()
        assert (stored.record, stored.rep, stored.start_utc_ms) == (record, None, None)


class TestStoredUpTo:
    """What a device need not send again."""

    @pytest.mark.parametrize(
        ("seqs", "up_to"),
        [([], 0), ([1], 1), ([1, 2, 3], 3), ([1, 2, 4, 5], 2), ([2, 3, 5], 3), ([3, 2, 1], 3)],
    )
    def test_the_end_of_the_first_run(self, library, seqs, up_to):
        library.add_reps(DEVICE, [rep(seq) for seq in seqs], SOME_UTC_MS)
        assert library.stored_up_to(DEVICE, EPOCH) == up_to

    def test_of_this_device_and_epoch(self, library):
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        library.add_reps(DEVICE, [rep(1, epoch=5), rep(2, epoch=5)], SOME_UTC_MS)
        assert library.stored_up_to(DEVICE, EPOCH) == 1
        assert library.stored_up_to("dowel-ffff", EPOCH) == 0


class TestConflicts:
    """Two different records under one number: a fault of a device, and nothing is lost by it."""

    def test_the_first_stays_and_the_other_is_kept_beside_it(self, library, path):
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        other = rep(1, trunk_cdeg=1)
        stored = library.add_reps(DEVICE, [other], SOME_UTC_MS)
        assert stored == ([Key(EPOCH, 1)], [], [], [Key(EPOCH, 1)])
        assert [one.record for one in library.reps()] == [rep(1)]
        assert query(path, "SELECT epoch, seq, body FROM rep_conflict") == [(EPOCH, 1, other.body)]

    def test_within_one_batch_too(self, library):
        stored = library.add_reps(DEVICE, [rep(1), rep(1, trunk_cdeg=1)], SOME_UTC_MS)
        assert stored == ([Key(EPOCH, 1)], [Key(EPOCH, 1)], [], [Key(EPOCH, 1)])

    def test_the_same_bytes_of_another_version_conflict(self, library):
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        stored = library.add_reps(DEVICE, [rep(1)._replace(version=2)], SOME_UTC_MS)
        assert stored.conflicting == [Key(EPOCH, 1)]

    def test_each_is_counted_once(self, library):
        for trunk_cdeg in (0, 1, 2, 2):
            library.add_reps(DEVICE, [rep(1, trunk_cdeg=trunk_cdeg)], SOME_UTC_MS)
        assert library.conflicts() == 2


class TestDevices:
    def test_a_rep_makes_its_device_known(self, library):
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        assert library.devices() == [Device(DEVICE, None, None, SOME_UTC_MS)]

    def test_what_is_not_said_stays_as_it_was(self, library):
        library.see_device(DEVICE, "dowel", "0.1.0", 5)
        library.see_device(DEVICE, None, "0.2.0", 9)
        library.see_device(DEVICE, None, None, 7)
        assert library.devices() == [Device(DEVICE, "dowel", "0.2.0", 9)]

    def test_the_one_met_last_is_last(self, library):
        library.see_device("a", None, None, 2)
        library.see_device("b", None, None, 1)
        assert [device.id for device in library.devices()] == ["b", "a"]

    def test_a_device_without_an_id_is_a_fault_of_the_caller(self, library):
        with pytest.raises(ValueError, match="without an id"):
            library.add_reps("", [rep(1)], SOME_UTC_MS)
        assert library.reps() == []


class TestDates:
    def test_without_an_anchor_the_start_is_unknown(self, library):
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        assert library.reps()[0].start_utc_ms is None

    def test_an_anchor_dates_reps_recorded_before_and_after_it(self, library):
        library.add_reps(DEVICE, [rep(1, start_ms=1000)], SOME_UTC_MS)
        library.add_anchor(DEVICE, EPOCH, 50_000, SOME_UTC_MS)
        library.add_reps(DEVICE, [rep(2, start_ms=51_000)], SOME_UTC_MS)
        starts = [stored.start_utc_ms for stored in library.reps()]
        assert starts == [SOME_UTC_MS - 49_000, SOME_UTC_MS + 1000]

    def test_an_anchor_says_nothing_of_other_boots_and_devices(self, library):
        library.add_anchor(DEVICE, EPOCH, 0, SOME_UTC_MS)
        library.add_reps(DEVICE, [rep(1, epoch=9)], SOME_UTC_MS)
        library.add_reps("dowel-ffff", [rep(1)], SOME_UTC_MS)
        assert [stored.start_utc_ms for stored in library.reps()] == [None, None]

    def test_the_first_of_two_anchors_for_one_moment_counts(self, library):
        library.add_anchor(DEVICE, EPOCH, 0, SOME_UTC_MS)
        library.add_anchor(DEVICE, EPOCH, 0, SOME_UTC_MS + 5)
        library.add_reps(DEVICE, [rep(1, start_ms=0)], SOME_UTC_MS)
        assert library.reps()[0].start_utc_ms == SOME_UTC_MS


class TestStoring:
    """A commit is on the disk: the log is synced at each, and a failed one was none."""

    def test_each_commit_is_synced(self, library):
        full = 2
        assert library._db.execute("PRAGMA synchronous").fetchone() == (full,)
        assert library._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    def test_a_library_from_a_copy_gets_its_log_back_with_the_first_rep(self, path):
        Library(path).close()
        change(path, "PRAGMA journal_mode = DELETE")
        with Library(path) as library:
            assert query(path, "PRAGMA journal_mode") == [("delete",)]
            library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
            assert query(path, "PRAGMA journal_mode") == [("wal",)]

    def test_no_rep_without_its_device(self, library):
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            library._db.execute("DELETE FROM device")

    def test_a_full_disk_is_said_and_what_was_stored_stays(self, library):
        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        pages = library._db.execute("PRAGMA page_count").fetchone()[0]
        library._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LibraryError, match=r"cannot grow .*free some room"):
            library.add_reps(DEVICE, [numbered(seq) for seq in range(2, 1000)], SOME_UTC_MS)
        assert [stored.record.seq for stored in library.reps()] == [1]
        library._db.execute(f"PRAGMA max_page_count = {pages + 100}")
        library.add_reps(DEVICE, [rep(2)], SOME_UTC_MS)

    @pytest.mark.skipif(os.name == "nt", reason="Windows limits no file's size")
    def test_a_file_that_the_system_lets_grow_no_further(self, library, path):
        import resource  # noqa: PLC0415 - POSIX only

        library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, before[1]))
        try:
            with pytest.raises(LibraryError, match=r"cannot (grow|be read or written)"):
                library.add_reps(DEVICE, [numbered(seq) for seq in range(2, 1000)], SOME_UTC_MS)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert [stored.record.seq for stored in library.reps()] == [1]
        assert library.add_reps(DEVICE, [rep(2)], SOME_UTC_MS).added == [Key(EPOCH, 2)]

    def test_a_writer_that_does_not_let_go_is_said(self, path, monkeypatch):
        monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
        with Library(path) as library:
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LibraryError, match="in use by another program"):
                library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS)
            other.close()
            assert library.add_reps(DEVICE, [rep(1)], SOME_UTC_MS).added == [Key(EPOCH, 1)]

    def test_an_exception_in_the_middle_leaves_nothing_of_the_batch(self, library):
        with pytest.raises(OverflowError):
            library.add_reps(DEVICE, [rep(1), RepRecord(EPOCH, 1 << 80, 1, b"")], SOME_UTC_MS)
        assert library.reps() == []
        assert library.devices() == []
