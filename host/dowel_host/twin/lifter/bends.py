"""How far the lumbar spine bends in each rep: to the peak that was planned, no further."""

import numpy as np

from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.rotation import RATE_HZ, Floats
from dowel_host.twin.lifter.timeline import Bend, Channels, minimum_jerk

# The device's arching limit, degrees below neutral.
ARCH_DEG = 10.0
# Where a bend has hardly begun it is not asked to reach anything.
SIGNIFICANT = 0.3
# A rounded back stays so above this share of the trunk's way, and straightens below it.
WHOLE_ABOVE = 0.7


def apply_bends(body: Body, channels: Channels, bends: list[Bend]) -> None:
    """Add to `extra` what brings flexion to each bend's peak, at the inclinations planned."""
    for bend in bends:
        window, shape = _course(bend, len(channels["trunk"]))
        if not len(shape):
            continue
        trunk_deg = channels["trunk"][window]
        if bend.aim == "excess":
            shape = shape * _with_trunk(trunk_deg)
        amplitude = _amplitude(body, bend, trunk_deg, channels["extra"][window], shape)
        channels["extra"][window] += amplitude * shape


def _course(bend: Bend, samples: int) -> tuple[slice, Floats]:
    total_s = bend.rise_s + bend.hold_s + bend.fall_s
    first = max(0, int(np.ceil(bend.start_s * RATE_HZ)))
    stop = min(samples, int(np.ceil((bend.start_s + total_s) * RATE_HZ)))
    t_s = np.arange(first, max(first, stop)) / RATE_HZ - bend.start_s
    rise = minimum_jerk(np.clip(t_s / bend.rise_s, 0.0, 1.0))
    fall = minimum_jerk(np.clip((t_s - bend.rise_s - bend.hold_s) / bend.fall_s, 0.0, 1.0))
    return slice(first, max(first, stop)), rise - fall


def _with_trunk(trunk_deg: Floats) -> Floats:
    # Who comes up unrounds in time, or the pelvis would tilt back under an upright trunk.
    lean_deg = np.abs(trunk_deg)
    deepest = int(np.argmax(lean_deg))
    share = lean_deg / max(WHOLE_ABOVE * float(lean_deg[deepest]), 1.0)
    share[:deepest] = 1.0
    return minimum_jerk(np.clip(share, 0.0, 1.0))


def _amplitude(
    body: Body, bend: Bend, trunk_deg: Floats, extra_deg: Floats, shape: Floats
) -> float:
    # The amplitude at which the first sample touches its aim and none passes it.
    neutral_deg = body.neutral_deg(trunk_deg)
    flexion_deg = neutral_deg + extra_deg
    if bend.aim == "extra":
        return bend.value_deg
    if bend.aim == "arch":
        room_deg = extra_deg + ARCH_DEG + bend.value_deg
    elif bend.aim == "excess":
        room_deg = body.limit_deg(trunk_deg) + bend.value_deg - flexion_deg
    else:
        room_deg = bend.value_deg - flexion_deg
    there = shape > SIGNIFICANT
    if not there.any():
        return 0.0
    amplitude = float(np.min(room_deg[there] / shape[there]))
    return -amplitude if bend.aim == "arch" else amplitude
