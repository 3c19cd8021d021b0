"""`dowel reps` from outside: tables, JSON and CSV of what the library keeps."""

import csv
import io
import json
import sys
import time

import pytest

from dowel.link import wire
from dowel_host import cli
from dowel_host.library import Library
from dowel_host.library.export import COLUMNS
from host.library.rig import DEVICE, EPOCH, SOME_UTC_MS, change, rep

OTHER = "dowel-ffff"
HOUR_MS = 3_600_000


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Give the path of the user's library; times are shown in a zone of its own."""
    path = tmp_path / "library.sqlite"
    monkeypatch.setenv("DOWEL_LIBRARY", str(path))
    monkeypatch.setenv("TZ", "UTC-2")  # two hours east
    monkeypatch.setenv("COLUMNS", "100")
    time.tzset()
    yield path
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def reps(monkeypatch, capsys):
    """Give a function that runs `dowel reps`; it returns status, stdout and stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["dowel", "reps", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


@pytest.fixture
def sentence(reps):
    """Give a function that runs `dowel reps` to a refusal; it returns the sentence."""

    def run(*arguments):
        status, out, err = reps(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith("dowel: ")
        assert err.endswith(".\n")
        assert err.count("\n") == 1
        return err

    return run


@pytest.fixture
def two_sessions(path):
    """Fill the library: a dated session of two reps at 18:00, an older undated one of one rep."""
    with Library(path) as library:
        cued = rep(2, start_ms=70_000, flags=wire.FLAG_GAP | wire.FLAG_CUE, cues=1)
        library.add_reps(DEVICE, [rep(1), cued], SOME_UTC_MS + 5000)
        library.add_anchor(DEVICE, EPOCH, 60_000, SOME_UTC_MS)
        library.add_reps(OTHER, [rep(1, flexion_cdeg=wire.ABSENT)], SOME_UTC_MS - 24 * HOUR_MS)
        library.see_device(OTHER, "garage", None, SOME_UTC_MS)


def words_of(table):
    """Return the lines of a table with one space between words."""
    return [" ".join(line.split()) for line in table.splitlines()]


class TestTable:
    def test_sessions_the_newest_last(self, reps, two_sessions):
        status, out, err = reps()
        assert (status, err) == (0, "")
        titles = [line.strip() for line in out.splitlines() if "rep" in line and "," in line]
        assert titles == [
            "garage, undated, received 2026-05-30 18:00, 1 rep",
            "dowel-1a2b, 2026-05-31 18:00, 2 reps",
        ]

    def test_columns_have_units_and_the_unknown_is_a_dash(self, reps, two_sessions):
        lines = words_of(reps()[1])
        assert lines[1] == "rep at down s pause s up s trunk ° flexion ° cues remarks"
        assert lines[3] == "1 - 1.2 0.4 1.4 70.0 - 0"
        assert lines[-3] == "1 18:00:00 1.2 0.4 1.4 70.0 12.0 0"
        assert lines[-2] == "2 18:00:10 1.2 0.4 1.4 70.0 12.0 1 gap"

    def test_it_fits_a_terminal_of_80_columns(self, path, reps, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        with Library(path) as library:
            library.add_anchor(DEVICE, EPOCH, 60_000, SOME_UTC_MS)
            library.add_reps(DEVICE, [rep(1234, flags=wire.FLAG_ONE_SENSOR)], SOME_UTC_MS)
        assert words_of(reps()[1])[3] == "1234 18:00:00 1.2 0.4 1.4 70.0 12.0 0 one sensor"

    def test_a_devices_words_do_no_harm(self, path, reps):
        with Library(path) as library:
            library.add_reps("[red]\x1b[2J", [rep(1)], SOME_UTC_MS)
        status, out, _ = reps()
        assert status == 0
        assert "[red]?[2J" in out
        assert "\x1b" not in out


class TestJson:
    def test_one_document(self, reps, two_sessions):
        status, out, err = reps("--json")
        assert (status, err) == (0, "")
        document = json.loads(out)
        assert document["conflicts"] == 0
        assert [one["device"] for one in document["reps"]] == [OTHER, DEVICE, DEVICE]
        assert document["reps"][2] == {
            "device": DEVICE,
            "epoch": EPOCH,
            "seq": 2,
            "start_utc": "2026-05-31T16:00:10.000Z",
            "received_utc": "2026-05-31T16:00:05.000Z",
            "start_since_boot_ms": 70_000,
            "down_ms": 1200,
            "pause_ms": 400,
            "up_ms": 1400,
            "peak_after_start_ms": 1500,
            "duration_ms": 3000,
            "peak_trunk_deg": 70.0,
            "peak_flexion_deg": 12.0,
            "cues": 1,
            "flags": ["gap", "cue"],
            "record_version": wire.VERSION,
        }

    def test_the_unknown_is_null(self, reps, two_sessions):
        first = json.loads(reps("--json")[1])["reps"][0]
        assert first["start_utc"] is None
        assert first["peak_flexion_deg"] is None

    def test_a_date_beyond_all_calendars_is_unknown(self, path, reps):
        with Library(path) as library:
            library.add_reps(DEVICE, [rep(1)], 10**17)
        assert json.loads(reps("--json")[1])["reps"][0]["received_utc"] is None
        assert "undated, received some day" in reps()[1]

    def test_a_flag_of_a_later_firmware_is_shown_as_its_bits(self, path, reps):
        with Library(path) as library:
            library.add_reps(DEVICE, [rep(1, flags=0x80 | wire.FLAG_GAP)], SOME_UTC_MS)
        assert json.loads(reps("--json")[1])["reps"][0]["flags"] == ["gap", "0x80"]


class TestCsv:
    def test_a_header_and_a_row_a_rep(self, reps, two_sessions):
        status, out, err = reps("--csv")
        assert (status, err) == (0, "")
        head, *rows = csv.reader(io.StringIO(out))
        assert tuple(head) == COLUMNS
        assert len(rows) == 3
        last = dict(zip(head, rows[2], strict=True))
        assert last["start_utc"] == "2026-05-31T16:00:10.000Z"
        assert last["peak_trunk_deg"] == "70.0"
        assert last["flags"] == "gap; cue"

    def test_the_unknown_is_empty_and_never_zero(self, path, reps):
        with Library(path) as library:
            library.add_reps(DEVICE, [rep(1)._replace(version=9)], SOME_UTC_MS)
        status, out, err = reps("--csv")
        (row,) = csv.DictReader(io.StringIO(out))
        known = {name for name, value in row.items() if value}
        assert known == {"device", "epoch", "seq", "received_utc", "record_version"}
        assert status == 0
        assert err.startswith("Reps in a form that this program does not know: 1; update it")

    def test_units_end_the_names(self):
        without = {"device", "epoch", "seq", "cues", "flags", "record_version"}
        assert all(name.endswith(("_utc", "_ms", "_deg")) for name in set(COLUMNS) - without)


class TestNarrowing:
    def chosen(self, reps, *arguments):
        status, out, _ = reps("--json", *arguments)
        assert status == 0
        return [(one["device"], one["seq"]) for one in json.loads(out)["reps"]]

    @pytest.mark.parametrize("device", [OTHER, "garage", "ble:garage"])
    def test_one_device_by_id_or_name(self, reps, two_sessions, device):
        assert self.chosen(reps, "--device", device) == [(OTHER, 1)]

    @pytest.mark.parametrize(
        "since",
        ["2026-05-31", "2026-05-31T18:00:00", "2026-05-31 18:00", "2026-05-31T16:00:00Z"],
    )
    def test_from_a_date_on_in_local_time_unless_it_says_otherwise(
        self, reps, two_sessions, since
    ):
        assert self.chosen(reps, "--since", since) == [(DEVICE, 1), (DEVICE, 2)]

    def test_a_date_cuts_between_reps(self, reps, two_sessions):
        assert self.chosen(reps, "--since", "2026-05-31T18:00:01") == [(DEVICE, 2)]

    def test_nothing_fits(self, path, reps, two_sessions):
        assert reps("--since", "2026-06-01") == (0, "", f"No such reps in {path}.\n")


class TestEmpty:
    FRIENDLY = "No reps yet in {}; `dowel live` brings them.\n"

    @pytest.fixture(params=["no file", "no reps"])
    def empty(self, path, request):
        if request.param == "no reps":
            Library(path).close()
        return path

    def test_a_sentence(self, reps, empty):
        assert reps() == (0, "", self.FRIENDLY.format(empty))

    def test_an_empty_document(self, reps, empty):
        status, out, err = reps("--json")
        assert (status, err) == (0, self.FRIENDLY.format(empty))
        assert json.loads(out) == {"reps": [], "conflicts": 0}

    def test_only_a_header(self, reps, empty):
        status, out, _ = reps("--csv")
        assert (status, out) == (0, ",".join(COLUMNS) + "\n")

    def test_a_device_of_which_nothing_can_be_known_yet(self, reps, empty):
        assert reps("--device", DEVICE) == (0, "", f"No such reps in {empty}.\n")

    def test_looking_makes_no_library(self, path, reps):
        reps()
        assert not path.exists()


class TestConflicts:
    def test_they_are_said(self, path, reps):
        with Library(path) as library:
            library.add_reps(DEVICE, [rep(1), rep(1, trunk_cdeg=1)], SOME_UTC_MS)
        status, out, err = reps("--json")
        assert status == 0
        assert json.loads(out)["conflicts"] == 1
        assert err.startswith("Records that came under the number of another rep: 1;")


class TestRefusal:
    @pytest.mark.parametrize(
        "since", ["yesterday", "2026-13-01", "", "0001-01-01", "9999-12-31T23:59:59-23:00"]
    )
    def test_a_date_that_is_none(self, sentence, path, since):
        assert f"--since {since}: write a date" in sentence("--since", since)

    def test_a_device_that_the_library_does_not_know(self, sentence, two_sessions):
        said = sentence("--device", "nobody")
        assert "--device nobody: the library has nothing of it; give one of" in said
        assert "garage" in said
        assert DEVICE in said

    def test_two_forms_at_once(self, sentence, path):
        assert "give one of them" in sentence("--json", "--csv")

    def test_a_file_that_is_no_library(self, sentence, tmp_path):
        (tmp_path / "text").write_text("no library at all")
        assert "is no library" in sentence("--library", tmp_path / "text")

    def test_the_library_of_a_newer_program(self, sentence, path, two_sessions):
        change(path, "PRAGMA user_version = 99")
        assert "has form 99" in sentence()
        assert "update this program" in sentence("--json")


def test_the_option_names_another_library(reps, tmp_path, two_sessions):
    with Library(tmp_path / "other.sqlite") as library:
        library.add_reps("there", [rep(1)], SOME_UTC_MS)
    out = reps("--json", "--library", tmp_path / "other.sqlite")[1]
    assert [one["device"] for one in json.loads(out)["reps"]] == ["there"]
