"""Receivers killed at random moments: the library is whole, nothing acknowledged is missing."""

import pytest

from chain.kills import kill_receivers


@pytest.mark.slow
def test_killed_receivers_lose_nothing(tmp_path, report) -> None:
    aftermath = kill_receivers(tmp_path, kills=5, seed=1)
    assert aftermath.integrity == "ok"
    assert aftermath.stored == list(range(1, len(aftermath.stored) + 1))
    assert len(aftermath.stored) >= 4
    assert aftermath.conflicts == 0
    # What the device no longer keeps was acknowledged: it has to be in the library.
    assert aftermath.oldest_kept - 1 <= len(aftermath.stored)
    report(
        "receivers killed",
        f"{aftermath.kills}, {aftermath.kills_connected} of them had stored something; "
        f"{len(aftermath.stored)} reps, each once",
    )
