"""The sampling turn: FIFOs -> core -> motor and link, without allocation.

Nothing here waits for anything but the bus; the turn is called on a deadline by the shell.
"""

import time

from dowel.core import pipeline
from dowel.link import wire

# How often a sensor's clock is compared with the board's: 0.5 s. Rarer, and the two sensors' times
# drift apart by the error of the measured rate; oftener, and the bus carries it (0.6 ms a
# reading).
CLOCK_PERIOD_TURNS = 50


class Sampler:
    """Drains the sensors, steps the core, and hands what it says to motor and link.

    sensors: list by role (pipeline.UPPER, pipeline.LOWER), None where absent.
    """

    def __init__(self, sensors, motor, link, uptime):
        self.pipeline = pipeline.Pipeline(
            (wire.UPPER_BIT if sensors[pipeline.UPPER] else 0)
            | (wire.LOWER_BIT if sensors[pipeline.LOWER] else 0)
        )
        self.samples_out = 0  # sample sets handed to the core
        self.messages = 0  # live frames and reps the core produced
        self._sensors = sensors
        self._motor = motor
        self._link = link
        self._uptime = uptime
        self._turns = 0
        self._reference = pipeline.UPPER if sensors[pipeline.UPPER] else pipeline.LOWER

    def start(self):
        """Let the FIFOs fill and take the first look at the sensors' clocks. OSError: bus."""
        for role, sensor in enumerate(self._sensors):
            if sensor:
                self.pipeline.trim(role, sensor.freq_fine)
                sensor.stream()
        for role in range(len(self._sensors)):
            self._compare_clock(role)

    def turn(self):
        """One turn: every sensor's FIFO, then all that can be decided.

        No allocation but for a rep.
        """
        self._uptime.advance()
        # Bursts by turns: a sensor read to its end first would leave the other one behind, and the
        # core takes samples without a partner for a lost sensor's. The upper one first: its
        # partner in time is then in the same turn.
        more = True
        while more:
            more = False
            for role in range(2):
                sensor = self._sensors[role]
                if sensor and self._drain(role, sensor):
                    more = True
        self._turns += 1
        if self._turns >= CLOCK_PERIOD_TURNS:
            self._turns = 0
            for role in range(2):
                self._compare_clock(role)

    def counters(self):
        """Sets handed to the core, sets it took, messages it made, gaps, clipped samples."""
        core = self.pipeline
        samples_in = core.samples_in[pipeline.UPPER] + core.samples_in[pipeline.LOWER]
        return (self.samples_out, samples_in, self.messages, core.gaps, core.saturated)

    def _drain(self, role, sensor):
        """Take one burst; True when the FIFO holds more."""
        sets = sensor.drain()
        if sets:
            self.samples_out += sets
            self.pipeline.feed(role, sensor.block, sets, sensor.overrun)
            self._decide()
        return sensor.more

    def _decide(self):
        core = self.pipeline
        while True:
            events = core.step()
            if not events:
                return
            if events & pipeline.CUE_ON:
                self._motor.start()
            if events & pipeline.CUE_OFF:
                self._motor.stop()
            if events & pipeline.LIVE:
                self.messages += 1
                self._link.live(
                    self._ms(core.tick),
                    core.trunk_cdeg,
                    core.pelvis_cdeg,
                    core.flexion_cdeg,
                    core.lateral_cdeg,
                    core.flags,
                )
            if events & pipeline.REP:
                self.messages += 1
                self._report_rep(core.rep)

    def _report_rep(self, rep):
        start_ms = self._ms(rep.start_tick)
        low_ms = self._ms(rep.low_tick)
        peak_ms = self._ms(rep.peak_tick)
        rise_ms = self._ms(rep.rise_tick)
        self._link.rep(
            start_ms,
            low_ms - start_ms,
            peak_ms - start_ms,
            rise_ms - start_ms,
            self._ms(rep.end_tick) - start_ms,
            rep.peak_trunk_cdeg,
            rep.peak_flexion_cdeg,
            rep.flags,
            rep.cues,
        )

    def _ms(self, tick):
        return self._uptime.ms_at(self.pipeline.timebase[self._reference].us_at(tick))

    def _compare_clock(self, role):
        sensor = self._sensors[role]
        if sensor is None:
            return
        before_us = time.ticks_us()
        try:
            tick = sensor.read_tick()
        except OSError:
            sensor.bus_errors += 1
            return
        self.pipeline.timebase[role].observe(tick, before_us, time.ticks_us())
