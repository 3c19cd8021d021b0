"""Reps as sessions."""

from dowel_host.library import StoredRep, sessions
from dowel_host.library.records import decode
from dowel_host.library.sessions import SESSION_PAUSE_MIN
from host.library.rig import DEVICE, SOME_UTC_MS, rep

MINUTE_MS = 60_000


def stored(seq, *, device=DEVICE, epoch=1, start_ms=0, received=SOME_UTC_MS, start=None):
    record = rep(seq, epoch=epoch, start_ms=start_ms)
    return StoredRep(device, record, decode(record), received, start)


def numbers(found):
    return [[one.record.seq for one in session.reps] for session in found]


def test_no_reps_no_session():
    assert sessions([]) == []


def test_reps_stand_in_their_order():
    assert numbers(sessions([stored(2, start_ms=5000), stored(1)])) == [[1, 2]]


def test_a_long_pause_begins_a_session_and_a_rest_does_not():
    rest = stored(2, start_ms=SESSION_PAUSE_MIN * MINUTE_MS)
    evening = stored(3, start_ms=2 * SESSION_PAUSE_MIN * MINUTE_MS + 1)
    assert numbers(sessions([stored(1), rest, evening])) == [[1, 2], [3]]


def test_the_wrap_of_the_device_clock_is_no_pause():
    assert numbers(sessions([stored(1, start_ms=2**32 - 1), stored(2, start_ms=1)])) == [[1, 2]]


def test_devices_and_boots_are_apart():
    found = sessions([stored(1), stored(1, epoch=2), stored(1, device="other")])
    assert len(found) == 3


def test_the_newest_is_last_by_the_start_where_it_is_known():
    """What came late was not lifted late."""
    morning = stored(1, epoch=1, start=SOME_UTC_MS - 900, received=SOME_UTC_MS)
    noon = stored(2, epoch=2, start=SOME_UTC_MS - 500, received=SOME_UTC_MS - 400)
    undated = stored(3, epoch=3, received=SOME_UTC_MS - 700)
    assert numbers(sessions([noon, morning, undated])) == [[1], [3], [2]]


def test_a_rep_that_cannot_be_read_stays_with_its_neighbours():
    unknown = StoredRep(DEVICE, rep(2, epoch=1)._replace(version=9), None, SOME_UTC_MS, None)
    late = stored(3, start_ms=2 * SESSION_PAUSE_MIN * MINUTE_MS)
    assert numbers(sessions([stored(1), unknown, late])) == [[1, 2], [3]]
