"""`dowel replay`: a recording through the firmware's core."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dowel_host.cli.common import print_document, progress, twin_extra
from dowel_host.cli.options import LowerSite, UpperSite


def replay(
    file: Annotated[Path, typer.Argument(help="The recording, .npz.", metavar="FILE")],
    lower: LowerSite = None,
    upper: UpperSite = None,
    _as_json: Annotated[
        bool, typer.Option("--json", help="Only the JSON document (it is printed in any case).")
    ] = False,
) -> None:
    """Run a recording through the firmware's core on the MicroPython VM and print what came out,
    as JSON.
    """
    with twin_extra("dowel replay"):
        from dowel_host import replay as replays
        from dowel_host import replay_report
        from dowel_host.recording_file import load_recording

    recording = load_recording(file, lower=lower, upper=upper)
    with progress("Replaying") as show:
        result = replays.replay(recording, on_progress=show)
    print_document(replay_report.document(result))
