"""Recordings of sensors on a person: checked, with the roles of their sensors, as sample blocks.

A recording is a set of named arrays, kept as one `.npz` (dowel_host.recording_file):

    t_us                     (n,)    microseconds from the first sample, increasing
    fs                       ()      nominal rate, Hz
    acc, gyr                 (n, 3)  one sensor: int16 counts of 0.244 mg and of 35 mdps
    acc_SITE, gyr_SITE       (n, 3)  several sensors: SITE is pelvis, t12, c7 ...

and whatever is known of the truth, listed in TRUTH: angles in degrees as design and firmware
define them (inclination forward positive, lumbar flexion = trunk - pelvis, rounding positive).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from dowel_host.errors import RecordingError

# The counts of a recording: an LSM6DS at +-8 g and +-1000 dps.
ACC_G_PER_LSB = 0.244e-3
GYR_DPS_PER_LSB = 35e-3
# The sensor's timestamp counter.
TICK_US = 25
# One sample of a block: gyr x y z, acc x y z (int16), tick (uint32), little-endian.
SAMPLE_BYTES = 16

# Longer is taken for a damaged clock. A longer session is several recordings. Hours.
MAX_HOURS = 12

Role = Literal["lower", "upper", "top"]
DEFAULT_SITE: Mapping[Role, str] = {"lower": "pelvis", "upper": "t12", "top": "c7"}
# The site of a recording with acc and gyr alone; it is the upper sensor.
SINGLE_SITE = "sensor"

# Truth that a recording may carry: kinds of numpy type, and shape: n samples, r reps, k slips.
TRUTH: Mapping[str, tuple[str, tuple[str | int, ...]]] = {
    "gref": ("f", ("n", 3)),  # unit 'up' in sensor axes; NaN where the reference is missing
    "movement": ("b", ("n",)),  # samples to judge
    "saturated": ("iu", ()),
    "trunk_deg": ("f", ("n",)),
    "pelvis_deg": ("f", ("n",)),
    "flexion_deg": ("f", ("n",)),
    "lateral_deg": ("f", ("n",)),
    "skin_trunk_deg": ("f", ("n",)),
    "skin_pelvis_deg": ("f", ("n",)),
    "skin_flexion_deg": ("f", ("n",)),
    "neutral_flexion_deg": ("f", ("n",)),
    "range_deg": ("f", ()),
    "skin_neutral_flexion_deg": ("f", ("n",)),
    "skin_range_deg": ("f", ()),
    "neutral": ("b", ("n",)),
    "phase": ("iu", ("n",)),  # 0 other, 1 standing tall, 2 and 3 calibration, 4 a set, 5 no hinge
    "rep_start_us": ("iu", ("r",)),
    "rep_low_us": ("iu", ("r",)),
    "rep_rise_us": ("iu", ("r",)),
    "rep_end_us": ("iu", ("r",)),
    "rep_peak_us": ("iu", ("r",)),
    "rep_set": ("iu", ("r",)),
    "rep_label": ("U", ("r",)),
    "rep_kind": ("U", ("r",)),
    "rep_quality": ("U", ("r",)),
    "slip_us": ("iu", ("k",)),
    "slip_deg": ("f", ("k",)),
    "creep_deg_per_rep": ("f", ("s",)),
}
_KIND_NAMES = {"f": "float", "b": "bool", "iu": "integer", "U": "text", "fiu": "number"}
_FORM = (
    "convert it again: a recording holds t_us (n,) in microseconds and int16 counts "
    "acc and gyr (n, 3), or acc_SITE and gyr_SITE"
)

# A sensor's arrays; what follows is its site, if there are several.
_SENSOR_KEY = re.compile(r"(?:acc|gyr)(_([\w.-]+))?")

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Site:
    """What one sensor read: int16 (n, 3) each, counts in sensor axes."""

    gyr: NDArray[np.int16]
    acc: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Recording:
    """Some sensors on one clock, and which role each plays."""

    name: str
    t_us: NDArray[np.int64]  # (n,) from the first sample, strictly increasing
    rate_hz: float  # nominal
    sites: Mapping[str, Site]
    roles: Mapping[Role, str]  # role -> site, of the roles that are filled
    truth: Arrays  # keys of TRUTH, those that are known

    @property
    def samples(self) -> int:
        """How many samples each sensor has."""
        return len(self.t_us)

    @property
    def duration_us(self) -> int:
        """Microseconds from the first sample to the last."""
        return int(self.t_us[-1] - self.t_us[0])

    def block(self, role: Role) -> bytes:
        """Return all samples of a role as one block, SAMPLE_BYTES each, tick = t_us // 25.

        Raises KeyError if no sensor has this role.
        """
        site = self.sites[self.roles[role]]
        block = np.empty((self.samples, SAMPLE_BYTES // 2), "<i2")
        block[:, 0:3] = site.gyr
        block[:, 3:6] = site.acc
        # The counter has 32 bits and rolls over, as on the chip.
        ticks = (self.t_us // TICK_US & 0xFFFFFFFF).astype("<u4")
        block[:, 6:8] = ticks.view("<i2").reshape(-1, 2)
        return block.tobytes()

    def blocks(self, role: Role, samples: int = 8) -> Iterator[bytes]:
        """Yield the samples of a role in blocks of so many samples; the last may be shorter."""
        block = self.block(role)
        for start in range(0, len(block), samples * SAMPLE_BYTES):
            yield block[start : start + samples * SAMPLE_BYTES]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that make this recording, by the names of the file format."""
        # int32 is what other tools expect; 36 minutes and more need int64.
        fits = self.t_us[-1] <= np.iinfo(np.int32).max
        arrays: dict[str, NDArray[Any]] = {
            "t_us": self.t_us.astype(np.int32 if fits else np.int64),
            "fs": np.asarray(self.rate_hz, np.float64),
        }
        for name, site in self.sites.items():
            suffix = "" if name == SINGLE_SITE else f"_{name}"
            arrays[f"gyr{suffix}"] = site.gyr
            arrays[f"acc{suffix}"] = site.acc
        return arrays | dict(self.truth)


def recording_from_arrays(
    name: str | PathLike[str],
    arrays: Arrays,
    *,
    lower: str | None = None,
    upper: str | None = None,
) -> Recording:
    """Check arrays and return them as a recording; keys that are not of the format are ignored.

    name: for messages, a path if there is one. lower, upper: the sites to take for these
    roles, instead of those in DEFAULT_SITE. Raises RecordingError.
    """
    checker = _Checker(name, arrays)
    t_us = checker.clock()
    sites = {site: checker.site(suffix) for site, suffix in _site_suffixes(arrays).items()}
    if not sites:
        raise RecordingError(name, "holds no sensor (no acc and gyr)", _FORM)
    return Recording(
        name=str(name),
        t_us=t_us,
        rate_hz=checker.rate_hz(t_us),
        sites=sites,
        roles=_choose_roles(name, list(sites), lower, upper),
        truth={key: checker.array(key, *TRUTH[key]) for key in TRUTH if key in arrays},
    )


def is_recording_key(key: str) -> bool:
    """Tell whether an array of this name belongs to the format."""
    return key in TRUTH or key in {"t_us", "fs"} or _SENSOR_KEY.fullmatch(key) is not None


def _site_suffixes(arrays: Arrays) -> dict[str, str]:
    # {site: what follows acc and gyr in its keys}
    keys = map(_SENSOR_KEY.fullmatch, arrays)
    suffixes = {key[2] or SINGLE_SITE: key[1] or "" for key in keys if key}
    return dict(sorted(suffixes.items()))


class _Checker:
    """Takes arrays out of a recording, each with its kind and shape as they have to be."""

    def __init__(self, name: str | PathLike[str], arrays: Arrays) -> None:
        self._name = name
        self._arrays = arrays
        self._sizes: dict[str, int] = {}  # lengths known by now, by their letter in a shape

    def array(self, key: str, kinds: str, shape: tuple[str | int, ...]) -> NDArray[Any]:
        array = self._arrays.get(key)
        if array is None:
            raise RecordingError(self._name, f"has no '{key}'", _FORM)
        if array.dtype.kind not in kinds:
            self._fail(key, f"must be {_KIND_NAMES[kinds]} and is {array.dtype}")
        wanted = tuple(
            self._sizes.get(size, size) if isinstance(size, str) else size for size in shape
        )
        if array.ndim != len(shape) or any(
            isinstance(want, int) and want != size
            for want, size in zip(wanted, array.shape, strict=True)
        ):
            text = ", ".join(map(str, wanted)) + ("," if len(wanted) == 1 else "")
            self._fail(key, f"must have the shape ({text}) and has {array.shape}")
        for letter, size in zip(shape, array.shape, strict=True):
            if isinstance(letter, str):
                self._sizes[letter] = size
        return array

    def clock(self) -> NDArray[np.int64]:
        t_us = self.array("t_us", "iu", ("n",)).astype(np.int64)
        if not len(t_us):
            raise RecordingError(self._name, "holds no samples", "record it again")
        backward = np.flatnonzero(np.diff(t_us) <= 0)
        if len(backward):
            self._fail("t_us", f"must increase and does not after sample {backward[0]}")
        if t_us[0] < 0 or t_us[-1] > MAX_HOURS * 3_600_000_000:
            self._fail("t_us", f"must lie within {MAX_HOURS} hours from 0")
        return t_us

    def rate_hz(self, t_us: NDArray[np.int64]) -> float:
        if "fs" not in self._arrays and len(t_us) > 1:
            return float(1e6 / np.median(np.diff(t_us)))
        rate_hz = float(self.array("fs", "fiu", ()))
        if not 0 < rate_hz < float("inf"):
            self._fail("fs", f"must be a rate in Hz and is {rate_hz:g}")
        return rate_hz

    def site(self, suffix: str) -> Site:
        return Site(gyr=self._counts(f"gyr{suffix}"), acc=self._counts(f"acc{suffix}"))

    def _counts(self, key: str) -> NDArray[np.int16]:
        array = self.array(key, "fiu", ("n", 3))
        if array.dtype.kind != "i" or array.dtype.itemsize != 2:
            self._fail(key, f"must be int16 counts and is {array.dtype}")
        return array.astype(np.int16)

    def _fail(self, key: str, why: str) -> NoReturn:
        raise RecordingError(self._name, f"has a wrong '{key}' (it {why})", _FORM)


def _choose_roles(
    name: str | PathLike[str], sites: list[str], lower: str | None, upper: str | None
) -> dict[Role, str]:
    chosen: dict[Role, str] = {}
    options: tuple[tuple[Role, str | None], ...] = (("lower", lower), ("upper", upper))
    for role, site in options:
        if site is None:
            continue
        if site not in sites:
            there = ", ".join(sites)
            raise RecordingError(name, f"has no site '{site}'", f"give --{role} one of: {there}")
        chosen[role] = site
    if lower is not None and lower == upper:
        raise RecordingError(
            name, f"cannot have '{lower}' as lower and upper sensor", "give two different sites"
        )
    for role, site in DEFAULT_SITE.items():
        if role not in chosen and site in sites and site not in chosen.values():
            chosen[role] = site
    if not chosen and SINGLE_SITE in sites:
        chosen["upper"] = SINGLE_SITE
    if not chosen:
        raise RecordingError(
            name,
            f"has the sites {', '.join(sites)} and none of {', '.join(DEFAULT_SITE.values())}",
            "say which is which with --lower SITE --upper SITE",
        )
    return chosen
