"""Counts the starts of the device, in /boots.json: one small write each.

The number tells the records of one start from those of another, and how long ago something was,
where no host has told the time.
"""

import os

from dowel.store import document

PATH = "/boots.json"
_COUNTS = 65535  # two bytes on the wire; 0 is none


def next_boot(path=PATH):
    """Return the number of this start, 1 to 65535 and then 1 again; on the flash by then.

    Where the file is broken, a number by chance: hardly one that a record has. OSError: no room.
    """
    boot = _kept(path) % _COUNTS + 1
    document.save(path, {"boots": boot})
    return boot


def since(boot, then):
    """Starts from one to another, 0 to 65534."""
    return (boot - then) % _COUNTS


def _kept(path):
    try:
        kept = document.load(path)
    except document.BrokenDocument:
        kept = {}
    if kept is None:
        return 0
    boots = kept.get("boots")
    if isinstance(boots, int) and 0 < boots <= _COUNTS:
        return boots
    return int.from_bytes(os.urandom(2), "little")
