"""Live frames to every listener: the newest wins, what it replaces is counted."""

from dowel.link import wire
from dowel.link.peer import PAIR_SIZE


class LiveStream:
    """Packs frames, two a message, and gives them to the peers that listen.

    A peer whose carrier is full keeps its sequence number waiting; the next message takes its
    place, so that a gap in the sequence tells the host how many it missed.
    """

    def __init__(self, peers):
        self.unheard = 0  # frames while nobody listened
        self.sent = 0  # messages that a carrier took
        self._peers = peers
        self._pair = bytearray(PAIR_SIZE)  # being filled
        self._ready = bytearray(PAIR_SIZE)  # the newest whole one
        # For a host whose MTU is still 23 bytes: each frame alone.
        self._single = bytearray(wire.LIVE_HEADER_SIZE + wire.LIVE_FRAME_SIZE)
        self._frames = 0
        self._first = 0  # who is offered first

    def put(self, t_ms, trunk_cdeg, pelvis_cdeg, flexion_cdeg, lateral_cdeg, flags):
        """Take a frame. No allocation."""
        wire.pack_live_frame(
            self._pair,
            self._frames,
            t_ms,
            trunk_cdeg,
            pelvis_cdeg,
            flexion_cdeg,
            lateral_cdeg,
            flags,
        )
        wire.pack_live_frame(
            self._single, 0, t_ms, trunk_cdeg, pelvis_cdeg, flexion_cdeg, lateral_cdeg, flags
        )
        self._frames += 1
        whole = self._frames == wire.FRAMES_PER_MESSAGE
        if whole:
            self._frames = 0
            self._pair, self._ready = self._ready, self._pair
        heard = False
        peers = self._peers
        count = len(peers)
        first = self._first
        for place in range(count):
            index = (first + place) % count
            peer = peers[index]
            if peer.listening:
                heard = True
                if whole or not peer.takes_pairs():
                    self._offer(peer)
                    # They share the radio's buffers: who was refused is first the next time, or
                    # the same one would take them all.
                    if peer.pending and self._first == first:
                        self._first = index
        if not heard:
            self.unheard += 1

    def retry(self):
        """Try again what the carriers had no room for. No allocation."""
        for peer in self._peers:
            if peer.pending:
                self._send(peer)

    def _offer(self, peer):
        if peer.pending:
            peer.live_dropped += 1
        peer.live_sequence = (peer.live_sequence + 1) & 0xFFFF
        peer.pending = True
        self._send(peer)

    def _send(self, peer):
        message = self._ready if peer.takes_pairs() else self._single
        count = wire.FRAMES_PER_MESSAGE if peer.takes_pairs() else 1
        wire.pack_live_header(message, peer.live_sequence, count)
        if peer.send(wire.LIVE, message):
            peer.pending = False
            self.sent += 1
