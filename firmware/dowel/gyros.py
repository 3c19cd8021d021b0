"""What is known of the gyros before anything moves: their scale, and their bias of last time.

The scale is a setting. The bias is kept on the flash at rest, when the core is sure of it, and
given back to it at the next start, with a doubt that grows with its age in starts. The age in
hours is known only once a host tells the time: the board has no clock of its own. So its doubt is
added then; where the sensor has rested meanwhile the core knows better, and nothing is added.
"""

from dowel.store.gyro_bias import ROLES, GyroBias

# A bias that has moved by this is worth another write: 30e-3 degrees/s, in 2^-32 rad a step.
# Small: the flash wears; large: the next start begins with an older one.
_CHANGED = 10_800
# No oftener than this, ms: at most 144 writes a day, and one at each start, of which littlefs puts
# a dozen into a block before it erases one.
_PERIOD_MS = 600_000
# Each sensor has been at rest for so many looks in a row (50 ms each): 0.5 s beyond what the core
# calls rest. Small: somebody who is about to move; large: short rests are of no use.
_REST_LOOKS = 10


class Gyros:
    """Looks after the gyros of a running device.

    core: the Pipeline. sensors: by role, None where absent. settings: store/settings.py. boot:
    number of this start. clock: has wall_ms(). store: store/gyro_bias.py.
    """

    def __init__(self, core, sensors, settings, boot, clock, store=None):
        self._tilts = core.tilt
        self._sensors = sensors
        self._boot = boot
        self._clock = clock
        self._store = store or GyroBias()
        self._kept = ()  # what was kept in this start, by role
        self._is_dated = False
        self._rest_looks = 0
        self._next_ms = 0
        if self._store.problem:
            print("dowel: %s" % self._store.problem)
        for role, sensor in enumerate(sensors):
            core.tilt[role].set_scale(*settings[ROLES[role] + "_gyro_scale"])
            last = sensor and self._store.last(role, sensor.freq_fine, boot)
            if last:
                core.tilt[role].set_bias(*last)

    def service(self, now_ms):
        """Keep the bias where that is worth a write to the flash; away from the sampling turn.

        now_ms: since boot. At rest only: an erase stops the board for 60 ms, while the FIFOs fill.
        """
        if not self._is_dated:
            self._date()
        self._rest_looks = self._rest_looks + 1 if self._is_sure() else 0
        if self._rest_looks < _REST_LOOKS:
            return
        self._rest_looks = 0
        if now_ms >= self._next_ms and self._is_new():
            self._next_ms = now_ms + _PERIOD_MS
            self._keep()

    def _date(self):
        """Add the doubt of the hours since last time, as soon as a host has told the time."""
        wall_ms = self._clock.wall_ms()
        if wall_ms is None:
            return
        self._is_dated = True
        if not self._kept:
            doubt_mdps = self._store.hours_doubt_mdps(wall_ms // 1000)
            for tilt in self._tilts:
                tilt.add_doubt(doubt_mdps)

    def _is_sure(self):
        """Whether every sensor rests and has rested for long enough to know its bias."""
        for role in range(2):
            if self._sensors[role] and not self._tilts[role].rests_surely:
                return False
        return True

    def _is_new(self):
        """Whether the bias differs from that kept in this start, or none was."""
        for role in range(2):
            kept = self._kept[role] if self._kept else None
            if self._sensors[role]:
                for axis in range(3):
                    bias = self._tilts[role].bias_words[axis]
                    if not kept or abs(bias - kept[axis]) > _CHANGED:
                        return True
        return False

    def _keep(self):
        wall_ms = self._clock.wall_ms()
        found = [self._found(role) for role in range(2)]
        try:
            self._store.save(found, self._boot, None if wall_ms is None else wall_ms // 1000)
        except OSError as error:
            print("dowel: the gyros' bias is not kept (%s)" % error)
            return
        self._kept = found

    def _found(self, role):
        sensor = self._sensors[role]
        if sensor is None:
            return None
        tilt = self._tilts[role]
        doubt_mdps = max([tilt.doubt_mdps(axis) for axis in range(3)])
        return list(tilt.bias_words + (doubt_mdps, sensor.freq_fine))
