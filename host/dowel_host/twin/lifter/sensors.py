"""The sensors: how they sit on the skin, how straps slip, what the chips make of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dowel_host.recording import ACC_G_PER_LSB, GYR_DPS_PER_LSB, Role
from dowel_host.recording import Site as SiteCounts
from dowel_host.twin.lifter.noise import band_noise
from dowel_host.twin.lifter.options import Difficulty, Site
from dowel_host.twin.lifter.rotation import (
    RATE_HZ,
    Floats,
    about_x,
    about_y,
    about_z,
    apply_inverse,
    from_vector,
    rate_rad_s,
    second_derivative,
)
from dowel_host.twin.lifter.timeline import minimum_jerk

# A strap put on by hand: turned about each axis by so much at most.
PLACEMENT_DEG = 30.0
# Forward slope of the back in standing. Sacrum: median 7.4 in men and 16.1 degrees in women,
# 0.8 to 26.7 (Pan and others, J. Biomech. 114, 2021). T12 leans back: lordosis of the back, 25
# and 33 degrees (11.9 to 45), less the sacrum's slope.
SLOPE_DEG = {"pelvis": (1.0, 27.0), "t12": (-28.0, -6.0), "c7": (15.0, 40.0)}

# LSM6DSOX data sheet, typical: zero-g level 20 mg, zero-rate level 1 dps and 0.010 dps/K,
# sensitivity 1 %, noise 110 ug and 3.8 mdps by root Hz at these ranges. Typical is taken for two
# deviations of the offsets and for the bound of the scales.
ACC_OFFSET_G = 0.010  # deviation
ACC_SCALE = 0.01
ACC_NOISE_G = 110e-6
GYR_BIAS_DPS = 0.5  # deviation
GYR_BIAS_MOST_DPS = 1.5
GYR_SCALE = 0.01
GYR_NOISE_DPS = 3.8e-3
ACC_BANDWIDTH_HZ = 104.0
GYR_BANDWIDTH_HZ = 67.0
# Warming on the skin: by so many kelvin, with this time constant.
WARMING_K = (4.0, 12.0)
WARMING_S = (200.0, 700.0)
GYR_DRIFT_DPS_PER_K = 0.010  # deviation
GYR_WANDER_DPS = 0.004  # slow instability
GRAVITY_MS2 = 9.80665
CLOCK_ERROR = 0.03

# A strap slips in so many seconds.
SLIP_S = (0.3, 1.5)
# Turns about the other axes, as shares of the sagittal one; about the vertical most.
SLIP_ASIDE = 0.25
SLIP_TWIST = 0.40


@dataclass(frozen=True)
class Slip:
    """A strap slip. tilt_deg: how far it turns the sensor's 'up' in standing."""

    site: Site
    time_s: float
    duration_s: float
    turn_deg: tuple[float, float, float]  # rotation vector, in the patch's axes
    tilt_deg: float


def draw_slip(rng: np.random.Generator, site: Site, time_s: float, tilt_deg: float) -> Slip:
    """Draw a slip that tilts a sensor by tilt_deg: mostly forward or backward."""
    turn = np.array(
        (SLIP_ASIDE * rng.normal(), SLIP_TWIST * rng.normal(), rng.choice((-1.0, 1.0)))
    )
    tilt_by_turn = float(np.hypot(turn[0], turn[2]))
    for _ in range(3):  # a turn's tilt is not quite in proportion
        up = from_vector(turn * tilt_deg / tilt_by_turn)[0] @ np.array((0.0, 1.0, 0.0))
        tilt_by_turn *= float(np.degrees(np.arccos(up[1]))) / tilt_deg
    turn *= tilt_deg / tilt_by_turn
    return Slip(site, time_s, float(rng.uniform(*SLIP_S)), (turn[0], turn[1], turn[2]), tilt_deg)


def place_sensor(rng: np.random.Generator, site: Site, difficulty: Difficulty) -> Floats:
    """Draw a sensor's axes in those of its patch, (3, 3)."""
    slope_deg = rng.uniform(*SLOPE_DEG[site])
    by_hand = rng.uniform(-PLACEMENT_DEG, PLACEMENT_DEG, (3, 1))
    if not difficulty.placement:
        return np.eye(3)
    turned = about_x(by_hand[0]) @ about_y(by_hand[1]) @ about_z(by_hand[2])
    return (about_z(-np.atleast_1d(slope_deg)) @ turned)[0]


def slipped(rotation: Floats, slips: list[Slip]) -> Floats:
    """Return patches' axes (n, 3, 3) as the sensor, its strap slipping, goes by them."""
    t_s = np.arange(len(rotation)) / RATE_HZ
    for slip in slips:
        share = minimum_jerk(np.clip((t_s - slip.time_s) / slip.duration_s, 0.0, 1.0))
        rotation = rotation @ from_vector(np.outer(share, slip.turn_deg))
    return rotation


def read_sensor(
    rotation: Floats, place_m: Floats, rng: np.random.Generator, difficulty: Difficulty
) -> tuple[SiteCounts, int]:
    """Return a chip's counts from its axes (n, 3, 3) and place (n, 3); and how many clip."""
    samples = len(rotation)
    gyr_dps = np.degrees(rate_rad_s(rotation))
    force = second_derivative(place_m) / GRAVITY_MS2 + np.array((0.0, 1.0, 0.0))
    acc_g = apply_inverse(rotation, force)
    scale = rng.uniform(-GYR_SCALE, GYR_SCALE, 3), rng.uniform(-ACC_SCALE, ACC_SCALE, 3)
    bias_dps = _bias(rng, samples)
    offset_g = ACC_OFFSET_G * np.clip(rng.normal(size=3), -2.5, 2.5)
    noise_dps = rng.normal(0.0, GYR_NOISE_DPS * np.sqrt(GYR_BANDWIDTH_HZ), (samples, 3))
    noise_g = rng.normal(0.0, ACC_NOISE_G * np.sqrt(ACC_BANDWIDTH_HZ), (samples, 3))
    if difficulty.scale:
        gyr_dps *= 1.0 + scale[0]
        acc_g *= 1.0 + scale[1]
    if difficulty.bias:
        gyr_dps += bias_dps
    if difficulty.offset:
        acc_g += offset_g
    if difficulty.noise:
        gyr_dps += noise_dps
        acc_g += noise_g
    gyr, gyr_clipped = _counts(gyr_dps / GYR_DPS_PER_LSB)
    acc, acc_clipped = _counts(acc_g / ACC_G_PER_LSB)
    return SiteCounts(gyr=gyr, acc=acc), int((gyr_clipped | acc_clipped).sum())


def _bias(rng: np.random.Generator, samples: int) -> Floats:
    # (n, 3) of the gyro, degrees a second: what it has when cold, and what warming adds.
    cold = np.clip(GYR_BIAS_DPS * rng.normal(size=3), -GYR_BIAS_MOST_DPS, GYR_BIAS_MOST_DPS)
    warm_k = rng.uniform(*WARMING_K)
    warmed = 1.0 - np.exp(-np.arange(samples) / RATE_HZ / rng.uniform(*WARMING_S))
    drift = warm_k * GYR_DRIFT_DPS_PER_K * rng.normal(size=3)
    wander = np.stack([band_noise(rng, samples, 0.001, 0.05, 0.5) for _ in range(3)], 1)
    return cold + np.outer(warmed, drift) + GYR_WANDER_DPS * wander


def _counts(values: Floats) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    rounded = np.rint(values)
    clipped: NDArray[np.bool_] = np.any(np.abs(rounded + 0.5) > 32768, axis=1)
    return np.clip(rounded, -32768, 32767).astype(np.int16), clipped


def clock_errors(seed: int) -> dict[Role, float]:
    """Return the clock error of each chip by role (0.01: 1 % fast), for TwinSettings.

    Real units were up to 6.6 % slow; the timestamp's own correction leaves what is here:
    evenly within 3 %. A recording's own times are true in any case.
    """
    rng = np.random.default_rng((seed, 99))
    lower, upper, top = (float(share) for share in rng.uniform(-CLOCK_ERROR, CLOCK_ERROR, 3))
    return {"lower": lower, "upper": upper, "top": top}
