"""What a device says, as values; decoded from the wire format."""

import struct
from dataclasses import dataclass

from dowel.link import wire


def _angle(cdeg: int) -> int | None:
    return None if cdeg == wire.ABSENT else cdeg


@dataclass(frozen=True)
class LiveFrame:
    """Angles of one moment, centidegrees; None where they cannot be known.

    t_ms: since the device's boot.
    """

    t_ms: int
    trunk_cdeg: int | None
    pelvis_cdeg: int | None
    flexion_cdeg: int | None
    lateral_cdeg: int | None
    flags: int


@dataclass(frozen=True)
class Rep:
    """A repetition. Times in ms: start since the device's boot, the marks from the start."""

    epoch: int
    seq: int
    start_ms: int
    low_ms: int
    peak_ms: int
    rise_ms: int
    end_ms: int
    peak_trunk_cdeg: int | None
    peak_flexion_cdeg: int | None
    flags: int
    cues: int


@dataclass(frozen=True)
class Info:
    """What a device says of itself. freq_fine: ODR trim of upper and lower, 0.15 % each."""

    version: str
    upper: bool
    lower: bool
    upper_freq_fine: int
    lower_freq_fine: int
    upper_one_g_mg: int
    lower_one_g_mg: int
    faults: int
    boot_cause: int


Message = list[LiveFrame] | Rep | Info | dict[str, int]


def decode(data: bytes) -> Message:
    """Return what a notification says.

    wire.WireError: cut, of another version, or of an unknown type.
    """
    kind, _ = wire.unpack_header(data)
    if kind == wire.LIVE:
        return [_live_frame(frame) for frame in wire.unpack_live(data)]
    if kind == wire.REP:
        return _rep(data)
    if kind == wire.INFO:
        return _info(data)
    if kind == wire.COUNTERS:
        values = wire.unpack_body(data, wire.COUNTERS_BODY, wire.COUNTERS_SIZE)
        return dict(zip(wire.COUNTER_NAMES, values, strict=True))
    raise wire.WireError(f"unknown type {kind}", data)


def _live_frame(frame: tuple[int, ...]) -> LiveFrame:
    t_ms, trunk, pelvis, flexion, lateral, flags = frame
    return LiveFrame(t_ms, _angle(trunk), _angle(pelvis), _angle(flexion), _angle(lateral), flags)


def _rep(data: bytes) -> Rep:
    body = wire.unpack_body(data, wire.REP_BODY, wire.REP_SIZE)
    *times, trunk, flexion, flags, cues = body
    epoch, seq, start_ms, low_ms, peak_ms, rise_ms, end_ms = times
    return Rep(
        epoch,
        seq,
        start_ms,
        low_ms,
        peak_ms,
        rise_ms,
        end_ms,
        _angle(trunk),
        _angle(flexion),
        flags,
        cues,
    )


def _info(data: bytes) -> Info:
    body = wire.unpack_body(data, wire.INFO_BODY, wire.INFO_SIZE)
    major, minor, patch, sensors, upper_fine, lower_fine, upper_mg, lower_mg, faults, cause = body
    return Info(
        version=f"{major}.{minor}.{patch}",
        upper=bool(sensors & wire.UPPER_BIT),
        lower=bool(sensors & wire.LOWER_BIT),
        upper_freq_fine=upper_fine,
        lower_freq_fine=lower_fine,
        upper_one_g_mg=upper_mg,
        lower_one_g_mg=lower_mg,
        faults=faults,
        boot_cause=cause,
    )


def command(kind: int, sequence: int, *values: int) -> bytes:
    """Bytes of a command to the device."""
    layout = wire.CMD_LIVE_BODY if kind == wire.CMD_LIVE else "<"
    header = struct.pack(wire.HEADER, kind, wire.VERSION, sequence & 0xFFFF)
    return header + struct.pack(layout, *values)
