"""Recordings as `.npz` files: dowel_host.recording says what is in one."""

import lzma
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dowel_host.errors import RecordingError
from dowel_host.recording import Recording, is_recording_key, recording_from_arrays

# Twelve hours of three sensors with all truth unpack to less; more is a damaged or hostile file.
MAX_UNPACKED_BYTES = 2 << 30

_AGAIN = "copy or record it again"
_NAME_ONE = "give the path of a recording (.npz)"

# What zipfile, the decompressors and numpy's header parser raise on bytes that are not theirs;
# MemoryError comes from a damaged header that claims a huge array.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TokenError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def load_recording(
    path: str | PathLike[str], *, lower: str | None = None, upper: str | None = None
) -> Recording:
    """Read and check a recording.

    lower, upper: the sites to take for these roles instead of the usual ones. Raises
    RecordingError, whatever the path leads to.
    """
    _check_start(path)
    return recording_from_arrays(path, _read_arrays(path), lower=lower, upper=upper)


def save_recording(path: str | PathLike[str], recording: Recording) -> None:
    """Write a recording, compressed; the file appears whole or not at all.

    Raises RecordingError if the place cannot be written.
    """
    target = Path(path)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **recording.arrays())
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RecordingError(
            path, f"cannot be written ({error.strerror})", "choose another place"
        ) from error


def _check_start(path: str | PathLike[str]) -> None:
    try:
        if Path(path).is_dir():
            raise RecordingError(path, "is a folder", f"{_NAME_ONE} in it")
        with Path(path).open("rb") as file:
            start = file.read(4)
    except FileNotFoundError as error:
        raise RecordingError(path, "does not exist", _NAME_ONE) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise RecordingError(path, f"cannot be read ({why})", _NAME_ONE) from error
    if not start:
        raise RecordingError(path, "is empty", _AGAIN)
    if not start.startswith(b"PK"):
        raise RecordingError(path, "is no recording (an .npz begins with PK)", _NAME_ONE)


def _read_arrays(path: str | PathLike[str]) -> Mapping[str, NDArray[Any]]:
    key = "the list of its arrays"
    arrays: dict[str, NDArray[Any]] = {}
    try:
        # numpy warns about files of Python 2, which are read all the same; and it leaves a file
        # open that it has opened itself and cannot read.
        with (
            warnings.catch_warnings(action="ignore"),
            Path(path).open("rb") as file,
            np.load(file, allow_pickle=False) as archive,
        ):
            _check_size(path, archive.zip)
            for key in filter(is_recording_key, archive.files):
                arrays[key] = np.asanyarray(archive[key])
    except _UNREADABLE as error:
        if "Object arrays" in str(error):
            why = f"holds Python objects in '{key}' instead of numbers"
            raise RecordingError(path, why, "save the numbers themselves") from error
        detail = (str(error) or type(error).__name__).splitlines()[0]
        why = f"is cut off or damaged (at {key}: {detail})"
        raise RecordingError(path, why, _AGAIN) from error
    return arrays


def _check_size(path: str | PathLike[str], archive: zipfile.ZipFile) -> None:
    size = sum(member.file_size for member in archive.infolist())
    if size > MAX_UNPACKED_BYTES:
        raise RecordingError(
            path,
            f"unpacks to {size >> 20} MiB, over the limit of {MAX_UNPACKED_BYTES >> 20}",
            "cut it into several recordings",
        )
