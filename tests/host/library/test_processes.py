"""Several processes on one library, and processes killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from dowel_host.library import Key, Library
from host.library.rig import DEVICE, EPOCH, SOME_UTC_MS, numbered, query

WRITER = Path(__file__).with_name("writer.py")
FOREVER = 1_000_000


def start(*arguments):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(WRITER), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def begun(process):
    assert process.stdout.readline() == "begin\n"
    return process


def kill(process, moment):
    """Kill -9 at some moment; return the numbers that it said were stored before.

    Half of the kills wait for a number of reps first: a busy disk may be slow to begin.
    """
    wait_for = moment.choice((0, moment.randint(1, 60)))
    lines = [process.stdout.readline() for _ in range(wait_for)]
    time.sleep(moment.uniform(0, 0.04))
    process.kill()
    rest, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    lines += rest.splitlines(keepends=True)
    # What the kill cut in the middle was not said.
    return [int(line) for line in lines if line.endswith("\n")]


def stored_seqs(path):
    """Return the reps of a library, found whole, in the order of their numbers."""
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    with Library(path) as library:
        found = [stored.record for stored in library.reps()]
        assert library.conflicts() == 0
    for record in found:
        assert record == numbered(record.seq)
    return [record.seq for record in found]


def test_two_processes_write_at_once(tmp_path):
    """Both also make the file; half of the reps come to both, as of one device."""
    path = tmp_path / "library.sqlite"
    first = start("batches", path, DEVICE, 0, 300)
    second = start("batches", path, DEVICE, 150, 300)
    for process in (first, second):
        process.communicate(timeout=60)
        assert process.returncode == 0
    with Library(path) as library:
        assert library.conflicts() == 0
    assert stored_seqs(path) == list(range(450))


def test_a_reader_sees_whole_batches_while_another_process_writes(tmp_path):
    path = tmp_path / "library.sqlite"
    with Library(path) as library, start("batches", path, DEVICE, 0, FOREVER) as writer:
        begun(writer)
        seen = 0
        while seen < 100:
            found = [stored.record.seq for stored in library.reps()]
            assert found == list(range(len(found)))
            # Batches have one and two reps by turns.
            assert len(found) % 3 != 2
            seen = len(found)
        kill(writer, random.Random(0))


def test_kills_of_a_writing_process_lose_nothing_that_was_stored(tmp_path, report):
    path = tmp_path / "library.sqlite"
    moment = random.Random(1)
    said = set()
    kills = 20
    for number in range(kills):
        # As a device would: what was not acknowledged is sent again, and a little more.
        first = max(0, max(said, default=0) - 4)
        writer = begun(start("batches", path, DEVICE, first, FOREVER))
        said.update(kill(writer, moment))
        if number % 4 == 3:  # else the next process finds what this one left
            assert said <= set(stored_seqs(path))
    found = stored_seqs(path)
    assert len(found) == len(set(found))
    assert said <= set(found)
    assert said
    report("library: kills of the writer, reps stored", f"{kills}, {len(said)}")


def test_kills_while_libraries_are_made_leave_libraries(tmp_path):
    moment = random.Random(2)
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        writer = begun(start("libraries", folder))
        said = kill(writer, moment)
        for path in sorted(folder.glob("*.sqlite")):
            which = int(path.stem)
            assert stored_seqs(path) in ([[which]] if which in said else [[which], []])
            with Library(path) as library:
                keys = library.add_reps(DEVICE, [numbered(which)], SOME_UTC_MS).keys
                assert keys == [Key(EPOCH, which)]
