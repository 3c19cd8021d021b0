"""One host at the other end of a carrier, and what it has got so far."""

from dowel.link import wire


class Peer:
    """A place for a host on a carrier (Bluetooth connection number, or the serial line)."""

    def __init__(self, carrier, index):
        self.carrier = carrier
        self.index = index
        self.reset()

    def reset(self):
        """A new host: it listens to nothing yet."""
        self.listening = False
        self.cursor = 0  # sequence number of the next rep to send; 0: it has not asked yet
        self.live_sequence = 0
        self.pending = False  # the newest live message waits for the radio
        self.live_dropped = 0  # live messages that a newer one replaced before they could be sent
        self.reply = None  # an answer that waits for the radio

    def is_used(self):
        """Whether a host has asked anything here since the last reset."""
        return self.listening or self.cursor or self.reply is not None

    def send(self, kind, message):
        """Hand a message to the carrier; False: full, or nobody there. No allocation."""
        return self.carrier.send(self.index, kind, message)

    def takes_pairs(self):
        """Whether two live frames fit into one of its messages."""
        return self.carrier.room(self.index) >= PAIR_SIZE


PAIR_SIZE = wire.LIVE_HEADER_SIZE + wire.FRAMES_PER_MESSAGE * wire.LIVE_FRAME_SIZE
