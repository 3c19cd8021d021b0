"""A record of what passes between the board's Bluetooth host and its controller."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bumble.snoop import BtSnooper, Snooper

# Packets kept. Small: the start of a session is gone when one looks. Large: memory, about 400
# bytes a packet. One hour of live frames at 13/s makes 100,000.
KEEP = 100_000

_EVENT_OR_COMMAND = 0x02  # flag of a btsnoop record
_COMMAND_PACKET = 0x01
_EVENT_PACKET = 0x04


@dataclass(frozen=True)
class HciPacket:
    """One packet in H4 framing: its type's byte, then the packet. time_us: the board's clock."""

    time_us: int
    to_controller: bool
    data: bytes


class HciLog(Snooper):
    """Keeps the last packets; `overwritten` counts those that had to go."""

    def __init__(self, now_us: Callable[[], int], keep: int = KEEP) -> None:
        self._now_us = now_us
        self._packets: deque[HciPacket] = deque(maxlen=keep)
        self.overwritten = 0

    def snoop(self, hci_packet: bytes, direction: Snooper.Direction) -> None:
        """Keep a packet: bumble's host calls this."""
        if len(self._packets) == self._packets.maxlen:
            self.overwritten += 1
        to_controller = direction == Snooper.Direction.HOST_TO_CONTROLLER
        self._packets.append(HciPacket(self._now_us(), to_controller, hci_packet))

    def __len__(self) -> int:
        return len(self._packets)

    def __bool__(self) -> bool:
        # bumble's host asks whether it has a snooper; an empty one is one too.
        return True

    def __iter__(self) -> Iterator[HciPacket]:
        return iter(self._packets)

    def write_btsnoop(self, path: Path) -> None:
        """Write what was kept as a btsnoop file, which Wireshark reads; the year is 2000.

        bumble's own writer stamps with the wall clock, so only its constants are used.
        """
        with path.open("wb") as file:
            BtSnooper(file)  # writes the header
            for packet in self._packets:
                flags = 0 if packet.to_controller else 1
                if packet.data[0] in (_COMMAND_PACKET, _EVENT_PACKET):
                    flags |= _EVENT_OR_COMMAND
                size = len(packet.data)
                time_us = BtSnooper.TIMESTAMP_DELTA + packet.time_us
                file.write(struct.pack(">IIIIQ", size, size, flags, 0, time_us) + packet.data)
