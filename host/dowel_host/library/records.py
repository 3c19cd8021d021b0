"""What goes into a library and what comes out of it."""

import struct
from dataclasses import dataclass
from typing import NamedTuple

from dowel.link import wire
from dowel_host import messages
from dowel_host.messages import Rep


class Key(NamedTuple):
    """What tells one device's reps apart; the epoch changes whenever seq starts anew."""

    epoch: int
    seq: int


class RepRecord(NamedTuple):
    """A rep as it came: its key, the version of its layout, and the REP message's body.

    The message's header stays out: its sequence number is the link's, and differs when the same
    rep is sent again.
    """

    epoch: int
    seq: int
    version: int
    body: bytes

    @property
    def key(self) -> Key:
        """What tells it from the device's other reps."""
        return Key(self.epoch, self.seq)

    @property
    def boot(self) -> int:
        """Which boot of the device its times count from: the epoch is drawn anew at each."""
        return self.epoch

    @classmethod
    def from_message(cls, data: bytes) -> "RepRecord":
        """Take a record out of a REP message.

        wire.WireError: cut, of another type, or of a version whose key this program cannot read.
        """
        _, rep = messages.decode(data)
        if not isinstance(rep, Rep):
            raise wire.WireError("no rep", data)
        version: int = data[1]
        return cls(rep.epoch, rep.seq, version, bytes(data[wire.HEADER_SIZE :]))


class Stored(NamedTuple):
    """What became of records: each of `keys` is on the disk and may be acknowledged.

    added: were new. repeated: were there already, byte for byte. conflicting: were there with
    other bytes; the first stays the rep, the other is kept beside it.
    """

    keys: list[Key]
    added: list[Key]
    repeated: list[Key]
    conflicting: list[Key]


@dataclass(frozen=True)
class Device:
    """A device that was met. name: as it last called itself; firmware: its version then."""

    id: str
    name: str | None
    firmware: str | None
    last_seen_utc_ms: int


@dataclass(frozen=True)
class StoredRep:
    """A rep out of the library. Times _utc_ms: since 1970-01-01 UTC, by the host's clock.

    rep: None where its layout is unknown to this program. start_utc_ms: None where no host has
    met the device in that boot.
    """

    device: str
    record: RepRecord
    rep: Rep | None
    received_utc_ms: int
    start_utc_ms: int | None

    @property
    def sort_utc_ms(self) -> int:
        """Start where known, else when it was received: to sort and to search by."""
        return self.received_utc_ms if self.start_utc_ms is None else self.start_utc_ms


def decode(record: RepRecord) -> Rep | None:
    """Return what a record says, or None where this program cannot tell."""
    header = struct.pack(wire.HEADER, wire.REP, record.version, 0)
    try:
        _, rep = messages.decode(header + record.body)
    except (wire.WireError, struct.error):
        return None
    return rep if isinstance(rep, Rep) else None
