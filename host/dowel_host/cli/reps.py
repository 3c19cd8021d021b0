"""`dowel reps`: what the library keeps."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dowel_host.cli.common import notes, print_document
from dowel_host.errors import DowelError
from dowel_host.library import Device, Library, Session, StoredRep, library_path, sessions
from dowel_host.library.errors import as_library_errors, printable
from dowel_host.library.export import COLUMNS, moment, row, utc_ms


class SinceError(DowelError):
    """A --since that is no date."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"--since {text}: write a date, as 2026-05-31, or with the time, as 2026-05-31T18:00."
        )


class UnknownDeviceError(DowelError):
    """A --device of which the library knows nothing."""

    def __init__(self, device: str, known: list[str]) -> None:
        super().__init__(
            f"--device {device}: the library has nothing of it; give one of {', '.join(known)}."
        )
        self.device = device
        self.known = known


class OneFormError(DowelError):
    """Two forms of output at once."""

    def __init__(self) -> None:
        super().__init__("--json and --csv both want stdout; give one of them.")


def reps(
    device: Annotated[
        str | None, typer.Option(help="Only this device's: its id or name.", metavar="DEVICE")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Only from this date, or date and time, on.", metavar="DATE"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a header on stdout.")] = False,
    library: Annotated[
        Path | None,
        typer.Option(help="The library; else $DOWEL_LIBRARY, else your own.", metavar="FILE"),
    ] = None,
) -> None:
    """Show the reps in the library, newest session last.

    --since counts a rep that no host can date from when it was received.
    """
    if as_json and as_csv:
        raise OneFormError
    since_utc_ms = None if since is None else _parse_date(since)
    path = library_path(library)
    found, names, conflicts = _load(path, device)
    if since_utc_ms is not None:
        found = [stored for stored in found if stored.sort_utc_ms >= since_utc_ms]
    grouped = sessions(found)
    if as_json:
        print_document({"reps": [row(stored) for stored in _all(grouped)], "conflicts": conflicts})
    elif as_csv:
        _print_csv(_all(grouped))
    else:
        console = Console()
        for session in grouped:
            console.print(_table(session, names.get(session.device) or session.device), "")
    _remark(path, found, conflicts, narrowed=not (device is None and since is None))


def _load(path: Path, device: str | None) -> tuple[list[StoredRep], dict[str, str | None], int]:
    """Return reps, the names of the devices by id, and the number of conflicts."""
    # Looking makes no library: where there is none, there are no reps.
    with as_library_errors(path):
        if not path.exists():
            return [], {}, 0
    with Library(path) as library:
        known = library.devices()
        names = {one.id: one.name for one in known}
        return library.reps(_device_id(known, device)), names, library.conflicts()


def _device_id(known: list[Device], wanted: str | None) -> str | None:
    if wanted is None or not known:
        return None
    # As it is written for `dowel live`, too.
    names = {wanted, wanted.removeprefix("ble:")}
    for one in known:
        if not names.isdisjoint((one.id, one.name)):
            return one.id
    raise UnknownDeviceError(wanted, [printable(one.name or one.id) for one in known])


def _parse_date(text: str) -> int:
    try:
        return utc_ms(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise SinceError(text) from error


def _all(grouped: Iterable[Session]) -> Iterable[StoredRep]:
    return (stored for session in grouped for stored in session.reps)


def _print_csv(found: Iterable[StoredRep]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for stored in found:
        values = row(stored)
        if values["flags"] is not None:
            values["flags"] = "; ".join(values["flags"])
        writer.writerow([values[column] for column in COLUMNS])


def _table(session: Session, name: str) -> Table:
    table = Table(
        title=Text(_title(session, name)),
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        collapse_padding=True,
    )
    for column in ("rep", "at", "down s", "pause s", "up s", "trunk °", "flexion °", "cues"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("remarks")
    for stored in session.reps:
        table.add_row(*_cells(stored))
    return table


def _title(session: Session, name: str) -> str:
    first, count = session.reps[0], len(session.reps)
    when = _local(first.start_utc_ms, "%Y-%m-%d %H:%M")
    if when is None:
        received = _local(first.received_utc_ms, "%Y-%m-%d %H:%M") or "some day"
        when = f"undated, received {received}"
    return f"{printable(name)}, {when}, {count} {'rep' if count == 1 else 'reps'}"


def _cells(stored: StoredRep) -> list[str]:
    values = row(stored)
    if stored.rep is None:
        remarks = [f"unknown form {stored.record.version}"]
    else:
        remarks = [word for word in values["flags"] if word != "cue"]  # has its own column
    seconds = [
        "-" if values[name] is None else f"{values[name] / 1000:.1f}"
        for name in ("down_ms", "pause_ms", "up_ms")
    ]
    degrees = [
        "-" if values[name] is None else f"{values[name]:.1f}"
        for name in ("peak_trunk_deg", "peak_flexion_deg")
    ]
    at = _local(stored.start_utc_ms, "%H:%M:%S") or "-"
    cues = "-" if values["cues"] is None else str(values["cues"])
    return [str(values["seq"]), at, *seconds, *degrees, cues, ", ".join(remarks)]


def _local(time_utc_ms: int | None, form: str) -> str | None:
    date = moment(time_utc_ms)
    return date and date.astimezone().strftime(form)


def _remark(path: Path, found: list[StoredRep], conflicts: int, *, narrowed: bool) -> None:
    """Say on stderr what the result does not show."""
    undecoded = sum(stored.rep is None for stored in found)
    remarks = {
        f"No such reps in {path}.": not found and narrowed,
        f"No reps yet in {path}; `dowel live` brings them.": not found and not narrowed,
        f"Reps in a form that this program does not know: {undecoded}; "
        "update it to see them (pip install --upgrade dowel).": undecoded,
        f"Records that came under the number of another rep: {conflicts}; "
        "the library keeps both, the first is shown.": conflicts,
    }
    for remark, applies in remarks.items():
        if applies:
            notes.print(Text(remark), soft_wrap=True)
