"""What the device says to its hosts.

Reps first, then the newest live frames; answers to commands.
"""

import os
import struct

from dowel.link import permission, wire
from dowel.link.live import LiveStream
from dowel.link.outbox import Outbox
from dowel.link.peer import Peer

_EPOCH_MASK = 0x3FFFFFFF  # a small integer on the board


class ReplWanted(Exception):  # noqa: N818 - no error: a wish
    """A host on the serial line asked for the REPL."""


class Link:
    """All carriers together.

    carriers: objects with places (int), connected(index), room(index), send(index, kind, message),
    next_command() -> (index, bytes) or None, refresh(). device: object with info(link),
    counters(link, peer), set_wall_ms(ms) and uptime_ms().
    """

    def __init__(self, carriers, device):
        self.taken = 0  # messages of the core: live frames and reps
        self.reps_sent = 0
        self.replies_sent = 0
        self.commands_refused = 0
        self.outbox = Outbox(struct.unpack("<I", os.urandom(4))[0] & _EPOCH_MASK)
        self._device = device
        self._carriers = carriers
        self.peers = [Peer(c, index) for c in carriers for index in range(c.places)]
        self.stream = LiveStream(self.peers)

    @property
    def sent(self):
        """Messages that a carrier took."""
        return self.stream.sent + self.reps_sent + self.replies_sent

    @property
    def live_dropped(self):
        """Live messages that a newer one replaced before they could be sent, of all hosts
        there.
        """
        return sum([peer.live_dropped for peer in self.peers])

    def live(self, t_ms, trunk_cdeg, pelvis_cdeg, flexion_cdeg, lateral_cdeg, flags):
        """Take a live frame. No allocation."""
        self.taken += 1
        self._send_reps()
        self.stream.put(t_ms, trunk_cdeg, pelvis_cdeg, flexion_cdeg, lateral_cdeg, flags)

    def rep(self, *marks):
        """Take a finished rep: the values of wire.REP_BODY behind epoch and sequence."""
        self.taken += 1
        self.outbox.put(*marks)
        self._send_reps()

    def service(self):
        """Notice hosts that went, obey commands, send what waits. ReplWanted."""
        for carrier in self._carriers:
            carrier.refresh()
        for peer in self.peers:
            if peer.is_used() and not peer.carrier.connected(peer.index):
                peer.reset()
        for carrier in self._carriers:
            self._obey_all(carrier)
        self._send_replies()
        self._send_reps()
        self.stream.retry()

    def _send_replies(self):
        """An answer that found the radio full waits: a host asks one thing at a time."""
        for peer in self.peers:
            if peer.reply and peer.send(peer.reply[0], peer.reply):
                peer.reply = None
                self.replies_sent += 1

    def _send_reps(self):
        """Send each host the reps it has not got; those go before any live frame.

        No allocation.
        """
        outbox = self.outbox
        for peer in self.peers:
            while peer.cursor and peer.cursor < outbox.next_seq:
                if peer.cursor < outbox.oldest:
                    peer.cursor = outbox.oldest
                    continue
                if not peer.send(wire.REP, outbox.message(peer.cursor)):
                    break
                self.reps_sent += 1
                peer.cursor += 1

    def _obey_all(self, carrier):
        while True:
            command = carrier.next_command()
            if command is None:
                return
            for peer in self.peers:
                if peer.carrier is carrier and peer.index == command[0]:
                    self._obey(peer, command[1])

    def _obey(self, peer, data):
        try:
            kind, sequence = wire.unpack_header(data)
        except wire.WireError:
            self.commands_refused += 1
            return
        if not permission.may_command(peer, kind):
            self._refuse(peer, kind, sequence, wire.STATUS_FORBIDDEN)
        elif kind not in _COMMANDS:
            self._refuse(peer, kind, sequence, wire.STATUS_UNKNOWN)
        elif len(data) < _COMMANDS[kind]:
            self._refuse(peer, kind, sequence, wire.STATUS_BAD)
        else:
            self._do(peer, kind, sequence, data)

    def _do(self, peer, kind, sequence, data):
        if kind == wire.CMD_INFO:
            self._reply(peer, wire.INFO, sequence, wire.INFO_BODY, self._device.info(self))
        elif kind == wire.CMD_COUNTERS:
            counters = self._device.counters(self, peer)
            self._reply(peer, wire.COUNTERS, sequence, wire.COUNTERS_BODY, counters)
        elif kind == wire.CMD_TIME:
            (wall_ms,) = wire.unpack_body(data, wire.CMD_TIME_BODY, wire.CMD_TIME_SIZE)
            self._device.set_wall_ms(wall_ms)
            clock = (self._device.uptime_ms(), wall_ms)
            self._reply(peer, wire.CLOCK, sequence, wire.CLOCK_BODY, clock)
        elif kind == wire.CMD_REPL and peer.carrier.has_repl:
            self._done(peer, kind, sequence, wire.STATUS_OK)
            raise ReplWanted
        else:
            ok = self._set(peer, kind, data)
            self._done(peer, kind, sequence, wire.STATUS_OK if ok else wire.STATUS_BAD)

    def _set(self, peer, kind, data):
        if kind == wire.CMD_REPL:
            return False  # no serial line, no REPL
        if kind == wire.CMD_LIVE:
            # What waits is still sent: from its sequence number the host counts what it missed.
            peer.listening = data[wire.HEADER_SIZE] != 0 and permission.may_listen(peer)
            return True
        epoch, seq = wire.unpack_body(data, wire.CMD_REPS_BODY, wire.CMD_REPS_SIZE)
        if kind == wire.CMD_ACK:
            return self.outbox.acknowledge(epoch, seq)
        peer.cursor = self.outbox.after(epoch, seq)
        return True

    def _refuse(self, peer, kind, sequence, status):
        self.commands_refused += 1
        self._done(peer, kind, sequence, status)

    def _done(self, peer, kind, sequence, status):
        self._reply(peer, wire.DONE, sequence, wire.DONE_BODY, (kind, status))

    def _reply(self, peer, kind, sequence, layout, values):
        peer.reply = wire.pack(kind, sequence, layout, *values)
        self._send_replies()


# Commands, and the fewest bytes each has.
_COMMANDS = {
    wire.CMD_LIVE: wire.HEADER_SIZE + 1,
    wire.CMD_INFO: wire.HEADER_SIZE,
    wire.CMD_COUNTERS: wire.HEADER_SIZE,
    wire.CMD_ACK: wire.CMD_REPS_SIZE,
    wire.CMD_REPS: wire.CMD_REPS_SIZE,
    wire.CMD_TIME: wire.CMD_TIME_SIZE,
    wire.CMD_REPL: wire.HEADER_SIZE,
}
