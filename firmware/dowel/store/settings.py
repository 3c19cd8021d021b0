"""The settings of the device: a table of names with defaults and ranges, kept in /settings.json.

A broken file means defaults, and `problem` says so; a value out of its range, or of a name that
this firmware does not know, is left as it is in the file and not used.
"""

from dowel.store import document

PATH = "/settings.json"

# Name: (default, least, most, count). count: how many integers, 1 or a list of so many.
# *_gyro_scale: what the gyro's reading is multiplied by, an axis each, 65536 is the chip's own
# scale. Within 3 %: an LSM6DSOX is right within about 1 %. Learnt from gravity by `make bench
# SCALE_FROM=`.
TABLE = {
    "upper_gyro_scale": (65536, 63570, 67502, 3),
    "lower_gyro_scale": (65536, 63570, 67502, 3),
}


class UnknownSetting(Exception):  # noqa: N818 - says what it is
    """A name that is not in the table."""

    def __init__(self, name):
        super().__init__("no setting %s" % name)
        self.name = name


class BadValue(Exception):  # noqa: N818 - says what it is
    """A value outside its range; name, value and the range."""

    def __init__(self, name, value):
        _, least, most, count = TABLE[name]
        super().__init__(
            "%s is %d values from %d to %d, not %s" % (name, count, least, most, value)
        )
        self.name = name
        self.value = value


class Settings:
    """Values by name, from the file where it has good ones."""

    def __init__(self, path=PATH):
        self.problem = None
        self._path = path
        try:
            self._kept = document.load(path) or {}
        except document.BrokenDocument as error:
            self._kept = {}
            self.problem = "%s: settings are the defaults; set them again" % error

    def __getitem__(self, name):
        """The value of a setting: an integer, or a list. UnknownSetting."""
        if name not in TABLE:
            raise UnknownSetting(name)
        value = self._kept.get(name)
        if value is not None and is_good(name, value):
            return value
        default, _, _, count = TABLE[name]
        return default if count == 1 else [default] * count

    def set(self, name, value):
        """Keep a value, on the flash when this returns.

        UnknownSetting, BadValue, OSError: no room.
        """
        if name not in TABLE:
            raise UnknownSetting(name)
        if not is_good(name, value):
            raise BadValue(name, value)
        kept = dict(self._kept)
        kept[name] = value
        document.save(self._path, kept)
        self._kept = kept
        self.problem = None


def is_good(name, value):
    """Whether value has the form and lies in the range of a setting."""
    _, least, most, count = TABLE[name]
    values = [value] if count == 1 else value
    if not isinstance(values, (list, tuple)) or len(values) != count:
        return False
    for one in values:
        if not isinstance(one, int) or isinstance(one, bool) or not least <= one <= most:
            return False
    return True
