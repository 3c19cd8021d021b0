"""What moves in a person who means to move otherwise or not at all."""

import numpy as np

from dowel_host.twin.lifter import body as human
from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.noise import band_noise
from dowel_host.twin.lifter.rotation import Floats, first_derivative
from dowel_host.twin.lifter.timeline import Channels

SWAY_BAND_HZ = (0.02, 1.2)
SWAY_SLOPE = 0.75  # amplitude over frequency: power falls with its 1.5th power (Winter 1995)
UNSTEADY_BAND_HZ = (0.7, 4.0)
HELD_SWAY = 0.5  # of the spine, with a dowel on head, back and sacrum
STILL_DEG_S = 12.0  # slower movement than this is steadier still
SEATED_SWAY = 0.35  # of standing, on a chair or a bench


def enliven(body: Body, channels: Channels, rng: np.random.Generator, *, sway: bool) -> None:
    """Add sway (if wanted), unsteadiness of movement, and the side and twist of every bend."""
    samples = len(channels["trunk"])

    def noise(low_hz: float, high_hz: float, slope: float = 0.0) -> Floats:
        return band_noise(rng, samples, low_hz, high_hz, slope)

    pelvis, own = noise(*SWAY_BAND_HZ, SWAY_SLOPE), noise(*SWAY_BAND_HZ, SWAY_SLOPE)
    lateral, forth = noise(*SWAY_BAND_HZ, SWAY_SLOPE), noise(*SWAY_BAND_HZ, SWAY_SLOPE)
    unsteady = [noise(*UNSTEADY_BAND_HZ) for _ in range(4)]
    depth_spread = noise(0.02, 0.2)
    # Side and twist of the bend come from its planned course, before sway is added.
    bend = np.clip(channels["trunk"], -20.0, 110.0) / 70.0 * (1.0 + 0.25 * depth_spread)
    # The speed is rounded off at rest: a corner there would jerk the sensors.
    # Toward full flexion the passive tissues hold the spine still.
    flexion_deg = body.neutral_deg(channels["trunk"]) + channels["extra"]
    loose = 1.0 - np.clip(flexion_deg / body.range_deg, 0.0, 1.0) ** 4
    loose *= 1.0 - (1.0 - HELD_SWAY) * channels["held"]
    speed_deg_s = np.hypot(first_derivative(channels["trunk"]), STILL_DEG_S) - STILL_DEG_S
    if sway:
        supported = np.maximum(channels["free"], channels["bench"])
        much = 1.0 - (1.0 - SEATED_SWAY) * supported
        correlation = human.STANCE_CORRELATION
        lumbar = correlation * pelvis + np.sqrt(1.0 - correlation**2) * own
        pelvis_deg = body.sway_pelvis_deg * much * pelvis
        lumbar_deg = body.sway_lumbar_deg * much * loose * lumbar
        channels["trunk"] += pelvis_deg + lumbar_deg
        channels["extra"] += lumbar_deg
        channels["lateral"] += body.sway_lateral_deg * much * lateral
        channels["pelvis_lateral"] += 0.7 * body.sway_lateral_deg * much * lateral
        channels["sway"] += body.sway_forth_m * much * forth
        channels["hip_z"] += 1.2 * body.sway_forth_m * much * lateral
    channels["trunk"] += body.unsteady * speed_deg_s * unsteady[0]
    channels["extra"] += 0.6 * loose * body.unsteady * speed_deg_s * unsteady[1]
    channels["lateral"] += 0.7 * body.unsteady * speed_deg_s * unsteady[2]
    channels["pelvis_lateral"] += 0.7 * body.unsteady * speed_deg_s * unsteady[3]
    channels["lateral"] += body.bend_lateral_deg * bend
    channels["pelvis_lateral"] += 0.6 * body.bend_lateral_deg * bend
    channels["twist"] += body.bend_twist_deg * bend
