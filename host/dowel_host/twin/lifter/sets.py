"""A set of any lift."""

from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.floor_set import perform_from_floor
from dowel_host.twin.lifter.options import Lift, Plan
from dowel_host.twin.lifter.set_plan import SetPlan
from dowel_host.twin.lifter.standing_set import perform_standing
from dowel_host.twin.lifter.thrust_set import perform_thrusts
from dowel_host.twin.lifter.timeline import Timeline


def perform_set(
    timeline: Timeline,
    body: Body,
    lift: Lift,
    number: int,
    reps: int,
    plan: Plan,
    phase: int = 4,
) -> None:
    """Do a set of so many reps in this phase of the recording. number: the set's, from 1."""
    lift_set = SetPlan(timeline, body, lift, number, plan)
    slope = lift_set.creep_deg_per_rep
    timeline.creep_deg_per_rep.append(float("nan") if slope is None else slope)
    if lift == "deadlift":
        perform_from_floor(lift_set, reps, phase)
    elif lift == "hip_thrust":
        perform_thrusts(lift_set, reps, phase)
    else:
        perform_standing(lift_set, reps, phase)
    timeline.set_phase(0)
