"""What several tests of the library may ask for."""

import pytest

from dowel_host.library import Library
from host.library.rig import DEVICE, SOME_UTC_MS, numbered


@pytest.fixture
def path(tmp_path):
    """Give a place for a library."""
    return tmp_path / "library.sqlite"


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Give the bytes of a library with some reps in it."""
    path = tmp_path_factory.mktemp("whole") / "library.sqlite"
    with Library(path) as library:
        library.add_reps(DEVICE, [numbered(seq) for seq in range(200)], SOME_UTC_MS)
        library.add_anchor(DEVICE, 1, 5, SOME_UTC_MS)
    return path.read_bytes()
