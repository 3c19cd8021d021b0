"""What `dowel live` shows and counts."""

from __future__ import annotations

from typing import Any

from rich.live import Live
from rich.table import Table

from dowel_host.cli.common import notes
from dowel_host.fault_words import fault_words
from dowel_host.messages import Info, LiveFrame, Rep
from dowel_host.receiver import Events, ReceiverReport


class LiveView:
    """Shows the newest frame on screen (None: counts only) and keeps the reps."""

    def __init__(self, screen: Live | None) -> None:
        self.frames = 0
        self.reps: list[Rep] = []
        self.report = ReceiverReport()
        self._screen = screen
        self._last: LiveFrame | None = None
        self._state = ""

    def events(self) -> Events:
        """As the receiver wants it."""
        return Events(self._on_live, self._on_rep, self._on_connected, self._on_state)

    def _on_live(self, frames: list[LiveFrame]) -> None:
        self.frames += len(frames)
        self._last = frames[-1]
        self._draw()

    def _on_rep(self, rep: Rep) -> None:
        self.reps.append(rep)
        self._draw()

    def _on_connected(self, name: str, info: Info) -> None:
        missing = [which for which in ("upper", "lower") if not getattr(info, which)]
        self._state = f"{name}, firmware {info.version}"
        if missing:
            self._state += f", no {' and no '.join(missing)} sensor"
        for words in fault_words(info.faults):
            self._state += f"; {words}"
        self._on_state(self._state)

    def _on_state(self, text: str) -> None:
        self._state = text
        if self._screen is None:
            notes.print(text)
        self._draw()

    def _draw(self) -> None:
        if self._screen is None:
            return
        table = Table(show_header=False, box=None, title=self._state, title_justify="left")
        if self._last is not None:
            for name, cdeg in (
                ("trunk", self._last.trunk_cdeg),
                ("pelvis", self._last.pelvis_cdeg),
                ("flexion", self._last.flexion_cdeg),
                ("lateral", self._last.lateral_cdeg),
            ):
                table.add_row(name, "unknown" if cdeg is None else f"{cdeg / 100:+6.1f}°")
        table.add_row("reps", str(len(self.reps)))
        self._screen.update(table)

    def document(self) -> dict[str, Any]:
        """As `dowel live --json` prints it."""
        return {
            "frames": self.frames,
            "live_missed": self.report.live_missed,
            "connections": self.report.connections,
            "losses": self.report.losses,
            "reps": [vars(rep) for rep in self.reps],
        }
