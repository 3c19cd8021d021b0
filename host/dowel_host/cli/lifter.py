"""`dowel lifter`: the recording of a simulated person, with its truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dowel_host.cli.common import notes, twin_extra
from dowel_host.errors import DowelError

_LIFTS = (
    "deadlift, rdl, good_morning, swing, hip_thrust, single_leg_rdl, dowel_drill, squat, "
    "or none: what people do besides lifting"
)
# More of any is taken for a slip of the finger: an hour of movement takes 20 s and 1 GB to make.
_MOST_SETS = 100
_MOST_REPS = 100
_MOST_MINUTES = 120.0
_MOST_REST_S = 1800.0


class LifterError(DowelError):
    """An option of `dowel lifter` that cannot be met."""

    def __init__(self, option: str, value: object, want: str) -> None:
        super().__init__(f"{option} {value}: give {want}.")


def lifter(
    out: Annotated[Path, typer.Option(help="Write the recording here, .npz.", metavar="FILE")],
    lift: Annotated[str, typer.Option(help=f"{_LIFTS}.", metavar="LIFT")] = "dowel_drill",
    seed: Annotated[int, typer.Option(help="Who it is, and how the session goes.")] = 1,
    sets: Annotated[int, typer.Option(help="How many sets.")] = 3,
    reps: Annotated[int, typer.Option(help="How many reps in each.")] = 8,
    rest: Annotated[
        float | None,
        typer.Option(
            help="Seconds between two sets; 30 to 120 by chance if left out.",
            metavar="SECONDS",
            show_default=False,
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(help="With --lift none: at least so long.")] = 5.0,
) -> None:
    """Write the recording of a simulated person: calibration, then sets of a lift.

    Every angle, rep and strap slip is in it; see the README of dowel_host/twin/lifter.
    """
    with twin_extra("dowel lifter"):
        from dowel_host.recording_file import save_recording
        from dowel_host.twin.lifter import LIFTS, Lift, Plan
        from dowel_host.twin.lifter import lifter as make

    known: Lift | None = next((name for name in LIFTS if name == lift), None)
    if known is None:
        raise LifterError("--lift", lift, f"one of {_LIFTS}")
    _check("--seed", seed, 0, 2**63)
    _check("--sets", sets, 1, _MOST_SETS)
    _check("--reps", reps, 1, _MOST_REPS)
    _check("--minutes", minutes, 0.1, _MOST_MINUTES)
    plan = Plan(minutes=minutes)
    if rest is not None:
        _check("--rest", rest, 2.0, _MOST_REST_S)
        plan = Plan(minutes=minutes, rest_s=(rest, rest))
    recording = make(seed, known, sets=sets, reps=reps, plan=plan)
    save_recording(out, recording)
    count = len(recording.truth["rep_set"])
    notes.print(
        f"{out}: {recording.duration_us / 1e6:.0f} s of {recording.name}, {count} reps.",
        markup=False,
        soft_wrap=True,
    )


def _check(option: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise LifterError(option, value, f"a number from {least:g} to {most:g}")
