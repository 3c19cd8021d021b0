"""From a device's clock to wall time, by anchors: moments at which a host read both."""

from collections.abc import Iterable
from typing import NamedTuple

# The device's milliseconds since boot are a u32 on the wire, which wraps after 49.7 days.
_WRAP_MS = 1 << 32


class Anchor(NamedTuple):
    """One moment on both clocks. device_ms: since the device's boot; utc_ms: since 1970 UTC."""

    device_ms: int
    utc_ms: int


def signed_ms(later_ms: int, earlier_ms: int) -> int:
    """Return the difference of two device times; right up to 24.8 days either way."""
    return (later_ms - earlier_ms + _WRAP_MS // 2) % _WRAP_MS - _WRAP_MS // 2


def wall_ms(anchors: Iterable[Anchor], device_ms: int) -> int | None:
    """Return the wall time of a device time, by the nearest anchor of the same boot.

    The nearest, so that drift of either clock counts for the shortest time. None without anchor.
    """
    nearest = min(
        anchors,
        key=lambda anchor: (abs(signed_ms(device_ms, anchor.device_ms)), anchor),
        default=None,
    )
    if nearest is None:
        return None
    return nearest.utc_ms + signed_ms(device_ms, nearest.device_ms)
