"""The whole lifter: seed and lift in, recording with its truth out."""

from dowel_host.recording import Recording
from dowel_host.twin.lifter.options import Difficulty, Lift, Plan
from dowel_host.twin.lifter.session import Session

# Short, so that nobody waits: about 105 s with the calibration.
DEMO_PLAN = Plan(
    rest_s=(6.0, 6.5),
    rep_s=(2.9, 3.2),
    pause_s=(0.6, 0.9),
    qualities=(("good", "good", "rounded", "good", "good"), ("good",) * 5),
    half=0.0,
    bail=0.0,
    hold=0.0,
    regrip=0.0,
    slips=0,
)


def lifter(
    seed: int,
    lift: Lift,
    *,
    sets: int = 3,
    reps: int = 8,
    difficulty: Difficulty | None = None,
    plan: Plan | None = None,
) -> Recording:
    """Return the recording of a simulated person, with its truth.

    Calibration movements (unless the plan leaves them out), then so many sets of so many reps;
    for `none` everyday movement instead, at least plan.minutes of it. difficulty: all of them
    where None. The same arguments give the same recording.
    """
    return Session(seed, lift, difficulty or Difficulty(), plan or Plan()).record(sets, reps)


def demo_person(seed: int) -> Recording:
    """Return the person of the demo: calibration, two sets of five drills, one rep rounded."""
    return lifter(seed, "dowel_drill", sets=2, reps=5, plan=DEMO_PLAN)
