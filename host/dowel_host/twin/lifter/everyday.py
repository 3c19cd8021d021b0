"""Movement that is no lifting: rests between sets, and what else happens in a gym."""

from collections.abc import Callable

from dowel_host.twin.lifter import gym_floor, locomotion
from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.options import Plan
from dowel_host.twin.lifter.sets import perform_set
from dowel_host.twin.lifter.stance import fidget, stance
from dowel_host.twin.lifter.timeline import Timeline

# How long a rest has to be for a short walk in it, and how often one is taken. Seconds.
WALK_IN_REST_S = 20.0
WALKS = 0.5
# How often each comes among other movement; stretches and squats are hinge-like or lifts, the
# rest is neither.
SCENES = {
    "stand": 4.0,
    "walk": 5.0,
    "sit": 3.0,
    "stairs": 1.5,
    "plates": 2.5,
    "shoes": 1.2,
    "jump": 1.0,
    "lie": 0.8,
    "stretch": 1.5,
    "squats": 0.8,
}


def rest(timeline: Timeline, body: Body, duration_s: float) -> None:
    """Stand, fidget, perhaps walk a little; in the end stand still in a stance of its own."""
    end_s = timeline.now_s + duration_s - 1.5
    if duration_s > WALK_IN_REST_S and timeline.chance(WALKS):
        fidget(timeline, timeline.uniform((1.0, 5.0)))
        locomotion.walk(timeline, body, timeline.uniform((4.0, 10.0)))
    fidget(timeline, end_s - timeline.now_s)
    timeline.move(0.7, stance(timeline, body))
    timeline.hold(0.8)


def everyday(timeline: Timeline, body: Body, plan: Plan) -> None:
    """Go on like this for at least plan.minutes (phase 5; stretches are phase 0)."""
    start_s = timeline.now_s
    names = list(SCENES)
    weights = [SCENES[name] / sum(SCENES.values()) for name in names]
    timeline.set_phase(5)
    while timeline.now_s - start_s < plan.minutes * 60.0:
        name = str(timeline.rng.choice(names, p=weights))
        if name == "stretch":
            timeline.set_phase(0)
        if name == "squats":
            number = 1 + len(timeline.creep_deg_per_rep)
            reps = int(timeline.rng.integers(5, 13))
            perform_set(timeline, body, "squat", number, reps, plan, phase=5)
        else:
            _play(name, timeline, body)
        timeline.set_phase(5)
        timeline.move(0.6, stance(timeline, body))
        timeline.hold(timeline.uniform((0.3, 3.0)))
    timeline.set_phase(0)


def _play(name: str, timeline: Timeline, body: Body) -> None:
    draw = timeline.uniform
    scenes: dict[str, Callable[[], None]] = {
        "stand": lambda: fidget(timeline, draw((6.0, 30.0))),
        "walk": lambda: locomotion.walk(timeline, body, draw((6.0, 35.0))),
        "sit": lambda: gym_floor.sit(timeline, body, draw((6.0, 40.0))),
        "stairs": lambda: locomotion.stairs(timeline, body, int(draw((6.0, 18.0)))),
        "plates": lambda: gym_floor.load_plates(timeline, body, int(draw((1.0, 5.0)))),
        "shoes": lambda: gym_floor.tie_shoes(timeline, body),
        "jump": lambda: locomotion.jump(timeline, body, int(draw((2.0, 8.0)))),
        "lie": lambda: gym_floor.lie_down(timeline, body, draw((8.0, 30.0))),
        "stretch": lambda: gym_floor.stretch(timeline, body),
    }
    scenes[name]()
