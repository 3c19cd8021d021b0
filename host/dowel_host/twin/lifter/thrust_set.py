"""Sets of hip thrusts, lying back with the shoulders on a bench: the way up comes first."""

from dowel_host.twin.lifter.set_plan import SetPlan
from dowel_host.twin.lifter.stance import fidget, stance
from dowel_host.twin.lifter.styles import THRUST_SLUMP_DEG, THRUST_TOP_DEG
from dowel_host.twin.lifter.timeline import Channel, Impact

WAY_S = (3.0, 5.0)  # onto the bench, and off it


def perform_thrusts(lift_set: SetPlan, reps: int, phase: int) -> None:
    """Do so many reps, from opening the set to closing it."""
    timeline = lift_set.timeline
    opens_lying = timeline.chance(0.5)
    timeline.move(0.8, stance(timeline, lift_set.body))
    if not opens_lying:
        timeline.set_phase(phase)
        timeline.hold(timeline.uniform((0.8, 2.0)))
    slump_deg = timeline.uniform(THRUST_SLUMP_DEG)
    timeline.move(timeline.uniform(WAY_S), {**_bottom(lift_set, slump_deg), "bench": 1.0})
    fidget(timeline, timeline.uniform((0.5, 4.0)))
    timeline.hold(0.6)
    if opens_lying:
        timeline.set_phase(phase)
        timeline.hold(timeline.uniform((0.8, 2.0)))
    top_deg = timeline.uniform(THRUST_TOP_DEG)
    for index in range(reps):
        rep = lift_set.draw(index, reps)
        start_s = timeline.now_s
        bottom_deg = timeline.value("trunk")
        rise_deg = top_deg + 1.5 * float(timeline.rng.normal()) - bottom_deg
        far: dict[Channel, float] = {
            "trunk": bottom_deg + rep.share * rise_deg,
            "extra": (1.0 - rep.share) * timeline.value("extra"),
        }
        times_s = (rep.up_s, rep.rest_s, rep.down_s)
        lift_set.spine.bend(start_s, times_s)
        timeline.excursion(times_s, far, _bottom(lift_set, slump_deg))
        lift_set.add_rep(rep, start_s, forward=False)
        size_g = lift_set.impact_g * timeline.uniform((0.5, 1.3))
        timeline.impacts.append(Impact(timeline.now_s - 0.05, size_g))
        if index + 1 < reps:
            lift_set.pause(rep, -0.08 * min(rep.down_s, rep.up_s))
    timeline.hold(timeline.uniform((0.8, 2.5)))
    timeline.move(timeline.uniform(WAY_S), {**stance(timeline, lift_set.body), "bench": 0.0})
    timeline.hold(timeline.uniform((0.8, 2.0)))


def _bottom(lift_set: SetPlan, slump_deg: float) -> dict[Channel, float]:
    draw = lift_set.timeline.uniform
    return {
        "trunk": lift_set.depth_deg + draw((-1.2, 1.2)),
        "knee": lift_set.knee_deg,
        "extra": slump_deg + draw((-1.0, 1.0)),
    }
