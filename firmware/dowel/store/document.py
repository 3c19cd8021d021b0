"""Small files that survive a power cut: JSON on one line, its CRC32 on the next.

Written beside the old one and then renamed over it: littlefs makes the rename whole or not at all,
so that there is always the old or the new file. A file that is cut, changed or no JSON is told
apart from one that is absent.
"""

import binascii
import json
import os

_NEW = ".new"


class BrokenDocument(Exception):  # noqa: N818 - says what it is
    """A file that is there and cannot be used; path says which."""

    def __init__(self, path):
        super().__init__("%s is broken" % path)
        self.path = path


def load(path):
    """Return the dict in path, None where there is no such file. BrokenDocument."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    document = _read(data)
    if not isinstance(document, dict):
        raise BrokenDocument(path)
    return document


def _read(data):
    """Return what the file's bytes hold, None where they are cut or changed."""
    line, _, crc = data.partition(b"\n")
    try:
        return json.loads(line) if int(crc, 16) == binascii.crc32(line) else None
    except (ValueError, UnicodeError):
        return None


def save(path, document):
    """Write a dict to path; when this returns it is on the flash. OSError: no room."""
    line = json.dumps(document).encode()
    with open(path + _NEW, "wb") as file:
        file.write(line)
        file.write(b"\n%08x" % binascii.crc32(line))
    os.rename(path + _NEW, path)
