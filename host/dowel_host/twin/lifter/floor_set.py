"""Sets of deadlifts from the floor: the way up comes first."""

from dowel_host.twin.lifter.set_plan import RepDraw, SetPlan
from dowel_host.twin.lifter.stance import stance
from dowel_host.twin.lifter.timeline import Channel, Impact


def perform_from_floor(lift_set: SetPlan, reps: int, phase: int) -> None:
    """Do so many reps, from opening the set to closing it."""
    timeline = lift_set.timeline
    timeline.move(0.8, stance(timeline, lift_set.body))
    timeline.set_phase(phase)
    timeline.hold(timeline.uniform((1.0, 2.5)))
    timeline.move(timeline.uniform((1.2, 2.4)), _floor(lift_set))
    fidget_s = timeline.uniform((0.4, 2.5))
    timeline.overlay(
        "trunk", timeline.now_s, fidget_s / 2, 0.0, fidget_s / 2, timeline.uniform((-6.0, 3.0))
    )
    timeline.hold(fidget_s + timeline.uniform((0.5, 1.2)))
    for index in range(reps):
        _pull(lift_set, lift_set.draw(index, reps), last=index + 1 == reps)
    timeline.hold(timeline.uniform((0.3, 1.2)))
    timeline.move(timeline.uniform((0.9, 1.8)), stance(timeline, lift_set.body))
    timeline.hold(timeline.uniform((0.8, 2.0)))


def _floor(lift_set: SetPlan) -> dict[Channel, float]:
    draw = lift_set.timeline.uniform
    return {
        "trunk": lift_set.depth_deg + draw((-1.5, 1.5)),
        "knee": lift_set.knee_deg + draw((-2.0, 2.0)),
        "extra": draw((-1.0, 2.0)),
    }


def _pull(lift_set: SetPlan, rep: RepDraw, *, last: bool) -> None:
    timeline = lift_set.timeline
    start_s = timeline.now_s
    top = lift_set.top()
    far: dict[Channel, float] = {
        channel: timeline.value(channel) * (1.0 - rep.share) + rep.share * value
        for channel, value in top.items()
    }
    # Flexion peaks as the weight leaves the floor, and goes as the trunk comes up.
    before_s = 0.5 * rep.up_s
    lift_set.spine.bend(
        start_s - before_s,
        (before_s + 0.1 * rep.up_s, 0.22 * rep.up_s, 0.5 * rep.up_s),
    )
    # The knees lead, the trunk follows.
    timeline.excursion(
        (rep.up_s, max(rep.rest_s, 0.0), rep.down_s),
        far,
        _floor(lift_set),
        skew_there={"trunk": 1.2, "knee": 0.9},
    )
    lift_set.add_rep(rep, start_s, forward=False)
    dropped = 1.6 if rep.kind == "bail" else 1.0
    size_g = dropped * lift_set.impact_g * timeline.uniform((0.7, 1.3))
    timeline.impacts.append(Impact(timeline.now_s - 0.04, size_g))
    if not last:
        lift_set.pause(rep, -0.05 * rep.down_s)
