"""A replay as numbers: the document that `dowel replay --json` prints."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dowel_host.recording import TICK_US, Role
from dowel_host.replay import ABSENT, CUE_OFF, CUE_ON, Replay, ReplayRep

# Names of the flags of core/flags.py, as the document writes them.
_FLAG_NAMES = {0x01: "gap", 0x02: "saturated", 0x20: "overrun"}
_ANGLES = {"trunk": "trunk_deg", "pelvis": "pelvis_deg", "flexion": "flexion_deg"}


def document(replay: Replay) -> dict[str, Any]:
    """Return the document; what is not known is None or absent."""
    recording = replay.recording
    return {
        "file": recording.name,
        "counts": {
            "samples": recording.samples,
            "gaps": replay.summary["gaps"],
            "saturated": replay.summary["saturated"],
        },
        "sensors": {
            recording.roles[role]: _sensor(replay, role)
            for role in ("upper", "lower")
            if role in recording.roles
        },
        "angles": _angles(replay),
        "cues": _cues(replay),
        "reps": [_rep(rep) for rep in replay.reps],
    }


def _sensor(replay: Replay, role: Role) -> dict[str, Any]:
    bias_udps = replay.summary["bias_udps"][("upper", "lower").index(role)]
    return {
        "tilt_rmse_deg": tilt_rmse_deg(replay, role),
        "bias_dps": [axis / 1e6 for axis in bias_udps],
    }


def tilt_rmse_deg(replay: Replay, role: Role) -> float | None:
    """Root mean square angle between estimated and true up, degrees; None without truth.

    The formula of the recordings' description: over samples of movement with a finite reference.
    """
    gref = replay.recording.truth.get("gref")
    if gref is None:
        return None
    judged = np.isfinite(gref).all(axis=1)
    movement = replay.recording.truth.get("movement")
    if movement is not None:
        judged &= movement
    if not judged.any():
        return None
    cosine: NDArray[np.float64] = np.clip((replay.ups[role] * gref).sum(axis=1), -1.0, 1.0)
    return float(np.degrees(np.sqrt(np.mean(np.arccos(cosine)[judged] ** 2))))


def _angles(replay: Replay) -> dict[str, float | None]:
    errors: dict[str, float | None] = {}
    for name, key in _ANGLES.items():
        errors[f"{name}_rmse_deg"] = _rmse_deg(replay, name, key)
        errors[f"{name}_skin_rmse_deg"] = _rmse_deg(replay, name, f"skin_{key}")
    return errors


def _rmse_deg(replay: Replay, name: str, key: str) -> float | None:
    truth = replay.recording.truth.get(key)
    if truth is None:
        return None
    estimate: NDArray[Any] = replay.steps[name]
    known = estimate != ABSENT
    if not known.any():
        return None
    index = np.searchsorted(replay.recording.t_us // TICK_US, replay.steps["tick"])
    error = estimate[known] / 100.0 - truth[index[known]]
    return float(np.sqrt(np.mean(error**2)))


def _cues(replay: Replay) -> list[dict[str, Any]]:
    return [
        {
            "t_us": int(step["tick"]) * TICK_US,
            "kind": "rounding" if step["events"] & CUE_ON else "back",
            "when": "live",
            "flexion_cdeg": int(step["flexion"]),
            "limit_cdeg": None,
        }
        for step in replay.steps[(replay.steps["events"] & (CUE_ON | CUE_OFF)) != 0]
    ]


def _rep(rep: ReplayRep) -> dict[str, Any]:
    return {
        "set": None,
        "label": None,
        "lift": None,
        "start_us": rep.start_us,
        "low_us": rep.low_us,
        "rise_us": rep.rise_us,
        "end_us": rep.end_us,
        "peak_us": rep.peak_us,
        "peak_flexion_cdeg": rep.peak_flexion_cdeg,
        "peak_trunk_cdeg": rep.peak_trunk_cdeg,
        "confirmed": True,
        "flags": [name for bit, name in _FLAG_NAMES.items() if rep.flags & bit],
    }
