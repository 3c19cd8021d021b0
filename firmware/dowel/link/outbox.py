"""Reps that wait for a host to store them. Kept in memory until acknowledged.

Fixed records in chunks that come and go with what waits: memory that no rep needs stays free. When
500 wait, or memory is out, the oldest give way and are counted; nothing else removes a rep but a
host's acknowledgement of its epoch and sequence number.
"""

import struct

from dowel.link import wire

# Small: a session without a host loses its first reps. Large: 26 bytes of heap each.
CAPACITY = 500
# Records a chunk. Small: many objects; large: memory that few reps hold.
CHUNK = 20


class Outbox:
    """Records by sequence number, from `oldest` to `next_seq` - 1.

    epoch: number (30 bits) that is drawn anew whenever the sequence restarts, here at each start.
    """

    def __init__(self, epoch):
        self.epoch = epoch
        self.oldest = 1
        self.next_seq = 1
        self.overwritten = 0
        self._chunks = {}  # bytearrays by sequence number // CHUNK
        self._message = bytearray(wire.REP_SIZE)

    def __len__(self):
        return self.next_seq - self.oldest

    def put(self, *marks):
        """Keep a rep; marks: the values of wire.REP_BODY behind epoch and sequence."""
        seq = self.next_seq
        if len(self) >= CAPACITY:
            self._give_up(1)
        chunk = self._chunks.get(seq // CHUNK) or self._new_chunk(seq // CHUNK)
        if chunk is None:
            # Not even a chunk could be freed for it: this rep itself is lost.
            self._give_up(0)
        else:
            at = seq % CHUNK * wire.REP_BODY_SIZE
            struct.pack_into(wire.REP_BODY, chunk, at, self.epoch, seq, *marks)
        self.next_seq = seq + 1
        if chunk is None:
            self.oldest = self.next_seq

    def _new_chunk(self, number):
        """Make room for the next records, if need be in the place of the oldest."""
        try:
            chunk = bytearray(CHUNK * wire.REP_BODY_SIZE)
        except MemoryError:
            oldest = self.oldest // CHUNK
            if oldest not in self._chunks:
                return None
            chunk = self._chunks.pop(oldest)
            self._give_up((oldest + 1) * CHUNK - self.oldest)
        self._chunks[number] = chunk
        return chunk

    def _give_up(self, count):
        self.oldest += count
        self.overwritten += max(1, count)
        self._drop_chunks()

    def _drop_chunks(self):
        for number in list(self._chunks):
            if (number + 1) * CHUNK <= self.oldest:
                del self._chunks[number]

    def message(self, seq):
        """The REP message of a kept rep; its buffer is used again by the next call.

        No allocation.
        """
        message = self._message
        struct.pack_into(wire.HEADER, message, 0, wire.REP, wire.VERSION, seq & 0xFFFF)
        chunk = self._chunks[seq // CHUNK]
        at = seq % CHUNK * wire.REP_BODY_SIZE
        for index in range(wire.REP_BODY_SIZE):
            message[wire.HEADER_SIZE + index] = chunk[at + index]
        return message

    def acknowledge(self, epoch, seq):
        """A host has stored all reps up to seq. False: of another epoch, or never sent."""
        if epoch != self.epoch or seq >= self.next_seq:
            return False
        if seq >= self.oldest:
            self.oldest = seq + 1
            self._drop_chunks()
        return True

    def after(self, epoch, seq):
        """Sequence number of the first kept rep that a host lacks.

        It has all reps up to seq of epoch.
        """
        if epoch != self.epoch or seq >= self.next_seq:
            return self.oldest
        return max(self.oldest, seq + 1)
