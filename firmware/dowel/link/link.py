"""What the device says to its hosts: live frames, reps, answers to commands."""

import os
import struct

from dowel.link import wire
from dowel.link.ble import CONNECTIONS, FREE

REPS_KEPT = 64  # reps that wait for a host; older ones are dropped and counted


class Link:
    """Packs messages and hands them to the Bluetooth peripheral.

    state: object with info() and counters() that return the values of wire.INFO_BODY and
    wire.COUNTERS_BODY.
    """

    def __init__(self, peripheral, state):
        self.taken = 0  # messages: live frames and reps
        self.sent = 0  # notifications that the radio accepted, answers included
        self.dropped = 0  # messages thrown away
        self.epoch = struct.unpack("<I", os.urandom(4))[0] & 0x3FFFFFFF
        self._state = state
        self._peripheral = peripheral
        self._listening = [False] * CONNECTIONS  # connections that asked for live frames
        # A message of one frame for connections whose MTU is still the default of 23 bytes.
        self._live = bytearray(
            wire.LIVE_HEADER_SIZE + wire.FRAMES_PER_MESSAGE * wire.LIVE_FRAME_SIZE
        )
        self._frames = 0
        self._live_sequence = 0
        self._rep_sequence = 0
        self._reply_sequence = 0
        self._reps = []

    def live(self, t_ms, trunk_cdeg, pelvis_cdeg, flexion_cdeg, lateral_cdeg, flags):
        """Take a live frame; two make a notification. No allocation."""
        self.taken += 1
        wire.pack_live_frame(
            self._live,
            self._frames,
            t_ms,
            trunk_cdeg,
            pelvis_cdeg,
            flexion_cdeg,
            lateral_cdeg,
            flags,
        )
        self._frames += 1
        if self._frames == wire.FRAMES_PER_MESSAGE:
            wire.pack_live_header(self._live, self._live_sequence, self._frames)
            self._live_sequence = (self._live_sequence + 1) & 0xFFFF
            if not self._send_live():
                self.dropped += self._frames
            self._frames = 0

    def _send_live(self):
        """Notify every listener; True when at least one got it."""
        peripheral = self._peripheral
        reached = False
        for index in range(CONNECTIONS):
            if peripheral.connections[index] == FREE:
                self._listening[index] = False
            elif self._listening[index] and len(self._live) <= peripheral.mtus[index] - 3:
                if peripheral.notify(index, peripheral.live_handle, self._live):
                    self.sent += 1
                    reached = True
        return reached

    def rep(
        self, start_ms, low_ms, peak_ms, rise_ms, end_ms, trunk_cdeg, flexion_cdeg, flags, cues
    ):
        """Take a finished rep.

        Times from its start except start_ms; sent now or when a host comes.
        """
        self.taken += 1
        self._rep_sequence += 1
        message = wire.pack(
            wire.REP,
            self._rep_sequence,
            wire.REP_BODY,
            self.epoch,
            self._rep_sequence,
            start_ms,
            low_ms,
            peak_ms,
            rise_ms,
            end_ms,
            trunk_cdeg,
            flexion_cdeg,
            flags,
            cues,
        )
        if len(self._reps) >= REPS_KEPT:
            self._reps.pop(0)
            self.dropped += 1
        self._reps.append(message)

    def service(self):
        """Send waiting reps, obey commands, advertise again after a change of connections."""
        if self._peripheral.advertising_due:
            self._peripheral.advertise()
        while True:
            command = self._peripheral.next_command()
            if command is None:
                break
            self._obey(command[0], command[1])
        while self._reps and self._send_rep(self._reps[0]):
            self._reps.pop(0)

    def _send_rep(self, message):
        """Notify every listener of a rep; False when none took it."""
        peripheral = self._peripheral
        reached = False
        for index in range(CONNECTIONS):
            if (
                self._listening[index]
                and len(message) <= peripheral.mtus[index] - 3
                and peripheral.notify(index, peripheral.rep_handle, message)
            ):
                self.sent += 1
                reached = True
        return reached

    def _obey(self, index, data):
        try:
            kind, _ = wire.unpack_header(data)
        except wire.WireError:
            self._peripheral.commands_dropped += 1
            return
        if kind == wire.CMD_LIVE and len(data) > wire.HEADER_SIZE:
            self._listening[index] = data[wire.HEADER_SIZE] != 0
        elif kind == wire.CMD_INFO:
            self._reply(index, wire.INFO, wire.INFO_BODY, self._state.info())
        elif kind == wire.CMD_COUNTERS:
            self._reply(index, wire.COUNTERS, wire.COUNTERS_BODY, self._state.counters())
        else:
            self._peripheral.commands_dropped += 1

    def _reply(self, index, kind, layout, values):
        self._reply_sequence = (self._reply_sequence + 1) & 0xFFFF
        message = wire.pack(kind, self._reply_sequence, layout, *values)
        if self._peripheral.notify(index, self._peripheral.reply_handle, message):
            self.sent += 1
