"""How a library is refused."""

import pytest

from dowel_host.library import Library, LibraryError
from host.library.rig import contents


def refused(path):
    """Return the sentence of the refusal; nothing around the file has changed."""
    before = contents(path.parent)
    with pytest.raises(LibraryError) as caught:
        Library(path)
    assert contents(path.parent) == before
    sentence = str(caught.value)
    assert sentence.startswith(f"library {path} ")
    assert sentence.endswith(".")
    assert sentence.isprintable()
    return sentence
