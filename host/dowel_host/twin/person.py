"""A simple simulated person: stands, and hinges in sets, with a sensor on sacrum and T12.

Two rigid segments in one plane, pelvis and trunk, turn about a hip joint that stays where it
is, and the whole body sways a little. Frames and signs are the product's: X forward, Y up the
segment, Z right; inclination forward positive; lumbar flexion = trunk - pelvis, rounding
positive. What it leaves out: skin and strap, knees and steps, weight, fatigue.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dowel_host.recording import (
    ACC_G_PER_LSB,
    GYR_DPS_PER_LSB,
    Recording,
    recording_from_arrays,
)

RATE_HZ = 208.0
STANDARD_GRAVITY_MS2 = 9.80665

# Movement. A hinge takes about four seconds, as a controlled deadlift without weight does.
STAND_S = 4.0  # standing at the start: shorter leaves no time to find the standing zero
DOWN_S = 1.7
HOLD_S = 0.3  # at the bottom
UP_S = 1.4
TOP_S = 0.6  # standing between two reps
END_S = 4.0  # standing at the end
REST_S = 6.0  # standing between two sets
TEMPO_SPREAD = 0.05  # each rep takes this fraction more or less, at most
TRUNK_DEG = 70.0  # inclination at the bottom
TRUNK_SPREAD_DEG = 3.0
NEUTRAL_DEG = 10.0  # lumbar flexion at the bottom of a good hinge
ROUNDED_DEG = 40.0  # of a rounded one
FLEXION_SPREAD_DEG = 1.0
RANGE_DEG = 50.0  # lumbar flexion of this person's full rounding
# Sway of quiet standing: small enough to leave counting alone, large enough not to be a statue.
SWAY_DEG = 0.25  # amplitude of each of the waves
SWAY_HZ = (0.15, 0.6)
SWAY_WAVES = 3

# Sensors. Noise as an LSM6DS shows it at 208 Hz, rounded up; bias within the data sheet's
# zero-rate level of +-1 dps.
PELVIS_LEVER_M = 0.10  # from the hip joint up to the sensor
TRUNK_LEVER_M = 0.35
MOUNT_TILT_DEG = 3.0  # each sensor sits askew about each axis by so much at most
GYR_BIAS_DPS = 0.5
GYR_NOISE_DPS = 0.05  # standard deviation
ACC_NOISE_G = 0.001

# A rep, in its truth: it leaves and regains its start posture by 5 degrees; its far end is
# within 3 percent of its range.
REP_EDGE_DEG = 5.0
REP_FAR_END = 0.97

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Rep:
    """One hinge as planned: begins at sample `start`, the next one may at `stop`."""

    set_number: int  # from 1
    rounded: bool
    start: int
    stop: int


def simple_person(
    seed: int,
    *,
    sets: int = 2,
    reps: int = 5,
    rounded: tuple[int, int] | None = (1, 2),
    rest_s: float = REST_S,
) -> Recording:
    """Return the recording of a person who does so many sets of so many hinges, with its truth.

    rounded: (set, rep) of the one rounded rep, both from 0. rest_s: standing between sets, s.
    The same seed gives the same recording. Sites pelvis and t12 at 208 Hz.
    """
    rng = np.random.default_rng(seed)
    plan, samples, shape, flexion_deg = _movement(rng, sets, reps, rounded, rest_s)
    sway_deg, lateral_deg = _sway(rng, samples), _sway(rng, samples)
    trunk_deg = shape + sway_deg
    pelvis_deg = trunk_deg - flexion_deg
    neutral_deg = NEUTRAL_DEG / TRUNK_DEG * np.clip(trunk_deg, 0.0, None)
    gyr_pelvis, acc_pelvis = _sensor(rng, pelvis_deg, lateral_deg, PELVIS_LEVER_M)
    gyr_t12, acc_t12 = _sensor(rng, trunk_deg, lateral_deg, TRUNK_LEVER_M)
    t_us = np.rint(np.arange(samples) * (1e6 / RATE_HZ)).astype(np.int64)
    limit_deg = neutral_deg + 0.5 * (RANGE_DEG - neutral_deg)
    arrays: dict[str, NDArray[Any]] = {
        "t_us": t_us,
        "fs": np.asarray(RATE_HZ),
        "gyr_pelvis": gyr_pelvis,
        "acc_pelvis": acc_pelvis,
        "gyr_t12": gyr_t12,
        "acc_t12": acc_t12,
        "trunk_deg": trunk_deg.astype(np.float32),
        "pelvis_deg": pelvis_deg.astype(np.float32),
        "flexion_deg": flexion_deg.astype(np.float32),
        "lateral_deg": lateral_deg.astype(np.float32),
        "neutral_flexion_deg": neutral_deg.astype(np.float32),
        "range_deg": np.asarray(RANGE_DEG),
        "neutral": (neutral_deg - 10.0 <= flexion_deg) & (flexion_deg <= limit_deg),
        "phase": _phase(plan, samples),
        **_rep_truth(plan, t_us, trunk_deg),
    }
    return recording_from_arrays(f"simulated person {seed}", arrays)


def _movement(
    rng: np.random.Generator,
    sets: int,
    reps: int,
    rounded: tuple[int, int] | None,
    rest_s: float,
) -> tuple[list[_Rep], int, Floats, Floats]:
    # The plan, the number of samples, trunk inclination and lumbar flexion without sway.
    hinges: list[tuple[Floats, float, float]] = []
    plan: list[_Rep] = []
    now_s = STAND_S
    for set_index in range(sets):
        for rep_index in range(reps):
            is_rounded = (set_index, rep_index) == rounded
            stretch = 1.0 + TEMPO_SPREAD * rng.uniform(-1.0, 1.0)
            curve = _hinge(stretch)
            flexion_deg = ROUNDED_DEG if is_rounded else NEUTRAL_DEG
            hinges.append(
                (
                    curve,
                    TRUNK_DEG + TRUNK_SPREAD_DEG * rng.uniform(-1.0, 1.0),
                    flexion_deg + FLEXION_SPREAD_DEG * rng.uniform(-1.0, 1.0),
                )
            )
            start = round(now_s * RATE_HZ)
            plan.append(_Rep(set_index + 1, is_rounded, start, start + len(curve)))
            now_s += len(curve) / RATE_HZ
        now_s += rest_s if set_index + 1 < sets else END_S
    samples = round(now_s * RATE_HZ)
    trunk_deg, lumbar_deg = np.zeros(samples), np.zeros(samples)
    for rep, (curve, depth_deg, flexion_deg) in zip(plan, hinges, strict=True):
        trunk_deg[rep.start : rep.stop] = depth_deg * curve
        lumbar_deg[rep.start : rep.stop] = flexion_deg * curve
    return plan, samples, trunk_deg, lumbar_deg


def _hinge(stretch: float) -> Floats:
    # From 0 to 1, a hold, and back to 0, at RATE_HZ. Minimum jerk: 10 x^3 - 15 x^4 + 6 x^5
    # (Flash and Hogan 1985), how people move from rest to rest.
    def ramp(duration_s: float) -> Floats:
        x = np.arange(round(duration_s * stretch * RATE_HZ)) / (duration_s * stretch * RATE_HZ)
        return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)

    hold = np.ones(round(HOLD_S * stretch * RATE_HZ))
    top = np.zeros(round(TOP_S * stretch * RATE_HZ))
    return np.concatenate((ramp(DOWN_S), hold, 1.0 - ramp(UP_S), top))


def _sway(rng: np.random.Generator, samples: int) -> Floats:
    t_s = np.arange(samples) / RATE_HZ
    sway_deg = np.zeros(samples)
    for _ in range(SWAY_WAVES):
        rate_hz, phase = rng.uniform(*SWAY_HZ), rng.uniform(0.0, 2.0 * np.pi)
        sway_deg += SWAY_DEG * np.sin(2.0 * np.pi * rate_hz * t_s + phase)
    return sway_deg


def _sensor(
    rng: np.random.Generator, inclination_deg: Floats, lateral_deg: Floats, lever_m: float
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    # What a sensor on this segment reads: counts of gyro and accelerometer, (n, 3) each.
    rate_rad_s, force_g = segment_motion(inclination_deg, lateral_deg, lever_m)
    mount = _rotation(np.radians(rng.uniform(-MOUNT_TILT_DEG, MOUNT_TILT_DEG, 3)))
    bias_dps = rng.uniform(-GYR_BIAS_DPS, GYR_BIAS_DPS, 3)
    gyr_dps = np.degrees(rate_rad_s) @ mount.T + bias_dps
    gyr_dps += rng.normal(0.0, GYR_NOISE_DPS, gyr_dps.shape)
    acc_g = force_g @ mount.T + rng.normal(0.0, ACC_NOISE_G, force_g.shape)
    return _counts(gyr_dps / GYR_DPS_PER_LSB), _counts(acc_g / ACC_G_PER_LSB)


def segment_motion(
    inclination_deg: Floats, lateral_deg: Floats, lever_m: float
) -> tuple[Floats, Floats]:
    """Return angular rate (rad/s) and specific force (g) in segment axes, (n, 3) each.

    inclination_deg, lateral_deg: (n,) at RATE_HZ. The segment stands so that 'up' is
    u = (-sin i cos l, cos i cos l, -sin l); it turns about the hip joint, which is at rest,
    and the place that is looked at lies lever_m up the segment from there.
    """
    step_s = 1.0 / RATE_HZ
    i, side = np.radians(inclination_deg), np.radians(lateral_deg)
    i_rate, side_rate = np.gradient(i, step_s), np.gradient(side, step_s)
    up = np.stack((-np.sin(i) * np.cos(side), np.cos(i) * np.cos(side), -np.sin(side)), 1)
    # First to the side about the world's forward axis, then forward about the segment's Z.
    rate = np.stack((side_rate * np.cos(i), side_rate * np.sin(i), -i_rate), 1)
    lever = np.array((0.0, lever_m, 0.0))
    acceleration_ms2 = np.cross(np.gradient(rate, step_s, axis=0), lever)
    acceleration_ms2 += np.cross(rate, np.cross(rate, lever))
    return rate, up + acceleration_ms2 / STANDARD_GRAVITY_MS2


def _rotation(vector_rad: Floats) -> Floats:
    # Rodrigues' formula: the matrix that turns by a rotation vector.
    angle = float(np.linalg.norm(vector_rad))
    x, y, z = vector_rad / angle
    cross = np.array(((0.0, -z, y), (z, 0.0, -x), (-y, x, 0.0)))
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross


def _counts(values: Floats) -> NDArray[np.int16]:
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)


def _phase(plan: list[_Rep], samples: int) -> NDArray[np.uint8]:
    phase = np.zeros(samples, np.uint8)
    phase[: round(STAND_S * RATE_HZ)] = 1
    for number in {rep.set_number for rep in plan}:
        of_set = [rep for rep in plan if rep.set_number == number]
        phase[of_set[0].start : of_set[-1].stop] = 4
    return phase


def _rep_truth(
    plan: list[_Rep], t_us: NDArray[np.int64], trunk_deg: Floats
) -> dict[str, NDArray[Any]]:
    edges = [_rep_edges(trunk_deg[rep.start : rep.stop]) for rep in plan]
    names = ("rep_start_us", "rep_low_us", "rep_peak_us", "rep_rise_us", "rep_end_us")
    truth: dict[str, NDArray[Any]] = {
        name: np.array(
            [t_us[rep.start + edge[k]] for rep, edge in zip(plan, edges, strict=True)], np.int64
        )
        for k, name in enumerate(names)
    }
    truth["rep_set"] = np.array([rep.set_number for rep in plan], np.int32)
    truth["rep_label"] = np.array(["dowel_drill"] * len(plan), np.str_)
    truth["rep_kind"] = np.array(["full"] * len(plan), np.str_)
    truth["rep_quality"] = np.array(
        ["rounded" if rep.rounded else "good" for rep in plan], np.str_
    )
    return truth


def _rep_edges(trunk_deg: Floats) -> tuple[int, int, int, int, int]:
    # Samples of start, low, peak, rise and end in one rep's stretch of inclination.
    bend_deg = trunk_deg - trunk_deg[0]
    peak = int(np.argmax(bend_deg))
    far = np.flatnonzero(bend_deg >= REP_FAR_END * bend_deg[peak])
    bent = np.flatnonzero(bend_deg >= REP_EDGE_DEG)
    return int(bent[0]), int(far[0]), peak, int(far[-1]), int(bent[-1]) + 1
