"""Long campaigns: `make soak`. The same functions as in the everyday tests, at full length."""

import random

import pytest

from chain.campaign import campaign
from chain.kills import kill_receivers
from chain.test_ble_garbage import storm as ble_storm
from chain.test_usb import storm as usb_storm

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("interval_ms", [15, 30, 60, 100])
def test_two_hundred_losses_in_an_hour(interval_ms: int, tmp_path, report) -> None:
    outcome = campaign(tmp_path, interval_ms * 1000, sets=30, losses=200, seed=1000 + interval_ms)
    report(
        f"200 losses at {interval_ms} ms",
        f"{outcome.losses} of the link, {outcome.made} reps made, {len(outcome.stored)} stored, "
        f"{outcome.repeated} repeated, live back after {max(outcome.back_s):.1f} s at most",
    )
    assert outcome.stored == list(range(1, outcome.made + 1))
    assert outcome.conflicts == 0
    assert max(outcome.back_s) < 5.0


def test_a_hundred_thousand_bad_messages_over_bluetooth(report) -> None:
    counters, reps = ble_storm(100_000, random.Random(1))
    report("100,000 bad messages over Bluetooth", f"{counters['commands_refused']} counted")
    assert sorted(set(reps)) == [1, 2]
    assert counters["handler_faults"] == counters["overruns"] == 0


def test_a_hundred_thousand_bad_frames_on_the_serial_port(report) -> None:
    counters, reps = usb_storm(100_000, 7)
    report("100,000 bad frames on the serial port", f"{counters['bad_frames']} counted")
    assert sorted(set(reps)) == [1, 2]
    assert counters["handler_faults"] == counters["overruns"] == 0


def test_fifty_receivers_killed_in_real_time(tmp_path, report) -> None:
    aftermath = kill_receivers(tmp_path, kills=50, seed=2)
    report(
        "50 receivers killed",
        f"{aftermath.kills_connected} of them had stored something; {len(aftermath.stored)} reps, "
        f"each once; the device keeps those from {aftermath.oldest_kept} on",
    )
    assert aftermath.integrity == "ok"
    assert aftermath.stored == list(range(1, len(aftermath.stored) + 1))
    assert aftermath.conflicts == 0
    assert aftermath.oldest_kept - 1 <= len(aftermath.stored)
