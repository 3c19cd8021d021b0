"""Sets that start from standing: Romanian deadlift, good morning, drill, swing, squat, one leg."""

from dowel_host.twin.lifter.set_plan import RepDraw, SetPlan
from dowel_host.twin.lifter.stance import stance
from dowel_host.twin.lifter.timeline import Bend, Channel, Impact

SINGLE_LEG_SIDE_DEG = 3.5  # of the pelvis, deviation
WOBBLE_DEG = (0.5, 2.0)


def perform_standing(lift_set: SetPlan, reps: int, phase: int) -> None:
    """Do so many reps, from opening the set to closing it."""
    timeline = lift_set.timeline
    timeline.move(0.8, stance(timeline, lift_set.body))
    timeline.set_phase(phase)
    timeline.hold(timeline.uniform((0.8, 2.5)))
    weighted = lift_set.style.weighted
    if weighted:
        _take_weight(lift_set, lift_set.load)
    timeline.hold(timeline.uniform((0.7, 1.8)))
    for index in range(reps):
        rep = lift_set.draw(index, reps)
        start_s = timeline.now_s
        times_s = (rep.down_s, rep.rest_s, rep.up_s)
        if lift_set.lift == "squat":
            _tuck(lift_set, start_s, rep)
        lift_set.spine.bend(start_s, times_s)
        if lift_set.lift == "single_leg_rdl":
            _balance_on_one_leg(lift_set, start_s, sum(times_s))
        timeline.excursion(times_s, _low_end(lift_set, rep), lift_set.top())
        lift_set.add_rep(rep, start_s, forward=True)
        if index + 1 < reps:
            lift_set.pause(rep, -0.08 * min(rep.down_s, rep.up_s))
    timeline.hold(timeline.uniform((0.5, 1.5)))
    if weighted:
        _take_weight(lift_set, 0.0)
    timeline.hold(timeline.uniform((0.6, 1.8)))


def _low_end(lift_set: SetPlan, rep: RepDraw) -> dict[Channel, float]:
    return {"trunk": rep.share * rep.depth_deg, "knee": rep.share**0.7 * lift_set.knee_deg}


def _take_weight(lift_set: SetPlan, load: float) -> None:
    # Off the rack or back: a dip under the bar, a few steps.
    timeline = lift_set.timeline
    if lift_set.lift == "swing":
        _pick_up(lift_set)
        return
    dip_s = timeline.uniform((0.5, 0.9))
    dip: dict[Channel, float] = {
        "trunk": timeline.uniform((4.0, 18.0)),
        "knee": timeline.uniform((8.0, 25.0)),
    }
    for channel, amplitude in dip.items():
        timeline.overlay(channel, timeline.now_s, dip_s, 0.3, dip_s, amplitude)
    timeline.hold(dip_s)
    timeline.move(0.8, {"load": load})
    timeline.hold(0.3)
    for _ in range(int(timeline.rng.integers(2, 5))):
        step_s = timeline.uniform((0.45, 0.8))
        side = float(timeline.rng.choice((-1.0, 1.0)))
        timeline.overlay("hip_z", timeline.now_s, step_s / 2, 0.0, step_s / 2, 0.03 * side)
        timeline.overlay("pelvis_lateral", timeline.now_s, step_s / 2, 0.0, step_s / 2, 4.0 * side)
        timeline.hold(step_s)
        timeline.impacts.append(Impact(timeline.now_s, timeline.uniform((0.1, 0.35))))
    timeline.move(0.6, lift_set.top())


def _pick_up(lift_set: SetPlan) -> None:
    # The bell from the floor, or back to it: a slow hinge that is no swing.
    timeline = lift_set.timeline
    times_s = (timeline.uniform((1.0, 1.8)), timeline.uniform((0.4, 1.5)), 1.2)
    low: dict[Channel, float] = {
        "trunk": timeline.uniform((50.0, 75.0)),
        "knee": timeline.uniform((30.0, 70.0)),
    }
    timeline.excursion(times_s, low, lift_set.top())


def _tuck(lift_set: SetPlan, start_s: float, rep: RepDraw) -> None:
    # The pelvis tucks late in a deep squat: 12.9 degrees in women, 26.3 in men, less n.
    timeline = lift_set.timeline
    late_s = 0.45 * rep.down_s
    timeline.bends.append(
        Bend(
            start_s + rep.down_s - late_s,
            late_s,
            max(rep.rest_s, 0.05),
            0.5 * rep.up_s,
            "extra",
            rep.share * timeline.uniform((2.0, 15.0)),
        )
    )


def _balance_on_one_leg(lift_set: SetPlan, start_s: float, duration_s: float) -> None:
    timeline = lift_set.timeline
    side_deg = SINGLE_LEG_SIDE_DEG * float(timeline.rng.normal())
    half_s = duration_s / 2.0
    timeline.overlay("pelvis_lateral", start_s, half_s, 0.0, half_s, side_deg)
    timeline.overlay("lateral", start_s, half_s, 0.0, half_s, 0.4 * side_deg)
    timeline.overlay("twist", start_s, half_s, 0.0, half_s, timeline.uniform((-8.0, 8.0)))
    for channel in ("lateral", "pelvis_lateral", "trunk"):
        timeline.wave(
            channel,
            start_s,
            duration_s,
            timeline.uniform(WOBBLE_DEG),
            timeline.uniform((0.6, 1.8)),
            float(timeline.rng.random()),
        )
