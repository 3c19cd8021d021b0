"""The three movements of a calibration, done well, or wrong in one way."""

from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.options import Fault, Plan, Range
from dowel_host.twin.lifter.stance import fidget, stance, tall
from dowel_host.twin.lifter.timeline import Bend, Channel, Timeline

# Seconds. Standing tall: 3 are asked for.
TALL_S = (4.2, 6.0)
STILL_S = (0.7, 1.5)  # standing before and after a movement
BETWEEN_S = (2.0, 5.0)
# Slow bends: down, at the bottom, up.
HINGE_S = ((2.4, 4.2), (0.4, 1.4), (2.2, 4.0))
ROUND_S = ((2.8, 4.8), (0.5, 1.6), (2.6, 4.4))
HINGE_DEG = (58.0, 92.0)
HINGE_KNEE_DEG = (8.0, 25.0)
ROUND_KNEE_DEG = (0.0, 10.0)
# With the dowel on head, back and sacrum the stance is close to standing tall.
DOWEL_STANCE = 0.5
# The dowel keeps the hinge neutral to about a degree; peak of what is left, degrees.
HINGE_EXTRA_DEG = (-1.0, 1.0)
FULL_ROUNDING = (0.992, 1.004)  # of the range

# How it goes wrong.
MOVED_DEG = (9.0, 25.0)
STOOPED_DEG = (75.0, 100.0)
BACKWARD_DEG = (-25.0, -12.0)
SHALLOW_DEG = (9.0, 22.0)
FAST_S = ((0.35, 0.65), (0.0, 0.3), (0.4, 0.8))
TWISTED_SIDE_DEG = (20.0, 34.0)
TWISTED_TURN_DEG = (22.0, 45.0)
UNROUNDED_EXTRA_DEG = (-3.0, 2.0)


def calibrate(timeline: Timeline, body: Body, plan: Plan) -> None:
    """Do the three movements (phases 1, 2, 3), with time between them (phase 0)."""
    timeline.set_phase(0)
    fidget(timeline, timeline.uniform((1.0, 3.0)))
    _stand_tall(timeline, plan.fault)
    timeline.set_phase(0)
    _pause(timeline, body, DOWEL_STANCE)
    timeline.move(0.5, {"held": 1.0})
    timeline.set_phase(2)
    _hinge(timeline, body, plan)
    timeline.set_phase(0)
    timeline.move(0.5, {"held": 0.0})
    _pause(timeline, body, 1.0)
    timeline.set_phase(3)
    _round(timeline, body, plan)
    timeline.set_phase(0)


def _pause(timeline: Timeline, body: Body, size: float) -> None:
    # Ends in a stance of its own, still.
    duration_s = timeline.uniform(BETWEEN_S)
    timeline.move(0.6, stance(timeline, body, size=size))
    fidget(timeline, duration_s)
    timeline.hold(0.5)


def _stand_tall(timeline: Timeline, fault: Fault | None) -> None:
    bent: dict[Channel, float] = {}
    if fault is Fault.NOT_UPRIGHT:
        bent = {"trunk": timeline.uniform(STOOPED_DEG), "knee": timeline.uniform((5.0, 30.0))}
    timeline.move(0.9, tall(timeline) | bent)
    timeline.hold(0.5)
    timeline.set_phase(1)
    duration_s = timeline.uniform(TALL_S)
    if fault is Fault.MOVED:
        _move_about(timeline, duration_s)
    timeline.hold(duration_s)
    if bent:
        timeline.set_phase(0)
        timeline.move(1.5, tall(timeline))


def _move_about(timeline: Timeline, duration_s: float) -> None:
    # Once in each 2 s, so that no 3 s of it are still.
    start_s, end_s = timeline.now_s + timeline.uniform((0.2, 0.8)), timeline.now_s + duration_s
    while start_s < end_s:
        rise_s, fall_s = timeline.uniform((0.4, 0.8)), timeline.uniform((0.4, 0.8))
        way = float(timeline.rng.choice((-1.0, 1.0)))
        shares: dict[Channel, float] = {"trunk": 1.0, "lateral": 0.5 * way, "twist": way}
        for channel, share in shares.items():
            timeline.overlay(
                channel, start_s, rise_s, 0.1, fall_s, share * timeline.uniform(MOVED_DEG)
            )
        timeline.overlay("pelvis_lateral", start_s, rise_s, 0.1, fall_s, 4.0 * way)
        start_s += rise_s + fall_s + timeline.uniform((0.1, 0.7))


def _times(timeline: Timeline, ranges: tuple[Range, Range, Range]) -> tuple[float, float, float]:
    there, rest, back = (timeline.uniform(limits) for limits in ranges)
    return there, rest, back


def _hinge(timeline: Timeline, body: Body, plan: Plan) -> None:
    fault = plan.fault if plan.fault_movement == 2 else None
    times = _times(timeline, FAST_S if fault is Fault.FAST else HINGE_S)
    far: dict[Channel, float] = {
        "trunk": timeline.uniform(HINGE_DEG),
        "knee": timeline.uniform(HINGE_KNEE_DEG),
    }
    if fault is Fault.SHALLOW:
        far["trunk"] = timeline.uniform(SHALLOW_DEG)
    if fault is Fault.BACKWARD:
        far["trunk"] = timeline.uniform(BACKWARD_DEG)
    _bend(timeline, body, times, far, fault)
    timeline.bends.append(
        Bend(
            timeline.now_s - sum(times),
            0.8 * times[0],
            0.2 * times[0] + times[1],
            times[2],
            "extra",
            timeline.uniform(HINGE_EXTRA_DEG),
        )
    )
    timeline.hold(timeline.uniform(STILL_S))


def _round(timeline: Timeline, body: Body, plan: Plan) -> None:
    fault = plan.fault
    if plan.fault_movement == 2 and fault is not Fault.NO_ROUNDING:
        fault = None
    times = _times(timeline, FAST_S if fault is Fault.FAST else ROUND_S)
    full = timeline.uniform(FULL_ROUNDING)
    far: dict[Channel, float] = {
        "trunk": body.rounding_trunk_deg,
        "knee": timeline.uniform(ROUND_KNEE_DEG),
    }
    aim, value_deg = "flexion", full * body.range_deg
    if fault is Fault.SHALLOW:
        far["trunk"] = timeline.uniform(SHALLOW_DEG)
        value_deg = timeline.uniform((0.4, 0.8)) * far["trunk"]
    elif fault is Fault.BACKWARD:
        far["trunk"] = timeline.uniform(BACKWARD_DEG)
        aim, value_deg = "extra", timeline.uniform((0.3, 0.8)) * far["trunk"]
    elif fault is Fault.NO_ROUNDING:
        far["trunk"] = timeline.uniform(HINGE_DEG)
        aim, value_deg = "extra", timeline.uniform(UNROUNDED_EXTRA_DEG)
    _bend(timeline, body, times, far, fault)
    timeline.bends.append(
        Bend(
            timeline.now_s - sum(times),
            timeline.uniform((0.75, 1.0)) * times[0],
            times[1],
            times[2],
            aim,
            value_deg,
        )
    )
    timeline.hold(timeline.uniform(STILL_S))


def _bend(
    timeline: Timeline,
    body: Body,
    times: tuple[float, float, float],
    far: dict[Channel, float],
    fault: Fault | None,
) -> None:
    timeline.hold(timeline.uniform(STILL_S))
    start_s = timeline.now_s
    size = 1.0 - (1.0 - DOWEL_STANCE) * timeline.value("held")
    timeline.excursion(times, far, stance(timeline, body, size=size))
    if fault is Fault.TWISTED:
        way = float(timeline.rng.choice((-1.0, 1.0)))
        side_deg = way * timeline.uniform(TWISTED_SIDE_DEG)
        turn_deg = way * timeline.uniform(TWISTED_TURN_DEG)
        sides: dict[Channel, float] = {
            "lateral": side_deg,
            "pelvis_lateral": 0.5 * side_deg,
            "twist": 0.6 * turn_deg,
            "heading": 0.4 * turn_deg,
        }
        for channel, amplitude in sides.items():
            timeline.overlay(channel, start_s, times[0], times[1], times[2], amplitude)
