"""Where the library is."""

import os
from pathlib import Path

import platformdirs

LIBRARY_VARIABLE = "DOWEL_LIBRARY"
_FILE_NAME = "library.sqlite"


def library_path(chosen: Path | None = None) -> Path:
    """Return the library's path: chosen, or $DOWEL_LIBRARY, or in the user's folder for data."""
    if chosen is not None:
        return chosen
    if named := os.environ.get(LIBRARY_VARIABLE):
        return Path(named)
    return platformdirs.user_data_path("dowel", appauthor=False) / _FILE_NAME
