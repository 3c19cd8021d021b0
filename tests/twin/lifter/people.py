"""Recordings of simulated people that several tests look at, made once."""

from dataclasses import replace
from functools import cache

import numpy as np

from dowel_host.recording import ACC_G_PER_LSB, GYR_DPS_PER_LSB, Recording
from dowel_host.twin.lifter import IDEAL, Difficulty, Lift, Plan, lifter

RATE_HZ = 208.0
SHORT = Plan(rest_s=(4.0, 5.0), half=0.0, bail=0.0, hold=0.0)
STRAIGHT = replace(SHORT, calibration=False)  # to the lifting
SITES = (("t12", "trunk_deg"), ("pelvis", "pelvis_deg"))


@cache
def person(
    lift: Lift = "dowel_drill",
    seed: int = 3,
    difficulty: Difficulty = IDEAL,
    plan: Plan = SHORT,
    sets: int = 1,
    reps: int = 4,
) -> Recording:
    """A person in a short session, by default as an ideal sensor sees it."""
    return lifter(seed, lift, sets=sets, reps=reps, difficulty=difficulty, plan=plan)


def gyr_rad_s(recording: Recording, site: str) -> np.ndarray:
    return np.radians(recording.sites[site].gyr * GYR_DPS_PER_LSB)


def acc_g(recording: Recording, site: str) -> np.ndarray:
    return recording.sites[site].acc * ACC_G_PER_LSB


def during(recording: Recording, phase: int) -> np.ndarray:
    return np.flatnonzero(recording.truth["phase"] == phase)


def up_by_design(inclination_deg: np.ndarray, lateral_deg: np.ndarray) -> np.ndarray:
    """u as the product defines it: inclination = atan2(-u_x, u_y), lateral = asin(-u_z)."""
    i, side = np.radians(inclination_deg), np.radians(lateral_deg)
    return np.stack((-np.sin(i) * np.cos(side), np.cos(i) * np.cos(side), -np.sin(side)), 1)
