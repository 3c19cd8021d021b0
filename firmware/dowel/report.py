"""What the device says of itself: the answers to INFO and COUNTERS, and its wall clock."""

import machine

from dowel import VERSION
from dowel.link import wire


class Report:
    """Answers for the link. app: the running App."""

    def __init__(self, app):
        self.wall_offset_ms = (
            None  # wall clock (ms since 1970) minus time since boot; None: unknown
        )
        self._app = app
        self._boot_cause = machine.reset_cause()

    def uptime_ms(self):
        """Time since boot."""
        return self._app.uptime.now_ms()

    def wall_ms(self):
        """Wall clock, ms since 1970; None where no host has told it."""
        if self.wall_offset_ms is None:
            return None
        return self.wall_offset_ms + self.uptime_ms()

    def set_wall_ms(self, wall_ms):
        """A host says what time it is: ms since 1970."""
        self.wall_offset_ms = wall_ms - self.uptime_ms()

    def info(self, link):
        """Values of wire.INFO_BODY."""
        major, minor, patch = [int(part) for part in VERSION.split(".")]
        upper, lower = self._app.sensors
        return (
            major,
            minor,
            patch,
            (wire.UPPER_BIT if upper else 0) | (wire.LOWER_BIT if lower else 0),
            upper.freq_fine if upper else 0,
            lower.freq_fine if lower else 0,
            upper.one_g_mg if upper else 0,
            lower.one_g_mg if lower else 0,
            self._app.faults,
            self._boot_cause,
            link.outbox.epoch,
            link.outbox.oldest,
            len(link.outbox),
            self.uptime_ms(),
            self._app.battery.millivolts(),
            machine.unique_id(),
        )

    def counters(self, link, peer):
        """Values of wire.COUNTERS_BODY; peer: who asks."""
        app = self._app
        handled = app.sampler.counters() if app.sampler else (0, 0, 0, 0, 0)
        samples_out, core_in, core_out, gaps, saturated = handled
        sensors = [sensor for sensor in app.sensors if sensor]
        return (
            sum([sensor.samples for sensor in sensors]),
            samples_out,
            core_in,
            core_out,
            link.taken,
            link.sent,
            link.stream.unheard,
            link.live_dropped,
            peer.live_dropped,
            link.outbox.overwritten,
            gaps,
            sum([sensor.overruns for sensor in sensors]),
            sum([sensor.bad_words for sensor in sensors]),
            saturated,
            sum([sensor.bus_errors for sensor in sensors]),
            app.peripheral.full,
            app.serial.bad_frames,
            link.commands_refused + app.peripheral.commands_dropped,
            app.peripheral.handler_faults,
            app.late_turns,
            app.worst_turn_us,
            app.motor.starts,
        )
