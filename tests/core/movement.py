"""Movement of one sensor with known truth, as the counts an LSM6DS would give."""

from dataclasses import dataclass

import numpy as np

from vm_core import pack_samples

RATE_HZ = 208.0
PERIOD_TICKS = 192
DPS_PER_COUNT = 0.035
G_PER_COUNT = 0.000244
UP_PER_G = 16393  # unit of Tilt.out
_FINE = 8  # substeps of the integration in a sample


@dataclass
class Movement:
    """gyr, acc: (n, 3) int16 counts; up: (n, 3) true unit up in sensor axes; ticks: (n,)."""

    gyr: np.ndarray
    acc: np.ndarray
    up: np.ndarray
    ticks: np.ndarray

    def block(self, keep: slice | np.ndarray = slice(None)) -> bytes:
        """Sample blocks of the samples that are kept."""
        return pack_samples(self.gyr[keep], self.acc[keep], self.ticks[keep])


def rotation(vector_rad) -> np.ndarray:
    """Matrix that turns by a rotation vector (Rodrigues)."""
    angle = np.linalg.norm(vector_rad)
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = np.asarray(vector_rad) / angle
    cross = np.array(((0, -z, y), (z, 0, -x), (-y, x, 0)))
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def counts(values) -> np.ndarray:
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)


def still(up, samples: int, bias_dps=(0, 0, 0)) -> Movement:
    """A sensor at rest; up: vector in sensor axes, any length."""
    up = np.asarray(up, float) / np.linalg.norm(up)
    gyr = np.tile(np.asarray(bias_dps) / DPS_PER_COUNT, (samples, 1))
    acc = np.tile(up / G_PER_COUNT, (samples, 1))
    return Movement(counts(gyr), counts(acc), np.tile(up, (samples, 1)), _ticks(samples))


def turning(axis, rate_dps: float, samples: int, up=(0, 1, 0)) -> Movement:
    """A sensor that turns at a constant rate about an axis of its own."""
    axis = np.asarray(axis, float) / np.linalg.norm(axis)
    rate = np.tile(axis * rate_dps, (samples, 1))
    rate[0] = 0
    return moving(rate, np.zeros((samples, 3)), up)


def random_movement(seed: int, samples: int, rate_dps=150.0, force_g=0.2) -> Movement:
    """Still for 2 s, then turning and shaking about all axes, smoothly; amplitudes as named."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(samples) / RATE_HZ
    rate, force = np.zeros((samples, 3)), np.zeros((samples, 3))
    for _ in range(4):
        rate_hz, force_hz = rng.uniform(0.1, 1.5, 3), rng.uniform(0.3, 2.0, 3)
        phase = rng.uniform(0, 2 * np.pi, 6)
        rate += rng.uniform(0, rate_dps / 2, 3) * np.sin(
            2 * np.pi * rate_hz * t_s[:, None] + phase[:3]
        )
        force += rng.uniform(0, force_g / 2, 3) * np.sin(
            2 * np.pi * force_hz * t_s[:, None] + phase[3:]
        )
    begin = np.clip((t_s - 2.0) / 0.5, 0, 1)[:, None]
    up = rng.normal(size=3)
    return moving(rate * begin, force * begin, up, rng)


def moving(rate_dps, force_g, up, rng=None) -> Movement:
    """Counts and truth of a sensor with this rate (sensor axes) and acceleration (world axes).

    rate_dps: mean over the time before each sample. rng: adds the chip's noise.
    """
    samples = len(rate_dps)
    up = np.asarray(up, float) / np.linalg.norm(up)
    # World axes are those of the sensor at first.
    body = np.eye(3)
    ups, forces = np.zeros((samples, 3)), np.zeros((samples, 3))
    for i in range(samples):
        step = rotation(np.radians(rate_dps[i]) / RATE_HZ / _FINE)
        for _ in range(_FINE):
            body = body @ step
        ups[i] = body.T @ up
        forces[i] = body.T @ (up + force_g[i])
    gyr, acc = rate_dps / DPS_PER_COUNT, forces / G_PER_COUNT
    if rng is not None:
        gyr = gyr + rng.normal(0, 1.5, gyr.shape)
        acc = acc + rng.normal(0, 4.0, acc.shape)
    return Movement(counts(gyr), counts(acc), ups, _ticks(samples))


def _ticks(samples: int) -> np.ndarray:
    # 208.0 Hz in whole ticks: 192 or 193 apart.
    return np.arange(samples) * 40000 // 208


def run(tilt, block: bytes, burst: int = 16) -> np.ndarray:
    """Feed all of block; return out, (n, 4): up x y z, flags."""
    rows = []
    for at in range(0, len(block), 16 * burst):
        part = bytearray(block[at : at + 16 * burst])
        tilt.burst(part, len(part) // 16)
        rows.append(np.array(tilt.out[: len(part) // 4]).reshape(-1, 4))
    return np.concatenate(rows)


def errors_deg(out, up) -> np.ndarray:
    """Angle between what the filter says and the truth, degrees, by sample."""
    seen = out[:, :3] / np.linalg.norm(out[:, :3], axis=1, keepdims=True)
    return np.degrees(np.arccos(np.clip((seen * up).sum(1), -1, 1)))
