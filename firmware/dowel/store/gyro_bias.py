"""The gyros' bias of last time, kept in /gyro_bias.json, and how far to trust it by now.

A broken file means that nothing is known, and `problem` says so.
"""

from dowel.core.angle import isqrt
from dowel.store import boots, document

PATH = "/gyro_bias.json"
# Of the form of the file. One of another version is not used, and written over.
VERSION = 1

ROLES = ("upper", "lower")

# How far the bias may have moved since it was kept, 10^-3 degrees/s, as standard deviations that
# add up squared. Small: a stale bias gets into the first minutes; large: it helps no more than
# none. The core knows no more doubt than 500.
# By any start: other warmth. 20 degrees C at 0.010 degrees/s each (LSM6DSOX, typical).
_RESTART_MDPS = 200
# By each start, and by each hour where both times are known: ageing, blows, stress by mounting.
# Nothing is known of the bias after some 500 starts, or three months.
_BOOT_MDPS = 20
_HOUR_MDPS = 10
_MOST_MDPS = 500
_BOOTS_MAX = 1000  # more make no difference, and their sum stays small
_HOURS_MAX = 3000

_FIELDS = 5  # of a sensor: bias x y z (2^-32 rad a step), its doubt, INTERNAL_FREQ_FINE


class GyroBias:
    """What was kept, by role. path: of the file."""

    def __init__(self, path=PATH):
        self.problem = None
        self._path = path
        self._kept = ()  # by role
        self._boot = 0
        self._wall_s = None
        try:
            kept = document.load(path)
        except document.BrokenDocument as error:
            self.problem = "%s: the gyros' bias is learnt anew" % error
            return
        if kept and is_good(kept):
            self._take(kept)

    def _take(self, kept):
        self._kept = [kept.get(name) for name in ROLES]
        self._boot = kept["boot"]
        self._wall_s = kept["wall_s"]

    def last(self, role, freq_fine, boot):
        """Return bias x y z and doubt (10^-3 degrees/s) of a sensor, for Tilt.set_bias, or None.

        freq_fine: of the chip that is there now: another one's bias is of no use. boot: number of
        this start, 0 where unknown.
        """
        kept = self._kept[role] if self._kept else None
        if not kept or kept[4] != freq_fine:
            return None
        starts = boots.since(boot, self._boot) if boot and self._boot else _BOOTS_MAX
        starts = min(starts, _BOOTS_MAX)
        variance = kept[3] * kept[3] + _RESTART_MDPS * _RESTART_MDPS
        variance += starts * _BOOT_MDPS * _BOOT_MDPS
        return (kept[0], kept[1], kept[2], min(isqrt(variance), _MOST_MDPS))

    def hours_doubt_mdps(self, wall_s):
        """Return what the hours since then add to the doubt; 0 where no host told the time then.

        wall_s: now, s since 1970.
        """
        if not self._wall_s or wall_s < self._wall_s:
            return 0
        hours = min((wall_s - self._wall_s) // 3600, _HOURS_MAX)
        return min(isqrt(hours * _HOUR_MDPS * _HOUR_MDPS), _MOST_MDPS)

    def save(self, sensors, boot, wall_s):
        """Keep a bias; on the flash when this returns. OSError: no room.

        sensors: by role, None or [bias x y z, doubt, freq_fine]. wall_s: s since 1970, None where
        unknown.
        """
        kept = {
            "version": VERSION,
            "boot": boot,
            "wall_s": wall_s,
            ROLES[0]: sensors[0],
            ROLES[1]: sensors[1],
        }
        document.save(self._path, kept)
        self._take(kept)


def is_good(kept):
    """Whether a document has the form of a kept bias."""
    if kept.get("version") != VERSION or not _is_number(kept.get("boot")):
        return False
    if "wall_s" not in kept or not (kept["wall_s"] is None or _is_number(kept["wall_s"])):
        return False
    for name in ROLES:
        one = kept.get(name)
        if one is None:
            continue
        if not isinstance(one, list) or len(one) != _FIELDS:
            return False
        for field in one:
            if not _is_number(field):
                return False
        if not 0 <= one[3] <= _MOST_MDPS:
            return False
    return True


def _is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)
