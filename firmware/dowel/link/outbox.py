"""Reps that wait for a host to store them. Kept in memory until acknowledged.

A ring of fixed records. When it is full the oldest gives way and is counted; nothing else removes a rep but a host's
acknowledgement of its epoch and sequence number.
"""

import struct

from dowel.link import wire

# Small: a session without a host loses its first reps. Large: 26 bytes of heap each.
CAPACITY = 500


class Outbox:
    """Records by sequence number, from `oldest` to `next_seq` - 1.

    epoch: number (30 bits) that is drawn anew whenever the sequence restarts, here at each start.
    """

    def __init__(self, epoch):
        self.epoch = epoch
        self.oldest = 1
        self.next_seq = 1
        self.overwritten = 0
        self._records = bytearray(CAPACITY * wire.REP_BODY_SIZE)
        self._message = bytearray(wire.REP_SIZE)

    def __len__(self):
        return self.next_seq - self.oldest

    def put(self, *marks):
        """Keep a rep; marks: the values of wire.REP_BODY behind epoch and sequence."""
        if len(self) >= CAPACITY:
            self.oldest += 1
            self.overwritten += 1
        seq = self.next_seq
        struct.pack_into(wire.REP_BODY, self._records, self._at(seq), self.epoch, seq, *marks)
        self.next_seq = seq + 1

    def message(self, seq):
        """The REP message of a kept rep; its buffer is used again by the next call."""
        message = self._message
        struct.pack_into(wire.HEADER, message, 0, wire.REP, wire.VERSION, seq & 0xFFFF)
        at = self._at(seq)
        for index in range(wire.REP_BODY_SIZE):
            message[wire.HEADER_SIZE + index] = self._records[at + index]
        return message

    def acknowledge(self, epoch, seq):
        """A host has stored all reps up to seq. False: of another epoch, or never sent."""
        if epoch != self.epoch or seq >= self.next_seq:
            return False
        if seq >= self.oldest:
            self.oldest = seq + 1
        return True

    def after(self, epoch, seq):
        """Sequence number of the first kept rep that a host lacks which has all up to seq of epoch."""
        if epoch != self.epoch or seq >= self.next_seq:
            return self.oldest
        return max(self.oldest, seq + 1)

    def _at(self, seq):
        return seq % CAPACITY * wire.REP_BODY_SIZE
