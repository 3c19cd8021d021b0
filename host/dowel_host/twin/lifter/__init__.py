"""A simulated lifter: a person with sensors on, whose every angle is known.

    from dowel_host.twin.lifter import Difficulty, Plan, lifter
    recording = lifter(7, "deadlift", sets=3, reps=8)

README.md says what is modelled, from which sources, and what is not.
"""

from dowel_host.twin.lifter.lifter import demo_person, lifter
from dowel_host.twin.lifter.options import (
    ALL_GOOD,
    IDEAL,
    LIFTS,
    Difficulty,
    Fault,
    Lift,
    Mix,
    Plan,
)

__all__ = [
    "ALL_GOOD",
    "IDEAL",
    "LIFTS",
    "Difficulty",
    "Fault",
    "Lift",
    "Mix",
    "Plan",
    "demo_person",
    "lifter",
]
