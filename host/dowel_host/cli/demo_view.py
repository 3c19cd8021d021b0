"""The readable end of a demo: reps, cues, what each station handled, what was lost."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from dowel_host.demo import DemoResult

_UNITS = {
    "chip": ("samples", "sample sets in the FIFO"),
    "driver": ("sample sets", "sample sets"),
    "core": ("sample sets", "live frames and reps"),
    "link": ("live frames and reps", "notifications"),
    "radio": ("notifications", "notifications"),
    "receiver": ("notifications", "live frames, reps, answers"),
}


def summary(result: DemoResult) -> None:
    """Print a run for people."""
    console = Console()
    console.print(_reps(result))
    console.print(_stations(result))
    speed = result.board_s / result.wall_s if result.wall_s else 0.0
    console.print(
        f"{len(result.reps)} reps, {_count(result.cues, 'cue')}, "
        f"{_count(result.stations.lost, 'item')} lost{_where(result)}; "
        f"{result.board_s:.1f} s of board time in {result.wall_s:.1f} s "
        f"({speed:.1f} x real time)."
    )
    if not result.info.lower or not result.info.upper:
        console.print("One sensor: trunk inclination and reps only, no lumbar flexion.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _where(result: DemoResult) -> str:
    losses = result.stations.losses()
    if not losses:
        return ""
    return (
        " (" + ", ".join(f"{count} on the way into {name}" for name, count in losses.items()) + ")"
    )


def _reps(result: DemoResult) -> Table:
    table = Table(title="Reps", title_justify="left")
    for column in ("rep", "start s", "down s", "up s", "trunk °", "flexion °", "cue"):
        table.add_column(column, justify="right")
    for rep in result.reps:
        table.add_row(
            str(rep.seq),
            f"{rep.start_ms / 1000:.1f}",
            f"{rep.low_ms / 1000:.1f}",
            f"{(rep.end_ms - rep.rise_ms) / 1000:.1f}",
            _deg(rep.peak_trunk_cdeg),
            _deg(rep.peak_flexion_cdeg),
            "buzz" if rep.cues else "",
        )
    return table


def _stations(result: DemoResult) -> Table:
    table = Table(title="Stations", title_justify="left")
    for column, justify in (
        ("station", "left"),
        ("in", "right"),
        ("", "left"),
        ("out", "right"),
        (" ", "left"),
        ("lost before", "right"),
    ):
        table.add_column(column, justify="right" if justify == "right" else "left")
    losses = result.stations.losses()
    for name, station in result.stations.chain.items():
        came, went = _UNITS[name]
        table.add_row(
            name, str(station.came), came, str(station.went), went, str(losses.get(name, 0))
        )
    return table


def _deg(cdeg: int | None) -> str:
    return "-" if cdeg is None else f"{cdeg / 100:.1f}"
