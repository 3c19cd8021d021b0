"""What a device says, as values; decoded from the wire format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

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
    epoch: int
    oldest_seq: int
    reps_waiting: int
    uptime_ms: int
    battery_mv: int
    chip_id: str


@dataclass(frozen=True)
class Counters:
    """A device's counters, by the names of wire.COUNTER_NAMES."""

    values: Mapping[str, int]


@dataclass(frozen=True)
class Done:
    """How a command ended: a status of wire.STATUS_*."""

    command: int
    status: int


@dataclass(frozen=True)
class Clock:
    """The device's clock (ms since its boot) at a moment of the wall clock (ms since 1970)."""

    uptime_ms: int
    wall_ms: int


@dataclass(frozen=True)
class Live:
    """Some frames. sequence: counts the messages meant for this host, sent or not; 16 bits."""

    sequence: int
    frames: list[LiveFrame]


Reply = Info | Counters | Done | Clock
Message = Live | Rep | Reply


def decode(data: bytes) -> tuple[int, Message]:
    """Return sequence number and content of a message.

    wire.WireError: cut, of another version, or of an unknown type.
    """
    kind, sequence = wire.unpack_header(data)
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise wire.WireError(f"unknown type {kind}", data)
    return sequence, decoder(data)


def _live(data: bytes) -> Live:
    _, sequence = wire.unpack_header(data)
    return Live(sequence, [_live_frame(frame) for frame in wire.unpack_live(data)])


def _live_frame(frame: tuple[int, ...]) -> LiveFrame:
    t_ms, trunk, pelvis, flexion, lateral, flags = frame
    return LiveFrame(t_ms, _angle(trunk), _angle(pelvis), _angle(flexion), _angle(lateral), flags)


def _rep(data: bytes) -> Rep:
    *times, trunk, flexion, flags, cues = wire.unpack_body(data, wire.REP_BODY, wire.REP_SIZE)
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
    body = cast("tuple[Any, ...]", wire.unpack_body(data, wire.INFO_BODY, wire.INFO_SIZE))
    major, minor, patch, sensors, *numbers, chip_id = body
    known = {
        "version": f"{major}.{minor}.{patch}",
        "upper": bool(sensors & wire.UPPER_BIT),
        "lower": bool(sensors & wire.LOWER_BIT),
        "chip_id": chip_id.hex(),
    }
    named = [field.name for field in fields(Info) if field.name not in known]
    return Info(**known, **dict(zip(named, numbers, strict=True)))


def _counters(data: bytes) -> Counters:
    values = wire.unpack_body(data, wire.COUNTERS_BODY, wire.COUNTERS_SIZE)
    return Counters(dict(zip(wire.COUNTER_NAMES, values, strict=True)))


_DECODERS: dict[int, Callable[[bytes], Message]] = {
    wire.LIVE: _live,
    wire.REP: _rep,
    wire.INFO: _info,
    wire.COUNTERS: _counters,
    wire.DONE: lambda data: Done(*wire.unpack_body(data, wire.DONE_BODY, wire.DONE_SIZE)),
    wire.CLOCK: lambda data: Clock(*wire.unpack_body(data, wire.CLOCK_BODY, wire.CLOCK_SIZE)),
}

_COMMAND_BODIES = {
    wire.CMD_LIVE: wire.CMD_LIVE_BODY,
    wire.CMD_ACK: wire.CMD_REPS_BODY,
    wire.CMD_REPS: wire.CMD_REPS_BODY,
    wire.CMD_TIME: wire.CMD_TIME_BODY,
}


def command(kind: int, sequence: int, *values: int) -> bytes:
    """Bytes of a command to the device."""
    return wire.pack(kind, sequence, _COMMAND_BODIES.get(kind, "<"), *values)
