"""A stored rep as plain values, for JSON, CSV and tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dowel.link import wire
from dowel_host.library.records import StoredRep

# A unit ends each name that has one.
COLUMNS = (
    "device",
    "epoch",
    "seq",
    "start_utc",  # ISO 8601, by the host's clock
    "received_utc",
    "start_since_boot_ms",
    "down_ms",  # from the start to the first arrival near the far end
    "pause_ms",  # near the far end
    "up_ms",  # from there to the end
    "peak_after_start_ms",
    "duration_ms",
    "peak_trunk_deg",
    "peak_flexion_deg",
    "cues",
    "flags",
    "record_version",
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FLAG_NAMES = {
    value: name.removeprefix("FLAG_").lower().replace("_", " ")
    for name, value in vars(wire).items()
    if name.startswith("FLAG_")
}


def row(stored: StoredRep) -> dict[str, Any]:
    """Return a rep as values by COLUMNS; None where unknown. flags: a list of words."""
    rep = stored.rep
    values: dict[str, Any] = dict.fromkeys(COLUMNS)
    values |= {
        "device": stored.device,
        "epoch": stored.record.epoch,
        "seq": stored.record.seq,
        "start_utc": _iso(stored.start_utc_ms),
        "received_utc": _iso(stored.received_utc_ms),
        "record_version": stored.record.version,
    }
    if rep is not None:
        values |= {
            "start_since_boot_ms": rep.start_ms,
            "down_ms": rep.low_ms,
            "pause_ms": rep.rise_ms - rep.low_ms,
            "up_ms": rep.end_ms - rep.rise_ms,
            "peak_after_start_ms": rep.peak_ms,
            "duration_ms": rep.end_ms,
            "peak_trunk_deg": _degrees(rep.peak_trunk_cdeg),
            "peak_flexion_deg": _degrees(rep.peak_flexion_cdeg),
            "cues": rep.cues,
            "flags": _flag_words(rep.flags),
        }
    return values


def moment(utc_ms: int | None) -> datetime | None:
    """Return milliseconds since 1970 UTC as a date; None where there is none."""
    try:
        return None if utc_ms is None else _EPOCH + timedelta(milliseconds=utc_ms)
    except OverflowError:  # of a host whose clock was far off
        return None


def utc_ms(date: datetime) -> int:
    """Return a date as milliseconds since 1970 UTC; local time where it has no zone.

    OverflowError, ValueError: too near the ends of the calendar.
    """
    return (date.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


def _flag_words(flags: int) -> list[str]:
    words = [word for flag, word in _FLAG_NAMES.items() if flags & flag]
    unknown = flags & ~sum(_FLAG_NAMES)
    return [*words, f"0x{unknown:02x}"] if unknown else words


def _iso(time_utc_ms: int | None) -> str | None:
    date = moment(time_utc_ms)
    return date and date.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _degrees(cdeg: int | None) -> float | None:
    return None if cdeg is None else cdeg / 100
