"""The FIFO: words of 7 bytes, the tag byte first, and the flags that tell of its level."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from . import registers as reg

WORD_BYTES = 7
_pack_stamp = struct.Struct("<IH").pack


def tag_byte(sensor: int, count: int) -> int:
    """Return the tag byte: TAG_SENSOR b7:3, TAG_CNT b2:1, and b0 that makes the parity even."""
    byte = sensor << 3 | (count & 3) << 1
    return byte | byte.bit_count() & 1


def _tags(sensor: int) -> tuple[bytes, ...]:
    return tuple(bytes([tag_byte(sensor, count)]) for count in range(4))


@dataclass(frozen=True)
class SlotLayout:
    """How the words of one time slot are laid out, where ST's documents leave it open.

    order: tags in the order in which the words enter. Arduino_LSM6DSOX relies on none, Linux
    (st_lsm6dsx_buffer.c) expects the timestamp in front of what it dates.
    stamp_counts: whether a timestamp word carries its slot's TAG_CNT; 0 otherwise. The data
    sheet's wording and Arduino_LSM6DSOX have it so; the project imud (st_fifo_ts.h) measured
    0 always on the sister part ISM330DHCX.
    """

    order: tuple[int, int, int] = (reg.TAG_GYRO, reg.TAG_ACCEL, reg.TAG_TIMESTAMP)
    stamp_counts: bool = True

    def packer(self) -> Callable[[int, bytes, bytes, int | None], bytes]:
        """Return pack(TAG_CNT, gyro bytes, accel bytes, tick or None) -> the slot's words.

        gyro and accel are 6 bytes, or none when this slot has no word of that sensor.
        """
        gyro_tags, accel_tags, stamp_tags = map(
            _tags, (reg.TAG_GYRO, reg.TAG_ACCEL, reg.TAG_TIMESTAMP)
        )
        if not self.stamp_counts:
            stamp_tags = (stamp_tags[0],) * 4
        own = (reg.TAG_GYRO, reg.TAG_ACCEL, reg.TAG_TIMESTAMP)
        first, second, third = (own.index(tag) for tag in self.order)

        def pack(count: int, gyro: bytes, accel: bytes, tick: int | None) -> bytes:
            words = (
                gyro and gyro_tags[count] + gyro,
                accel and accel_tags[count] + accel,
                b"" if tick is None else stamp_tags[count] + _pack_stamp(tick & 0xFFFF_FFFF, 0),
            )
            return words[first] + words[second] + words[third]

        return pack


class Fifo:
    """512 words, and what became of the time slots that were put into it.

    Every slot of `batched` ends in one of: `delivered` (all its words read), `overwritten`
    (a word of it lost unread), `flushed` (discarded by bypass or reset), `dropped` (by the hook
    `drop_unread`), `unread` (still here).
    """

    def __init__(self) -> None:
        self.batched = 0
        self.delivered = 0
        self.overwritten = 0
        self.flushed = 0
        self.dropped = 0
        self.words_read_empty = 0
        """Words that were read although there was none."""
        self.drop_unread = 0
        """How many of the next slots vanish once batched, unread (for tests of losses)."""
        self._data = bytearray()
        self._head = 0  # words that have left, by reading or by being overwritten
        self._ends: deque[int] = deque()  # the same count when each slot here will have left
        self._torn: set[int] = set()  # ends of slots that are here in part only
        self._latched = False
        self._stopped = False

    def __len__(self) -> int:
        """Return the number of unread words."""
        return len(self._data) // WORD_BYTES

    @property
    def unread(self) -> int:
        """Time slots that are here with all their unread words."""
        return len(self._ends) - len(self._torn)

    def put(self, words: bytes) -> None:
        """Append the words of one time slot; the oldest words give way (continuous mode)."""
        self.batched += 1
        if self.drop_unread > 0:
            self.drop_unread -= 1
            self.dropped += 1
            return
        self._append(words)

    def _append(self, words: bytes) -> None:
        data = self._data
        data += words
        self._ends.append(self._head + len(data) // WORD_BYTES)
        excess = len(data) // WORD_BYTES - reg.FIFO_WORDS
        if excess >= 0:
            self._latched = True
            self._overwrite(excess)

    def put_while_room(self, words: bytes) -> bool:
        """Append what there is room for (FIFO mode); False when the slot did not fit whole.

        Once full, nothing more is stored until `clear`, also when words have been read.
        """
        room = (reg.FIFO_WORDS - len(self)) * WORD_BYTES
        fits = not self._stopped and len(words) <= room
        if fits:
            self.put(words)
        elif not self._stopped and room:
            self._append(words[:room])
            self._torn.add(self._ends[-1])
        self._stopped = self._stopped or len(self) >= reg.FIFO_WORDS
        return fits

    def _overwrite(self, words: int) -> None:
        self._head += words
        del self._data[: words * WORD_BYTES]
        while words and self._ends:
            end = self._ends[0]
            if end not in self._torn:
                self._torn.add(end)
                self.overwritten += 1
            if end > self._head:
                break
            self._torn.discard(self._ends.popleft())
            if end == self._head:
                break

    def read(self, offset: int, count: int) -> bytes:
        """Read `count` bytes beginning `offset` bytes into the oldest word.

        The addresses roll over from a word's last byte to the next word's tag. A word leaves when
        its last byte is read, not before: the rest of a word can be read later. An empty
        FIFO reads as zeros (undocumented).
        """
        total = offset + count
        out = bytes(self._data[offset:total])
        words = total // WORD_BYTES
        if words:
            available = len(self)
            if words > available:
                self.words_read_empty += words - available
                words = available
            self._leave(words)
        return out if len(out) == count else out.ljust(count, b"\0")

    def _leave(self, words: int) -> None:
        self._head += words
        del self._data[: words * WORD_BYTES]
        ends = self._ends
        while ends and ends[0] <= self._head:
            end = ends.popleft()
            if end in self._torn:
                self._torn.remove(end)
            else:
                self.delivered += 1

    def clear(self) -> None:
        """Discard all words and flags, as bypass mode and reset do."""
        self.flushed += self.unread
        self._head += len(self)
        self._data.clear()
        self._ends.clear()
        self._torn.clear()
        self._latched = False
        self._stopped = False

    def flags(self, watermark: int, next_slot_words: int) -> int:
        """Return FIFO_STATUS2's b7:3 for a watermark and the words of the next time slot.

        WTM_IA: level at or above the watermark (0: no watermark). OVR_IA: completely filled.
        FULL_IA: full at the next time slot. OVR_LATCHED: was completely filled. All but the
        latched one follow the level.
        """
        level = len(self)
        flags = reg.FIFO_OVR_LATCHED if self._latched else 0
        if 0 < watermark <= level:
            flags |= reg.FIFO_WTM_IA
        if level >= reg.FIFO_WORDS:
            flags |= reg.FIFO_OVR_IA
        if level + next_slot_words >= reg.FIFO_WORDS:
            flags |= reg.FIFO_FULL_IA
        return flags

    def clear_latch(self) -> None:
        """Forget the latched overrun, as reading FIFO_STATUS2 does."""
        self._latched = False
