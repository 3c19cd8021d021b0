"""Makes recordings of BROAD's own files: `python -m bench.broad FOLDER_OR_FILE... OUT`.

BROAD (Laidig, Caruso, Cereatti, Seel 2021, doi 10.3390/data6070072) publishes each trial as a
MATLAB file: imu_acc m/s^2, imu_gyr rad/s, opt_quat w x y z (sensor to earth, z up), movement,
sampling_rate. A recording holds what an LSM6DS would have seen of it: 208 Hz, int16 counts,
clipped.
"""

import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import io, signal  # pyright: ignore[reportMissingTypeStubs]
from scipy.io.matlab import MatReadError  # pyright: ignore[reportMissingTypeStubs]

from bench.errors import FolderError, SourceError
from bench.peers import up_from_quaternion
from bench.trial import G_M_S2, RATE_HZ, Floats
from dowel_host.errors import DowelError
from dowel_host.recording import ACC_G_PER_LSB, GYR_DPS_PER_LSB, Recording, recording_from_arrays
from dowel_host.recording_file import save_recording

# scipy ships without types.
_loadmat: Any = io.loadmat  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
_resample: Any = signal.resample_poly  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

# 208 = 2000/7 * 91/125
_RATE_HZ = 2000 / 7
_UP, _DOWN = 91, 125
_COUNTS = np.iinfo(np.int16)
# What scipy raises on bytes that are no MATLAB 5 file, or a damaged one.
_UNREADABLE = (
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
    MatReadError,
    zlib.error,
)


def convert(path: Path) -> Recording:
    """Return one file of BROAD as a recording. SourceError."""
    source = _read(path)
    gyr, gyr_clipped = _counts(np.degrees(source["imu_gyr"]) / GYR_DPS_PER_LSB)
    acc, acc_clipped = _counts(source["imu_acc"] / (ACC_G_PER_LSB * G_M_S2))
    t_s = np.arange(len(gyr)) / RATE_HZ
    at = t_s * _RATE_HZ  # in samples of the source
    nearest = np.minimum(np.rint(at).astype(int), len(source["movement"]) - 1)
    arrays: dict[str, NDArray[Any]] = {
        "t_us": np.rint(t_s * 1e6).astype(np.int32),
        "fs": np.asarray(RATE_HZ),
        "gyr": gyr,
        "acc": acc,
        "gref": _up(source["opt_quat"], at).astype(np.float32),
        "movement": source["movement"].ravel()[nearest].astype(bool),
        "saturated": np.asarray((gyr_clipped | acc_clipped).sum(), np.int32),
    }
    return recording_from_arrays(path, arrays)


def _read(path: Path) -> dict[str, NDArray[np.float64]]:
    if not path.is_file():
        raise SourceError(path, "does not exist")
    try:
        source: dict[str, Any] = _loadmat(path, appendmat=False)
    except _UNREADABLE as error:
        raise SourceError(path, f"is no MATLAB 5 file ({error})") from error
    columns = {"imu_gyr": 3, "imu_acc": 3, "opt_quat": 4, "movement": 1, "sampling_rate": 1}
    for key, width in columns.items():
        array = source.get(key)
        if array is None or array.ndim != 2 or array.shape[1] != width:
            raise SourceError(path, f"has no '{key}' with {width} columns")
    if abs(source["sampling_rate"].item() / _RATE_HZ - 1) > 1e-6:
        raise SourceError(path, f"has {source['sampling_rate'].item():g} Hz, not 2000/7")
    if not all(np.isfinite(source[key]).all() for key in ("imu_gyr", "imu_acc")):
        raise SourceError(path, "lacks samples of the sensor")
    return {key: source[key].astype(np.float64) for key in columns}


def _counts(values: Floats) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    # The ends are taken to go on in a straight line: with zeros beyond, they would ring.
    counts = np.rint(_resample(values, _UP, _DOWN, padtype="line"))
    clipped = (counts <= _COUNTS.min) | (counts >= _COUNTS.max)
    return np.clip(counts, _COUNTS.min, _COUNTS.max).astype(np.int16), clipped.any(1)


def _up(quaternion: Floats, at: Floats) -> Floats:
    # Between two samples in a straight line; missing where either is missing.
    up = up_from_quaternion(quaternion)
    places = np.arange(len(up))
    up = np.stack([np.interp(at, places, up[:, i]) for i in range(3)], axis=1)
    return up / np.linalg.norm(up, axis=1, keepdims=True)


def _sources(arguments: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in arguments:
        found += sorted(path.glob("*.mat")) if path.is_dir() else [path]
    if not found:
        raise FolderError(arguments[0], "holds no .mat file", "name BROAD's folder data_mat")
    return found


def main(arguments: list[str]) -> int:
    """Convert; return the exit status."""
    if len(arguments) < 2:
        print("usage: python -m bench.broad FOLDER_OR_FILE.mat... OUT_FOLDER", file=sys.stderr)
        return 2
    *sources, out = map(Path, arguments)
    try:
        for path in _sources(sources):
            target = out / f"broad_{path.stem}.npz"
            out.mkdir(parents=True, exist_ok=True)
            save_recording(target, convert(path))
            print(target)
    except DowelError as error:
        print(f"bench.broad: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
