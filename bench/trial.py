"""Recordings as the bench takes them: single sensors, and what a tilt estimate is judged by."""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.errors import FolderError
from dowel_host.errors import RecordingError
from dowel_host.recording import (
    ACC_G_PER_LSB,
    GYR_DPS_PER_LSB,
    SAMPLE_BYTES,
    TICK_US,
    Recording,
)
from dowel_host.recording_file import load_recording

# Standard gravity, m/s^2 in 1 g.
G_M_S2 = 9.80665
# What the filter is made for, Hz, and how far a clock may be off.
RATE_HZ = 208.0
_RATE_ERROR_MAX = 0.15

# Trials of BROAD whose movement is nearest to lifting, by the number in the name: slow rotation,
# slow translation, medium combined.
LIFTING_LIKE = frozenset((*range(1, 6), *range(10, 13), 14, *range(32, 37)))
_BROAD_NAME = re.compile(r"(?:broad_)?(\d\d)_")

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Sensor:
    """What one sensor read: int16 counts (n, 3) as in a recording, and its clock."""

    name: str  # of the recording
    site: str
    rate_hz: float
    t_us: NDArray[np.int64]
    gyr: NDArray[np.int16]
    acc: NDArray[np.int16]

    @property
    def gyr_rad_s(self) -> Floats:
        """Turn rate (n, 3), rad/s."""
        return np.radians(self.gyr * GYR_DPS_PER_LSB)

    @property
    def acc_m_s2(self) -> Floats:
        """Specific force (n, 3), m/s^2."""
        return self.acc * (ACC_G_PER_LSB * G_M_S2)

    @property
    def digest(self) -> str:
        """The same for the same samples, whatever the file is called."""
        return hashlib.sha256(self.gyr.tobytes() + self.acc.tobytes()).hexdigest()

    def block(self) -> bytes:
        """All samples as one block, as the core takes them; tick = t_us // 25."""
        block = np.empty((len(self.t_us), SAMPLE_BYTES // 2), "<i2")
        block[:, 0:3] = self.gyr
        block[:, 3:6] = self.acc
        ticks = (self.t_us // TICK_US & 0xFFFFFFFF).astype("<u4")
        block[:, 6:8] = ticks.view("<i2").reshape(-1, 2)
        return block.tobytes()


@dataclass(frozen=True, eq=False)
class Trial:
    """A sensor with its truth. judged: samples that count, (n,)."""

    sensor: Sensor
    up: Floats  # (n, 3), unit, sensor axes
    judged: NDArray[np.bool_]

    @property
    def name(self) -> str:
        """Name of the recording."""
        return self.sensor.name

    def with_gyr(self, gyr: NDArray[np.int16]) -> "Trial":
        """The same with another gyro."""
        return replace(self, sensor=replace(self.sensor, gyr=gyr))


def is_lifting_like(name: str) -> bool:
    """Tell whether a recording's name is that of a lifting-like trial of BROAD."""
    number = _BROAD_NAME.match(name)
    return number is not None and int(number[1]) in LIFTING_LIKE


def load_sensors(folder: Path) -> tuple[list[Sensor], list[str]]:
    """Return every sensor of every recording in a folder, and a sentence for what is left out.

    FolderError: it holds none.
    """
    sensors: list[Sensor] = []
    skipped: list[str] = []
    for name, recording in _recordings(folder, skipped):
        sensors += _sensors(name, recording, skipped)
    if not sensors:
        raise FolderError(folder, "holds no recording", "name a folder of .npz recordings")
    return sensors, skipped


def load_trials(folder: Path) -> tuple[list[Trial], list[str]]:
    """Return the recordings of a folder that can be judged, and a sentence for each that cannot.

    FolderError: none can.
    """
    trials: list[Trial] = []
    skipped: list[str] = []
    for name, recording in _recordings(folder, skipped):
        reason = _why_not_judged(recording)
        if reason:
            skipped.append(f"{name} is skipped: {reason}.")
            continue
        for sensor in _sensors(name, recording, skipped):
            up = recording.truth["gref"].astype(np.float64)
            trials.append(Trial(sensor, up, _judged(recording)))
    if not trials:
        remedy = "name a folder of recordings with 'gref', of one sensor each"
        raise FolderError(folder, "holds no recording that can be judged", remedy)
    return trials, skipped


def _why_not_judged(recording: Recording) -> str:
    if "gref" not in recording.truth:
        return "it has no reference (gref)"
    if len(recording.sites) > 1:
        return f"it has one reference for {len(recording.sites)} sensors"
    if not _judged(recording).any():
        return "its reference is missing wherever it moves"
    return ""


def _judged(recording: Recording) -> NDArray[np.bool_]:
    reference: NDArray[np.float32] = recording.truth["gref"]
    known = np.isfinite(reference).all(axis=1)
    return np.logical_and(known, recording.truth.get("movement", True))


def _recordings(folder: Path, skipped: list[str]) -> Iterator[tuple[str, Recording]]:
    if not folder.is_dir():
        raise FolderError(folder, "is no folder", "name a folder of .npz recordings")
    for path in sorted(folder.glob("*.npz")):
        try:
            yield path.stem, _load(path)
        except RecordingError as error:
            skipped.append(f"{path.stem} is skipped: {error}")


def _load(path: Path) -> Recording:
    # Roles play no part here, but a recording wants one.
    sites = _sites(path)
    return load_recording(path, upper=sites[0]) if sites else load_recording(path)


def _sites(path: Path) -> list[str]:
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return []  # the loader says what is wrong
    return sorted(one[4:-4] for one in names if one.startswith("acc_") and one.endswith(".npy"))


def _sensors(name: str, recording: Recording, skipped: list[str]) -> list[Sensor]:
    if abs(recording.rate_hz / RATE_HZ - 1) > _RATE_ERROR_MAX:
        rate = f"{recording.rate_hz:g} Hz and the filter is for {RATE_HZ:g}"
        skipped.append(f"{name} is skipped: it has {rate}.")
        return []
    common: dict[str, Any] = {"rate_hz": recording.rate_hz, "t_us": recording.t_us}
    return [
        Sensor(name, site, gyr=read.gyr, acc=read.acc, **common)
        for site, read in recording.sites.items()
    ]
