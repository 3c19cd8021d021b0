"""The whole chain.

What the receiver gets is what the person did, and nothing is lost unnoticed.
"""

import numpy as np
import pytest

from dowel_host.demo import DemoResult, play
from dowel_host.messages import Rep
from dowel_host.recording import Role
from dowel_host.recording_file import load_recording
from dowel_host.twin.costs import Costs
from dowel_host.twin.faults import STATIONS
from dowel_host.twin.person import simple_person
from dowel_host.twin.session import TwinSettings


def test_ten_reps_one_cue_nothing_lost(ran: DemoResult, report) -> None:
    document = ran.document()
    assert document["reps"] == 10
    assert document["cues"] == 1
    assert document["lost"] == 0
    assert ran.stations.losses() == {}
    assert [rep.cues for rep in ran.reps] == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    report("demo, board time / wall time", f"{ran.board_s / ran.wall_s:.1f}")
    report("heap free before main.py", f"{ran.heap_free} bytes")
    report("heap in use, peak after a collection", f"{ran.heap_peak} bytes")


def test_each_station_counts_every_item_of_the_person(ran: DemoResult, person) -> None:
    chain = ran.stations.chain
    assert ran.stations.offered == 2 * person.samples
    for name in ("chip", "driver"):
        assert (chain[name].came, chain[name].went) == (2 * person.samples,) * 2
    assert chain["core"].came == 2 * person.samples
    assert chain["core"].went == person.samples // 8 + 10
    assert chain["receiver"].went == len(ran.frames) + len(ran.reps)


def test_reps_are_where_the_person_made_them(ran: DemoResult, person) -> None:
    truth_s = np.asarray(person.truth["rep_peak_us"]) / 1e6
    start_s = ran.start_us / 1e6
    seen_s = np.array([(rep.start_ms + rep.peak_ms) / 1000 - start_s for rep in ran.reps])
    assert np.abs(seen_s - truth_s).max() < 0.1


def test_angles_are_those_of_the_person(ran: DemoResult, person) -> None:
    trunk_deg = person.truth["trunk_deg"]
    flexion_deg = person.truth["flexion_deg"]
    frames = [frame for frame in ran.frames if frame.trunk_cdeg is not None]
    start_ms = ran.start_us / 1000
    index = np.searchsorted(person.t_us, [(frame.t_ms - start_ms) * 1000 for frame in frames])
    index = np.clip(index, 0, person.samples - 1)
    trunk = np.array([frame.trunk_cdeg for frame in frames]) / 100 - trunk_deg[index]
    flexion = np.array([frame.flexion_cdeg for frame in frames]) / 100 - flexion_deg[index]
    assert np.sqrt(np.mean(trunk**2)) < 1.5
    assert np.sqrt(np.mean(flexion**2)) < 2.0


@pytest.mark.parametrize("station", STATIONS)
def test_what_is_dropped_on_the_way_into_a_station_is_missed_there_alone(
    station: str, person
) -> None:
    short = simple_person(2, sets=1, reps=2, rounded=None)
    result = play(short, TwinSettings(seed=2, drops={station: 3}))
    assert result.stations.losses() == {station: 3}
    assert result.document()["lost"] == 3


def test_one_sensor_gives_trunk_and_reps_and_says_so() -> None:
    both = simple_person(3, sets=1, reps=2, rounded=None)
    one = type(both)(
        both.name,
        both.t_us,
        both.rate_hz,
        both.sites,
        {"upper": both.roles["upper"]},
        both.truth,
    )
    result = play(one, TwinSettings(seed=3))
    assert len(result.reps) == 2
    assert (result.info.upper, result.info.lower) == (True, False)
    assert all(rep.peak_flexion_cdeg is None for rep in result.reps)
    assert all(frame.flexion_cdeg is None and frame.pelvis_cdeg is None for frame in result.frames)
    assert any(frame.trunk_cdeg is not None for frame in result.frames)
    assert "one sensor, the lower one is missing: no lumbar flexion" in result.said


def peaks_cdeg(reps: list[Rep]) -> list[int]:
    return [rep.peak_trunk_cdeg for rep in reps if rep.peak_trunk_cdeg is not None]


def test_clock_errors_of_the_chips_are_followed() -> None:
    short = simple_person(4, sets=1, reps=3, rounded=(0, 1))
    errors: dict[Role, float] = {"upper": 0.04, "lower": -0.03}
    result = play(short, TwinSettings(seed=4, clock_error=errors))
    assert (result.info.upper_freq_fine, result.info.lower_freq_fine) == (27, -20)
    assert len(result.reps) == 3
    assert [rep.cues for rep in result.reps] == [0, 1, 0]
    exact = play(short, TwinSettings(seed=4)).reps
    assert np.abs(np.subtract(peaks_cdeg(result.reps), peaks_cdeg(exact))).max() < 50
    assert result.stations.losses() == {}


def test_a_doubled_cost_is_seen_in_the_delay_of_the_motor() -> None:
    short = simple_person(5, sets=1, reps=2, rounded=(0, 1))
    delays = []
    for costs in (Costs(jitter=0), Costs(jitter=0).doubled("i2c_transaction_us")):
        result = play(short, TwinSettings(seed=5, costs=costs))
        delays.append(result.motor_us[0] - result.start_us)
    assert delays[1] - delays[0] >= 400


def test_a_recorded_person_standing_sitting_and_walking(recordings_dir) -> None:
    result = play(load_recording(recordings_dir / "spine_qmt_walk_sit.npz"))
    document = result.document()
    assert document["lost"] == 0
    assert document["reps"] == 0
    assert document["stations"]["driver"]["in"] == 2 * 20798


def test_the_sources_run_as_they_are_with_the_same_result() -> None:
    short = simple_person(2, sets=1, reps=2, rounded=(0, 1))
    compiled = play(short, TwinSettings(seed=2))
    sources = play(short, TwinSettings(seed=2, compiled=False))
    assert len(sources.reps) == 2
    assert [(rep.peak_trunk_cdeg, rep.peak_flexion_cdeg, rep.cues) for rep in sources.reps] == [
        (rep.peak_trunk_cdeg, rep.peak_flexion_cdeg, rep.cues) for rep in compiled.reps
    ]
