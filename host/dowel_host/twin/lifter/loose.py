"""A sensor that came off: it hangs by its cable at the hip and swings a little."""

import numpy as np

from dowel_host.twin.lifter.noise import band_noise
from dowel_host.twin.lifter.rotation import Floats, segment_rotation
from dowel_host.twin.lifter.timeline import Channels

SWING_DEG = (0.8, 3.0)
SWING_HZ = (0.7, 1.6)
FOLLOWS = (0.0, 0.12)  # of the trunk's inclination


def hang_loose(channels: Channels, rng: np.random.Generator) -> Floats:
    """Return the axes (n, 3, 3) of a sensor that hangs."""
    samples = len(channels["trunk"])
    size_deg = rng.uniform(*SWING_DEG)
    inclination = rng.uniform(*FOLLOWS) * channels["trunk"]
    inclination += size_deg * band_noise(rng, samples, *SWING_HZ)
    lateral = size_deg * band_noise(rng, samples, *SWING_HZ)
    return segment_rotation(inclination, lateral, channels["heading"])
