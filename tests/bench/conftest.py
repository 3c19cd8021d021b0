"""Recordings of a simulated sensor with truth, and folders of them."""

import os

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bench.counting import find_counter
from bench.errors import CounterError
from bench.trial import Sensor, Trial

RATE_HZ = 208.0
REST_S = 5.0


@pytest.fixture(scope="session", autouse=True)
def vm(micropython):
    """The bench takes the VM that the tests take."""
    before = os.environ.get("MICROPYTHON")
    os.environ["MICROPYTHON"] = micropython
    yield micropython
    if before is None:
        del os.environ["MICROPYTHON"]
    else:
        os.environ["MICROPYTHON"] = before


@pytest.fixture(scope="session")
def counter():
    """Give the counter of instructions."""
    try:
        return find_counter()
    except CounterError as error:
        pytest.skip(str(error))


def simulate(seconds=20.0, seed=1, *, error=(0.0, 0.0, 0.0), rate_dps=150.0):
    """Arrays of a recording: 5 s of rest, then a sensor that turns and shakes about all axes.

    error: share by which each gyro axis reads too little.
    """
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE_HZ)
    t_s = np.arange(n) / RATE_HZ
    rate, force = np.zeros((n, 3)), np.zeros((n, 3))
    for _ in range(4):
        slow, quick = rng.uniform(0.05, 1.0, 3), rng.uniform(0.3, 2.0, 3)
        phase = rng.uniform(0, 2 * np.pi, 6)
        rate += rate_dps / 2 * np.sin(2 * np.pi * slow * t_s[:, None] + phase[:3])
        force += 0.5 * np.sin(2 * np.pi * quick * t_s[:, None] + phase[3:])
    moving = t_s >= REST_S
    rate[~moving] = force[~moving] = 0.0
    steps = Rotation.from_rotvec(np.radians(rate) / RATE_HZ).as_matrix()
    attitude = np.empty((n, 3, 3))
    last = Rotation.from_rotvec(rng.normal(size=3)).as_matrix()
    for i, step in enumerate(steps):
        attitude[i] = last = last @ step
    up = attitude[:, 2, :]
    felt = np.einsum("nji,nj->ni", attitude, force + np.array((0, 0, 9.80665)))
    gyr = rate / (1 + np.asarray(error)) / 0.035 + rng.normal(0, 2, (n, 3))
    acc = felt / (0.000244 * 9.80665) + rng.normal(0, 4, (n, 3))
    return {
        "t_us": np.rint(t_s * 1e6).astype(np.int32),
        "fs": np.asarray(RATE_HZ),
        "gyr": np.clip(np.rint(gyr), -32768, 32767).astype(np.int16),
        "acc": np.clip(np.rint(acc), -32768, 32767).astype(np.int16),
        "gref": up.astype(np.float32),
        "movement": moving,
    }


@pytest.fixture(scope="session")
def simulated():
    """Give the function that makes arrays of a recording."""
    return simulate


def as_sensor(arrays, name="one", site="sensor"):
    return Sensor(
        name, site, RATE_HZ, arrays["t_us"].astype(np.int64), arrays["gyr"], arrays["acc"]
    )


@pytest.fixture(scope="session")
def sensor():
    """Give the function that makes a sensor of arrays."""
    return as_sensor


@pytest.fixture(scope="session")
def trial():
    """Give a function that makes a trial of arrays."""

    def make(arrays, name="one"):
        return Trial(as_sensor(arrays, name), arrays["gref"].astype(float), arrays["movement"])

    return make


@pytest.fixture
def folder(tmp_path):
    """Give a folder, and a function that puts a recording there."""

    def put(name, arrays):
        np.savez(tmp_path / f"{name}.npz", **arrays)

    return tmp_path, put
