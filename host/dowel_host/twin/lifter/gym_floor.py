"""What people do in a gym besides lifting: sit, load plates, tie shoes, stretch, lie down.

Bends to the floor are as people bend who do not think of it: lumbar flexion 36 +- 10 degrees
stooping, 25 +- 8 with bent knees (10.3389/fbioe.2021.769117), to the side and twisted; times of
one reach 2 to 6 s. Sitting slumps the spine by 20 to 50 degrees (half of its range and more).
"""

from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.locomotion import walk
from dowel_host.twin.lifter.stance import fidget, stance
from dowel_host.twin.lifter.timeline import Bend, Channel, Impact, Timeline

CHAIR_M = (-0.45, -0.40)  # the hips' place on a chair, from their place in standing
BENCH_M = (-0.45, -0.45)


def sit(timeline: Timeline, body: Body, duration_s: float, *, shoes: bool = False) -> None:
    """Sit down, stay so long, get up. shoes: tie them meanwhile."""
    _sit_down(timeline, body)
    if shoes:
        for _ in range(2):
            _reach(timeline, body, timeline.uniform((5.0, 12.0)), seated=True)
            timeline.hold(timeline.uniform((0.5, 2.5)))
    fidget(timeline, duration_s)
    _stand_up(timeline, body)


def _sit_down(timeline: Timeline, body: Body) -> None:
    way_s = timeline.uniform((1.2, 2.2))
    timeline.overlay(
        "trunk", timeline.now_s, 0.55 * way_s, 0.0, 0.6 * way_s, timeline.uniform((22.0, 45.0))
    )
    seat: dict[Channel, float] = {
        "free": 1.0,
        "hip_x": CHAIR_M[0],
        "hip_y": CHAIR_M[1] + timeline.uniform((-0.05, 0.05)),
        "knee": 90.0,
        "trunk": timeline.uniform((-14.0, 14.0)),
        "extra": timeline.uniform((0.25, 0.7)) * body.range_deg,
    }
    timeline.move(way_s, seat)
    timeline.impacts.append(Impact(timeline.now_s - 0.1, timeline.uniform((0.05, 0.4))))


def _stand_up(timeline: Timeline, body: Body) -> None:
    way_s = timeline.uniform((1.1, 2.0))
    lean_deg = timeline.uniform((25.0, 48.0))
    timeline.overlay("trunk", timeline.now_s, 0.5 * way_s, 0.0, 0.65 * way_s, lean_deg)
    timeline.hold(0.25 * way_s)
    place: dict[Channel, float] = {"free": 0.0, "hip_x": 0.0, "hip_y": 0.0}
    timeline.move(way_s, stance(timeline, body) | place)


def _reach(
    timeline: Timeline,
    body: Body,
    hold_s: float,
    *,
    seated: bool = False,
    trunk_deg: tuple[float, float] = (50.0, 95.0),
) -> None:
    # Down to the floor and back, as nobody was taught.
    there_s, back_s = timeline.uniform((0.8, 1.7)), timeline.uniform((0.8, 1.6))
    deep_deg = timeline.uniform(trunk_deg)
    start_s = timeline.now_s
    aims: dict[Channel, float] = {
        "trunk": deep_deg - timeline.value("trunk"),
        "lateral": 7.0 * float(timeline.rng.normal()),
        "pelvis_lateral": 4.0 * float(timeline.rng.normal()),
        "twist": 14.0 * float(timeline.rng.normal()),
    }
    if not seated:
        aims["knee"] = timeline.uniform((5.0, 75.0))
    for channel, amplitude in aims.items():
        timeline.overlay(channel, start_s, there_s, hold_s, back_s, amplitude)
    # Fingers are busy: the trunk is not quite still.
    for channel in ("trunk", "lateral"):
        timeline.wave(
            channel,
            start_s + there_s,
            hold_s + 0.3,
            timeline.uniform((0.5, 2.0)),
            timeline.uniform((0.3, 1.5)),
        )
    # The pelvis does not tilt back while the trunk leans forward.
    flexion_deg = timeline.uniform((0.35, 0.95)) * min(body.range_deg, 0.9 * deep_deg + 5.0)
    if seated:
        flexion_deg = max(flexion_deg, timeline.value("extra"))
    timeline.bends.append(
        Bend(start_s, 0.9 * there_s, 0.1 * there_s + hold_s, back_s, "flexion", flexion_deg)
    )
    timeline.hold(there_s + hold_s + back_s)


def tie_shoes(timeline: Timeline, body: Body) -> None:
    """Tie both shoes: seated, or bent over."""
    if timeline.chance(0.5):
        sit(timeline, body, timeline.uniform((2.0, 6.0)), shoes=True)
        return
    for _ in range(2):
        _reach(timeline, body, timeline.uniform((5.0, 14.0)))
        timeline.hold(timeline.uniform((0.4, 2.0)))
    timeline.move(0.6, stance(timeline, body))


def load_plates(timeline: Timeline, body: Body, plates: int) -> None:
    """Pick plates up one by one, carry each to a bar and push it on."""
    for _ in range(plates):
        low = timeline.chance(0.6)  # from the floor, else from a rack at hip height
        depth: tuple[float, float] = (45.0, 92.0) if low else (12.0, 40.0)
        _reach(timeline, body, timeline.uniform((0.1, 1.2)), trunk_deg=depth)
        walk(timeline, body, timeline.uniform((2.0, 6.0)))
        low = timeline.chance(0.5)  # a bar on the floor, else in a rack
        depth = (40.0, 85.0) if low else (8.0, 30.0)
        _reach(timeline, body, timeline.uniform((0.6, 3.0)), trunk_deg=depth)
        timeline.impacts.append(Impact(timeline.now_s - 1.5, timeline.uniform((0.05, 0.3))))
        walk(timeline, body, timeline.uniform((1.5, 5.0)))


def stretch(timeline: Timeline, body: Body) -> None:
    """Reach for the toes, lean to the sides, turn, lean back."""
    kind = int(timeline.rng.integers(4))
    way_s, hold_s = timeline.uniform((1.5, 3.5)), timeline.uniform((3.0, 15.0))
    start_s, way = timeline.now_s, float(timeline.rng.choice((-1.0, 1.0)))
    kinds: tuple[dict[Channel, float], ...] = (
        {"trunk": timeline.uniform((70.0, 110.0)), "knee": timeline.uniform((0.0, 12.0))},
        {"lateral": way * timeline.uniform((18.0, 35.0)), "pelvis_lateral": way * 6.0},
        {"twist": way * timeline.uniform((25.0, 50.0)), "heading": way * 20.0},
        {"trunk": timeline.uniform((-28.0, -10.0))},
    )
    for channel, amplitude in kinds[kind].items():
        timeline.overlay(channel, start_s, way_s, hold_s, way_s, amplitude)
    if kind == 0:
        flexion_deg = timeline.uniform((0.7, 1.0)) * body.range_deg
        timeline.bends.append(Bend(start_s, way_s, hold_s, way_s, "flexion", flexion_deg))
    if kind == 3:
        arch_deg = -timeline.uniform((4.0, 16.0))
        timeline.bends.append(Bend(start_s, way_s, hold_s, way_s, "extra", arch_deg))
    timeline.hold(2.0 * way_s + hold_s + timeline.uniform((0.5, 2.0)))


def lie_down(timeline: Timeline, body: Body, duration_s: float) -> None:
    """Lie back on a bench, as for a bench press, and get up again."""
    _sit_down(timeline, body)
    timeline.hold(timeline.uniform((0.5, 2.0)))
    flat: dict[Channel, float] = {
        "trunk": timeline.uniform((-96.0, -84.0)),
        "extra": timeline.uniform((-8.0, 10.0)),
    }
    timeline.move(timeline.uniform((1.4, 2.5)), flat)
    pressing_s = max(duration_s, 2.0)
    timeline.wave(
        "trunk",
        timeline.now_s,
        pressing_s,
        timeline.uniform((0.2, 1.5)),
        timeline.uniform((0.2, 0.5)),
    )
    timeline.hold(pressing_s)
    sitting: dict[Channel, float] = {"trunk": timeline.uniform((0.0, 15.0)), "extra": 15.0}
    timeline.move(timeline.uniform((1.2, 2.2)), sitting)
    timeline.hold(timeline.uniform((0.5, 2.0)))
    _stand_up(timeline, body)
