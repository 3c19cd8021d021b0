"""The library: every rep that a receiver took, on this computer, once and for good."""

from dowel_host.library.errors import LibraryError, NewerLibraryError
from dowel_host.library.library import Library
from dowel_host.library.location import LIBRARY_VARIABLE, library_path
from dowel_host.library.records import Device, Key, RepRecord, Stored, StoredRep
from dowel_host.library.sessions import Session, sessions

__all__ = [
    "LIBRARY_VARIABLE",
    "Device",
    "Key",
    "Library",
    "LibraryError",
    "NewerLibraryError",
    "RepRecord",
    "Session",
    "Stored",
    "StoredRep",
    "library_path",
    "sessions",
]
