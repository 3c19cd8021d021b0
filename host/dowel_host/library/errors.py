"""What can be wrong with a library, each as one sentence with its remedy."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from os import PathLike

from dowel_host.errors import DowelError

CHOOSE_ANOTHER = "give another place with --library FILE"
_ALLOW = f"allow writing to it and to its folder, or {CHOOSE_ANOTHER}"
_REPLACE = "move it away (with its -wal and -shm) and put a copy of before in its place"

# SQLite's primary result code -> what is wrong, what to do.
_SENTENCES = {
    sqlite3.SQLITE_NOTADB: ("is no library", CHOOSE_ANOTHER),
    sqlite3.SQLITE_CORRUPT: ("is damaged", _REPLACE),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", _ALLOW),
    sqlite3.SQLITE_PERM: ("cannot be opened", _ALLOW),
    sqlite3.SQLITE_AUTH: ("cannot be opened", _ALLOW),
    sqlite3.SQLITE_READONLY: ("cannot be written", _ALLOW),
    sqlite3.SQLITE_FULL: ("cannot grow", "free some room on its disk and try again"),
    sqlite3.SQLITE_BUSY: ("is in use by another program", "end that one and try again"),
    sqlite3.SQLITE_LOCKED: ("is in use by another program", "end that one and try again"),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written",
        f"see that its disk is whole and has room, or {CHOOSE_ANOTHER}",
    ),
}
_OTHERWISE = ("does not work as a library", _REPLACE)
# The extended codes carry the primary one in their low byte.
_PRIMARY = 0xFF


class LibraryError(DowelError):
    """A library cannot be opened, read or written; what was stored before is as it was."""

    def __init__(self, path: str | PathLike[str], why: str, remedy: str) -> None:
        super().__init__(f"library {path} {why}; {remedy}.")
        self.path = path
        self.why = why
        self.remedy = remedy


class NewerLibraryError(LibraryError):
    """A newer program made this library. found, known: versions of its form."""

    def __init__(self, path: str | PathLike[str], found: int, known: int) -> None:
        super().__init__(
            path,
            f"has form {found}, and this program knows forms up to {known}",
            f"update this program (pip install --upgrade dowel), or {CHOOSE_ANOTHER}",
        )
        self.found = found
        self.known = known


def damaged(path: str | PathLike[str], what: str) -> LibraryError:
    """Return the error of a library whose content is not whole; what: what was seen."""
    return LibraryError(path, f"is damaged ({printable(what)})", _REPLACE)


def printable(text: str) -> str:
    """Return text out of a file or from a device on one line, harmless in a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


@contextmanager
def as_library_errors(path: str | PathLike[str]) -> Generator[None, None, None]:
    """Turn what SQLite and the file system raise into LibraryError."""
    try:
        yield
    except sqlite3.Error as error:
        # Python's own complaints (text that is no UTF-8, say) carry no code.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
        why, remedy = _SENTENCES.get(code, _OTHERWISE)
        raise LibraryError(path, f"{why} ({printable(str(error))})", remedy) from error
    except UnicodeDecodeError as error:
        # SQLite quotes damaged text in its message, and Python cannot make a message of it.
        raise damaged(path, "text that is none") from error
    except OSError as error:
        raise LibraryError(path, f"cannot be opened ({error.strerror})", _ALLOW) from error
