"""Link losses at random moments: every rep reaches the library exactly once, live comes back."""

import pytest

from chain.campaign import campaign

BACK_WITHIN_S = 5.0


@pytest.mark.slow
@pytest.mark.parametrize("interval_ms", [15, 30, 60, 100])
def test_every_rep_arrives_once_whenever_the_link_is_lost(
    interval_ms: int, tmp_path, report
) -> None:
    outcome = campaign(tmp_path, interval_ms * 1000, sets=2, losses=14, seed=interval_ms)
    assert outcome.stored == list(range(1, outcome.made + 1))
    assert outcome.conflicts == 0
    assert outcome.losses >= 4, "some losses must be real ones"
    assert outcome.connections == outcome.losses + 1
    assert max(outcome.back_s) < BACK_WITHIN_S
    report(
        f"losses at {interval_ms} ms",
        f"{outcome.losses} of the link, {outcome.made} reps made, {len(outcome.stored)} stored, "
        f"{outcome.repeated} repeated, live back after {max(outcome.back_s):.1f} s at most",
    )
