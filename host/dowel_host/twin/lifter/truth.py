"""What is known of a simulated person: the keys that a recording's truth has."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dowel_host.twin.lifter.bends import ARCH_DEG
from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.options import Site
from dowel_host.twin.lifter.rotation import (
    RATE_HZ,
    Floats,
    angles_deg,
    turn_between,
)
from dowel_host.twin.lifter.sensors import Slip
from dowel_host.twin.lifter.skin import Skin
from dowel_host.twin.lifter.timeline import PlannedRep

# A rep leaves and regains its start posture by so much; its far end is within 3 percent.
EDGE_DEG = 5.0
FAR_END = 0.97
HALF_REP = 0.6  # of the median range of its set
# How long before a set's first rep its start posture is taken.
POSTURE_S = 0.3
# A rep is judged so far from its limits, and bad for so long.
MARGIN_DEG = 3.0
BAD_S = 0.150
# A lift whose start posture is bent is judged from so long before it leaves that posture, but
# not from before the rep before it: the spine gives as the weight leaves the floor.
BENT_START_S = 1.0

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Angles:
    """Angles (n,), degrees, of the skeleton or of the patches, from upright standing."""

    trunk_deg: Floats
    pelvis_deg: Floats
    lateral_deg: Floats

    @property
    def flexion_deg(self) -> Floats:
        """Lumbar flexion."""
        return self.trunk_deg - self.pelvis_deg


def angles_from_upright(rotations: dict[Site, Floats], upright: slice | None) -> Angles:
    """Return the angles of segments or patches from their mean in upright standing.

    rotations: axes (n, 3, 3) by site. upright: the samples of standing tall; None: they are
    no reference, the axes are upright as they are.
    """
    trunk = _angles(rotations["t12"], upright)
    pelvis = _angles(rotations["pelvis"], upright)
    return Angles(trunk[0], pelvis[0], trunk[1])


def _angles(rotation: Floats, upright: slice | None) -> tuple[Floats, Floats]:
    up = rotation[:, 1, :]  # the world's Y in the segment's axes
    if upright is not None:
        up = up @ turn_between(up[upright].mean(0), np.array((0.0, 1.0, 0.0))).T
    return angles_deg(up)


def angle_truth(body: Body, skin: Skin, skeleton: Angles, patches: Angles) -> Arrays:
    """Return the keys of angles, neutral curve and range."""
    neutral_deg = body.neutral_deg(skeleton.trunk_deg)
    flexion_deg = skeleton.flexion_deg
    limit_deg = neutral_deg + 0.5 * (body.range_deg - neutral_deg)
    truth: Arrays = {
        "trunk_deg": skeleton.trunk_deg,
        "pelvis_deg": skeleton.pelvis_deg,
        "flexion_deg": flexion_deg,
        "lateral_deg": skeleton.lateral_deg,
        "skin_trunk_deg": patches.trunk_deg,
        "skin_pelvis_deg": patches.pelvis_deg,
        "skin_flexion_deg": patches.flexion_deg,
        "neutral_flexion_deg": neutral_deg,
        "skin_neutral_flexion_deg": np.interp(patches.trunk_deg, *skin.neutral_curve_deg()),
    }
    truth = {name: values.astype(np.float32) for name, values in truth.items()}
    truth["range_deg"] = np.asarray(body.range_deg)
    truth["skin_range_deg"] = np.asarray(skin.range_deg())
    truth["neutral"] = (neutral_deg - ARCH_DEG <= flexion_deg) & (flexion_deg <= limit_deg)
    return truth


def slip_truth(slips: list[Slip]) -> Arrays:
    """Return the keys of strap slips."""
    ordered = sorted(slips, key=lambda slip: slip.time_s)
    return {
        "slip_us": np.array([round(slip.time_s * 1e6) for slip in ordered], np.int64),
        "slip_deg": np.array([slip.tilt_deg for slip in ordered], np.float32),
    }


@dataclass(frozen=True)
class _Marks:
    # Samples.
    start: int
    low: int
    peak: int
    rise: int
    end: int
    range_deg: float


def rep_truth(reps: list[PlannedRep], t_us: NDArray[np.int64], angles: Arrays) -> Arrays:
    """Return the keys of reps, from the inclination of the trunk as it came out."""
    trunk_deg = angles["trunk_deg"].astype(np.float64)
    postures = _start_postures(reps, trunk_deg)
    marks = [_marks(rep, postures[rep.set_number], trunk_deg) for rep in reps]
    truth: Arrays = {
        f"rep_{name}_us": np.array([t_us[getattr(mark, name)] for mark in marks], np.int64)
        for name in ("start", "low", "rise", "end", "peak")
    }
    truth["rep_set"] = np.array([rep.set_number for rep in reps], np.int32)
    truth["rep_label"] = np.array([rep.label for rep in reps], np.str_)
    truth["rep_kind"] = np.array(_kinds(reps, marks), np.str_)
    truth["rep_quality"] = np.array(_qualities(reps, marks, angles), np.str_)
    return truth


def _start_postures(reps: list[PlannedRep], trunk_deg: Floats) -> dict[int, float]:
    # Trunk inclination before each set's first rep.
    postures: dict[int, float] = {}
    for rep in reps:
        first = round(rep.start_s * RATE_HZ)
        before = slice(max(0, first - round(POSTURE_S * RATE_HZ)), max(1, first))
        postures.setdefault(rep.set_number, float(trunk_deg[before].mean()))
    return postures


def _marks(rep: PlannedRep, posture_deg: float, trunk_deg: Floats) -> _Marks:
    first = round(rep.start_s * RATE_HZ)
    stop = min(len(trunk_deg), round(rep.stop_s * RATE_HZ) + 1)
    bend_deg = (trunk_deg[first:stop] - posture_deg) * (1.0 if rep.forward else -1.0)
    peak = int(np.argmax(bend_deg))
    far = np.flatnonzero(bend_deg >= FAR_END * bend_deg[peak])
    low, rise = int(far[0]), int(far[-1])
    left = np.flatnonzero(bend_deg[:low] < EDGE_DEG)
    regained = np.flatnonzero(bend_deg[rise:] < EDGE_DEG)
    start = int(left[-1]) + 1 if len(left) else 0
    end = rise + int(regained[0]) if len(regained) else len(bend_deg) - 1
    return _Marks(
        first + start, first + low, first + peak, first + rise, first + end, bend_deg[peak]
    )


def _kinds(reps: list[PlannedRep], marks: list[_Marks]) -> list[str]:
    ranges: dict[int, list[float]] = {}
    for rep, mark in zip(reps, marks, strict=True):
        if rep.kind != "bail":
            ranges.setdefault(rep.set_number, []).append(mark.range_deg)
    return [
        "bail"
        if rep.kind == "bail"
        else "half"
        if mark.range_deg < HALF_REP * float(np.median(ranges[rep.set_number]))
        else "full"
        for rep, mark in zip(reps, marks, strict=True)
    ]


def _qualities(reps: list[PlannedRep], marks: list[_Marks], angles: Arrays) -> list[str]:
    qualities: list[str] = []
    last_end = 0
    for rep, mark in zip(reps, marks, strict=True):
        early = 0 if rep.forward else round(BENT_START_S * RATE_HZ)
        first = min(mark.start, max(last_end, mark.start - early))
        qualities.append(_quality(slice(first, mark.end + 1), angles))
        last_end = mark.end
    return qualities


def _quality(part: slice, angles: Arrays) -> str:
    # As the patches show it, for that is what a device can judge.
    neutral_deg = angles["skin_neutral_flexion_deg"][part]
    flexion_deg = angles["skin_flexion_deg"][part]
    over_deg = flexion_deg - 0.5 * (neutral_deg + float(angles["skin_range_deg"]))
    under_deg = neutral_deg - ARCH_DEG - flexion_deg
    if _lasts(over_deg):
        return "rounded"
    if _lasts(under_deg):
        return "arched"
    inside = max(float(over_deg.max()), float(under_deg.max())) <= -MARGIN_DEG
    return "good" if inside else "borderline"


def _lasts(outside_deg: Floats) -> bool:
    # Is it 3 degrees or more outside for 150 ms or more in one go?
    outside = np.concatenate(([0], (outside_deg >= MARGIN_DEG).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(outside))
    lengths = edges[1::2] - edges[::2]
    return bool(len(lengths)) and int(lengths.max()) >= BAD_S * RATE_HZ
