"""Standing: never quite as before. And what people do while they wait."""

import numpy as np

from dowel_host.twin.lifter import body as human
from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.timeline import Channel, Timeline


def stance(
    timeline: Timeline, body: Body, *, size: float = 1.0, lockout: bool = False
) -> dict[Channel, float]:
    """Draw where trunk, spine and legs come to stand.

    size: of the deviation from standing tall, 1 for a new stance. lockout: with a weight.
    """
    first, second = timeline.rng.normal(size=2)
    correlation = human.STANCE_CORRELATION
    pelvis_deg = size * body.stance_pelvis_deg * first
    lumbar_deg = (
        size
        * body.stance_lumbar_deg
        * (correlation * first + np.sqrt(1.0 - correlation**2) * second)
    )
    lateral_deg = size * 0.6 * float(timeline.rng.normal())
    trunk_deg = pelvis_deg + lumbar_deg + (body.lockout_deg if lockout else 0.0)
    return {
        "trunk": trunk_deg,
        "extra": lumbar_deg,
        "knee": abs(2.0 * size * float(timeline.rng.normal())),
        "lateral": lateral_deg,
        "pelvis_lateral": 0.7 * lateral_deg,
        "twist": size * 0.8 * float(timeline.rng.normal()),
    }


def tall(timeline: Timeline) -> dict[Channel, float]:
    """Standing tall: what all angles count from."""
    del timeline
    return dict.fromkeys(("trunk", "extra", "knee", "lateral", "pelvis_lateral", "twist"), 0.0)


def fidget(timeline: Timeline, duration_s: float) -> None:
    """Pass time standing: shift weight, look down, turn, scratch. Ends as it began."""
    end_s = timeline.now_s + duration_s
    while timeline.now_s < end_s - 1.8:
        left_s = end_s - timeline.now_s
        rise_s = timeline.uniform((0.4, 0.9))
        hold_s = timeline.uniform((0.1, max(0.15, min(2.5, left_s - 2.0 * rise_s - 0.3))))
        fall_s = min(timeline.uniform((0.4, 0.9)), left_s - rise_s - hold_s)
        aims: dict[Channel, float] = {
            "trunk": timeline.uniform((-3.0, 9.0)),
            "extra": timeline.uniform((-2.0, 4.0)),
            "lateral": timeline.uniform((-6.0, 6.0)),
            "pelvis_lateral": timeline.uniform((-4.0, 4.0)),
            "twist": timeline.uniform((-12.0, 12.0)),
            "hip_z": timeline.uniform((-0.05, 0.05)),
        }
        for channel, amplitude in aims.items():
            timeline.overlay(channel, timeline.now_s, rise_s, hold_s, max(fall_s, 0.3), amplitude)
        timeline.hold(rise_s + hold_s + max(fall_s, 0.3) + timeline.uniform((0.1, 1.2)))
    timeline.now_s = max(timeline.now_s, end_s)
