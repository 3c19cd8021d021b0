"""Reps as sessions: what one device counted in one go."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from dowel_host.library.clock import signed_ms
from dowel_host.library.records import StoredRep

# Pause between two reps that begins a new session. Small: long rests between heavy sets cut a
# session in two; large: morning and evening of a device left on become one. Minutes.
SESSION_PAUSE_MIN = 60


@dataclass(frozen=True)
class Session:
    """Reps of one boot of one device, in their order, without a long pause between them."""

    device: str
    reps: list[StoredRep]


def sessions(reps: Iterable[StoredRep]) -> list[Session]:
    """Group reps into sessions, the newest last."""
    boots = groupby(
        sorted(reps, key=_place), key=lambda stored: (stored.device, stored.record.boot)
    )
    found = [Session(device, part) for (device, _), boot in boots for part in _cut_at_pauses(boot)]
    return sorted(found, key=lambda session: session.reps[0].sort_utc_ms)


def _place(stored: StoredRep) -> tuple[str, int, int]:
    return stored.device, stored.record.boot, stored.record.seq


def _cut_at_pauses(reps: Iterable[StoredRep]) -> list[list[StoredRep]]:
    parts: list[list[StoredRep]] = []
    last_ms: int | None = None  # device time of the last rep that could be decoded
    for stored in reps:
        rep = stored.rep
        pause_ms = 0 if rep is None or last_ms is None else signed_ms(rep.start_ms, last_ms)
        if not parts or pause_ms > SESSION_PAUSE_MIN * 60_000:
            parts.append([])
        parts[-1].append(stored)
        last_ms = last_ms if rep is None else rep.start_ms
    return parts
