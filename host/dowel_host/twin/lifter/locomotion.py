"""Walking, stairs, jumping.

Sources: walking at 0.9 to 1.5 m/s with 95 to 125 steps a minute; the pelvis drops 4 to 5 degrees
to a side and turns as much, the trunk less and the other way (Crosbie, Vachalathiti, Smith, Gait
Posture 5, 1997); the body rises and falls 2 to 2.5 cm with each step (Perry, Gait Analysis).
Stairs of 17 cm. Countermovement jumps of 15 to 35 cm, landings of 2 to 5 g at the sacrum.
"""

import numpy as np

from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.rotation import RATE_HZ, Floats
from dowel_host.twin.lifter.stance import stance
from dowel_host.twin.lifter.timeline import Channel, Impact, Timeline, minimum_jerk

SPEED_M_S = (0.9, 1.5)
STEPS_HZ = (1.58, 2.08)
HEEL_G = (0.12, 0.5)
STAIR_M = 0.17
GRAVITY_MS2 = 9.80665
JUMP_M = (0.15, 0.35)
LANDING_G = (0.6, 2.5)


def walk(timeline: Timeline, body: Body, duration_s: float) -> None:
    """Walk about, with turns; in the end stand."""
    end_s = timeline.now_s + duration_s
    timeline.move(0.7, {"speed": timeline.uniform(SPEED_M_S), "trunk": timeline.uniform((0, 6))})
    while timeline.now_s < end_s:
        # A bout at one pace, then perhaps a turn.
        bout_s = min(timeline.uniform((4.0, 12.0)), max(end_s - timeline.now_s, 1.5))
        steps_hz = timeline.uniform(STEPS_HZ)
        _steps(timeline, bout_s, steps_hz, size=1.0)
        if timeline.chance(0.7):
            most_deg = min(170.0, 45.0 * bout_s)
            turn_deg = timeline.value("heading") + timeline.uniform((-most_deg, most_deg))
            timeline.move(bout_s, {"heading": turn_deg})
        else:
            timeline.hold(bout_s)
        timeline.now_s -= 0.6  # bouts fade into each other
    timeline.now_s += 0.6
    timeline.move(0.9, {**stance(timeline, body), "speed": 0.0})


def stairs(timeline: Timeline, body: Body, steps: int) -> None:
    """Climb so many steps, or go down."""
    up = timeline.chance(0.5)
    step_s = timeline.uniform((0.5, 0.75))
    lean_deg = timeline.uniform((8.0, 20.0)) if up else timeline.uniform((0.0, 8.0))
    timeline.move(0.7, {"speed": 0.28 / step_s, "trunk": lean_deg})
    _steps(timeline, steps * step_s, 1.0 / step_s, size=1.4 if up else 1.1)
    for _ in range(steps):
        rise_m = timeline.value("rise") + (STAIR_M if up else -STAIR_M)
        timeline.move(step_s, {"rise": rise_m})
    timeline.move(0.9, {**stance(timeline, body), "speed": 0.0})


def _steps(timeline: Timeline, duration_s: float, steps_hz: float, *, size: float) -> None:
    # Waves of the trunk and hips at the rate of steps, and of strides, with a heel at each step.
    start_s, stride_hz = timeline.now_s, 0.5 * steps_hz
    draw = timeline.uniform
    phase = float(timeline.rng.random())
    waves: tuple[tuple[Channel, float, float, float], ...] = (
        ("rise", draw((0.015, 0.025)), steps_hz, 0.25),
        ("speed", draw((0.04, 0.12)), steps_hz, 0.0),
        ("trunk", draw((0.5, 1.8)), steps_hz, draw((0.0, 1.0))),
        ("extra", draw((0.5, 1.8)), steps_hz, draw((0.0, 1.0))),
        ("pelvis_lateral", draw((2.5, 5.0)), stride_hz, phase),
        ("lateral", -draw((0.5, 2.5)), stride_hz, phase),
        ("twist", draw((4.0, 9.0)), stride_hz, phase + 0.25),
        ("heading", draw((1.5, 4.0)), stride_hz, phase + 0.75),
        ("hip_z", draw((0.015, 0.03)), stride_hz, phase),
    )
    for channel, amplitude, rate_hz, cycles in waves:
        timeline.wave(channel, start_s, duration_s, size * amplitude, rate_hz, cycles)
    heel_g = draw(HEEL_G)
    for step in range(int(duration_s * steps_hz)):
        time_s = start_s + (step + 0.15 + 0.04 * float(timeline.rng.normal())) / steps_hz
        timeline.impacts.append(Impact(time_s, size * heel_g * draw((0.7, 1.3))))


def jump(timeline: Timeline, body: Body, times: int) -> None:
    """Jump so many times, with a countermovement."""
    for _ in range(times):
        height_m, dip_m = timeline.uniform(JUMP_M), timeline.uniform((0.2, 0.35))
        course, off_s, land_s = _jump_course(
            height_m, dip_m, timeline.uniform((0.24, 0.32)), timeline.uniform((0.18, 0.28))
        )
        start_s = timeline.now_s
        timeline.curve("rise", start_s, course)
        low_s = 0.45
        lean_deg = timeline.uniform((18.0, 42.0))
        timeline.overlay("trunk", start_s, low_s, 0.02, off_s - low_s, lean_deg)
        landing_s = len(course) / RATE_HZ - land_s
        timeline.overlay(
            "trunk",
            start_s + land_s - 0.1,
            0.3,
            0.05,
            landing_s - 0.25,
            timeline.uniform((10.0, 32.0)),
        )
        timeline.impacts.append(Impact(start_s + land_s, timeline.uniform(LANDING_G)))
        timeline.hold(len(course) / RATE_HZ + timeline.uniform((0.1, 1.5)))
    timeline.move(0.6, stance(timeline, body))


def _jump_course(
    height_m: float, dip_m: float, push_s: float, land_s: float
) -> tuple[Floats, float, float]:
    # Height of the body over its stance: dip, push, free flight, landing, and up again. Returns
    # also when it leaves the ground and when it lands, seconds from the start.
    off_m, speed = 0.06, float(np.sqrt(2.0 * GRAVITY_MS2 * height_m))
    flight_s = 2.0 * speed / GRAVITY_MS2
    gravity = -GRAVITY_MS2
    pieces = (
        (0.45, (0.0, 0.0, 0.0), (-dip_m, 0.0, 0.0)),
        (push_s, (-dip_m, 0.0, 0.0), (off_m, speed, gravity)),
        (flight_s, (off_m, speed, gravity), (off_m, -speed, gravity)),
        (land_s, (off_m, -speed, gravity), (-0.7 * dip_m, 0.0, 0.0)),
        (0.6, (-0.7 * dip_m, 0.0, 0.0), (0.0, 0.0, 0.0)),
    )
    ends = np.cumsum([piece[0] for piece in pieces])
    t_s = np.arange(int(ends[-1] * RATE_HZ)) / RATE_HZ
    course = np.zeros(len(t_s))
    for (duration_s, begin, finish), end_s in zip(pieces, ends, strict=True):
        inside = (t_s >= end_s - duration_s) & (t_s < end_s)
        x_s = t_s[inside] - (end_s - duration_s)
        course[inside] = _quintic(x_s, duration_s, begin, finish)
    return course, float(ends[1]), float(ends[2])


def _quintic(
    t_s: Floats,
    duration_s: float,
    begin: tuple[float, float, float],
    finish: tuple[float, float, float],
) -> Floats:
    # The fifth-order course between two places, speeds and accelerations.
    x = t_s / duration_s
    speed, half = begin[1] * duration_s, 0.5 * begin[2] * duration_s**2
    place = begin[0] + speed * x + half * x**2
    miss = np.array(
        (
            finish[0] - (begin[0] + speed + half),
            finish[1] * duration_s - (speed + 2.0 * half),
            finish[2] * duration_s**2 - 2.0 * half,
        )
    )
    return (
        place
        + miss[0] * minimum_jerk(x)
        + miss[1] * (-4.0 * x**3 + 7.0 * x**4 - 3.0 * x**5)
        + miss[2] * (0.5 * x**3 - x**4 + 0.5 * x**5)
    )
