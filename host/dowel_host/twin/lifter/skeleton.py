"""From channels of movement to segments in space: legs that balance, a spine of three joints."""

from dataclasses import dataclass

import numpy as np

from dowel_host.twin.lifter import body as human
from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.options import Site
from dowel_host.twin.lifter.rotation import (
    RATE_HZ,
    Floats,
    about_y,
    apply,
    first_derivative,
    segment_rotation,
)
from dowel_host.twin.lifter.timeline import Channels

# Where the centre of mass stands over the feet, forward of the ankle (Winter 1995: 4 to 6 cm).
BALANCE_M = 0.05
# The bench of a hip thrust: its edge under the shoulder blades, behind and above the ankles.
BENCH_M = (-0.95, 0.42)
# T12/L1 up to where the bench touches, share of the thorax.
BENCH_TOUCHES = 0.7


@dataclass(frozen=True)
class Segment:
    """A segment that carries a sensor."""

    rotation: Floats  # (n, 3, 3), its axes in the world
    joint_m: Floats  # (n, 3), of its joint in the world
    place_m: Floats  # (3,), of the sensor from the joint, in its axes


@dataclass(frozen=True)
class Skeleton:
    """A person in motion; angles (n,) in degrees, as the channels mean them."""

    segments: dict[Site, Segment]
    pelvis_deg: Floats
    trunk_deg: Floats
    hip_m: Floats  # (n, 2) forward and up of the ankles
    centre_m: Floats  # (n, 2) of mass, forward and up of the ankles
    knee_deg: Floats
    shank_deg: Floats


def move_skeleton(body: Body, channels: Channels, sites: tuple[Site, ...]) -> Skeleton:
    """Return where channels of movement take a person's segments.

    Uses trunk inclination and the flexion beyond neutral to place the spine, the knees as they
    are given, and turns the shanks so that the centre of mass stays over the feet.
    """
    trunk_deg = channels["trunk"]
    flexion_deg = body.neutral_deg(trunk_deg) + channels["extra"]
    pelvis_deg = trunk_deg - flexion_deg
    spine = _Spine(body, pelvis_deg, flexion_deg)
    hip_m, shank_deg = _hips(body, channels, spine)
    centre_m = _centre(body, channels, spine, hip_m, shank_deg)
    lateral = {"pelvis": channels["pelvis_lateral"], "t12": channels["lateral"]}
    twist = {"pelvis": 0.0 * trunk_deg, "t12": channels["twist"]}
    lateral["c7"], twist["c7"] = lateral["t12"], twist["t12"]
    neck_deg = trunk_deg + body.thoracic_share * channels["extra"]
    inclination = {"pelvis": pelvis_deg, "t12": trunk_deg, "c7": neck_deg}
    origin = _origin(channels, hip_m)
    segments: dict[Site, Segment] = {}
    for site in sites:
        rotation = segment_rotation(
            inclination[site], lateral[site], channels["heading"] + twist[site]
        )
        joint = origin if site == "pelvis" else origin + _spine_vector(body, spine, channels)
        place = np.array((*body.place_m[site], 0.0))
        segments[site] = Segment(rotation, joint, place)
    return Skeleton(segments, pelvis_deg, trunk_deg, hip_m, centre_m, channels["knee"], shank_deg)


class _Spine:
    # The spine in its own plane: vectors (n, 2), forward and up, from the hips.
    def __init__(self, body: Body, pelvis_deg: Floats, flexion_deg: Floats) -> None:
        lower, middle, _ = body.joint_shares
        self.inclinations = (
            pelvis_deg,
            pelvis_deg + lower * flexion_deg,
            pelvis_deg + (lower + middle) * flexion_deg,
        )
        link_m = body.lumbar_m / 2.0
        forward, upward = body.l5s1_m
        l5s1 = _turned(pelvis_deg, forward, upward)
        l3 = l5s1 + _turned(self.inclinations[1], 0.0, link_m)
        self.t12_m = l3 + _turned(self.inclinations[2], 0.0, link_m)
        trunk_deg = pelvis_deg + flexion_deg
        self.bench_m = self.t12_m + _turned(trunk_deg, 0.0, BENCH_TOUCHES * body.thorax_m)
        shoulders = self.t12_m + _turned(trunk_deg, 0.0, body.shoulder_m)
        # The arms hang from the shoulders; their own height does not matter to the balance.
        arms = shoulders - np.array((0.0, 0.5 * body.shoulder_m))
        parts = (
            (human.PELVIS_MASS, l5s1 * 0.5),
            (human.ABDOMEN_MASS, l3),
            (human.THORAX_MASS, self.t12_m + _turned(trunk_deg, 0.02, 0.45 * body.thorax_m)),
            (human.HEAD_MASS, self.t12_m + _turned(trunk_deg, 0.02, 1.45 * body.thorax_m)),
            (human.ARMS_MASS, arms),
        )
        self.shoulders_m = self.t12_m + _turned(trunk_deg, 0.0, body.thorax_m)
        self.mass = sum(mass for mass, _ in parts)
        moments = np.stack([mass * place for mass, place in parts])
        self.centre_m: Floats = moments.sum(0) / self.mass


def _turned(inclination_deg: Floats, forward_m: float, up_m: float) -> Floats:
    # (n, 2): a segment's point (forward, up) where the segment leans forward so far.
    lean = np.radians(inclination_deg)
    sine, cosine = np.sin(lean), np.cos(lean)
    return np.stack((forward_m * cosine + up_m * sine, up_m * cosine - forward_m * sine), 1)


def _hips(body: Body, channels: Channels, spine: _Spine) -> tuple[Floats, Floats]:
    # The hips (n, 2) from the ankles, and how far the shanks lean forward (n,), degrees.
    shank_deg = _balance(body, channels, spine)
    standing = _leg(body, shank_deg, channels["knee"])
    still = _leg(body, np.zeros(1), np.zeros(1))
    free = channels["free"][:, None]
    bench = channels["bench"][:, None]
    free_place = still + np.stack((channels["hip_x"], channels["hip_y"]), 1)
    hips = (1.0 - free) * standing + free * free_place
    on_bench = np.array(BENCH_M) - spine.bench_m
    return (1.0 - bench) * hips + bench * on_bench, shank_deg


def _leg(body: Body, shank_deg: Floats, knee_deg: Floats) -> Floats:
    return _turned(shank_deg, 0.0, body.shank_m) + _turned(shank_deg - knee_deg, 0.0, body.thigh_m)


def _balance(body: Body, channels: Channels, spine: _Spine) -> Floats:
    # A sin(s) + B sin(s - k) = C: the shank's lean s that brings the common centre of mass over
    # the feet, k the flexion of the knees.
    load = channels["load"]
    above = spine.mass + load
    a = human.SHANK_MASS * human.SHANK_CENTRE + human.THIGH_MASS + above
    b = human.THIGH_MASS * human.THIGH_CENTRE + above
    rest = spine.mass * spine.centre_m[:, 0] + load * spine.shoulders_m[:, 0]
    whole = human.SHANK_MASS + human.THIGH_MASS + above
    c = whole * (BALANCE_M + channels["sway"]) - rest
    knee = np.radians(channels["knee"])
    a_m, b_m = a * body.shank_m, b * body.thigh_m
    along, across = a_m + b_m * np.cos(knee), -b_m * np.sin(knee)
    size = np.hypot(along, across)
    return np.degrees(np.arcsin(np.clip(c / size, -0.95, 0.95)) - np.arctan2(across, along))


def _centre(
    body: Body, channels: Channels, spine: _Spine, hip_m: Floats, shank_deg: Floats
) -> Floats:
    # The common centre of mass (n, 2) of all but the feet, and of the load on the shoulders.
    knee_m = _turned(shank_deg, 0.0, body.shank_m)
    load = channels["load"][:, None]
    moment = human.SHANK_MASS * human.SHANK_CENTRE * knee_m
    moment += human.THIGH_MASS * (knee_m + human.THIGH_CENTRE * (hip_m - knee_m))
    moment += spine.mass * (hip_m + spine.centre_m) + load * (hip_m + spine.shoulders_m)
    return moment / (human.SHANK_MASS + human.THIGH_MASS + spine.mass + load)


def _origin(channels: Channels, hip_m: Floats) -> Floats:
    # The hips in the world, (n, 3): where the feet have gone, and the hips over them.
    heading = np.radians(channels["heading"])
    speed = channels["speed"]
    path = np.stack((speed * np.cos(heading), 0.0 * speed, -speed * np.sin(heading)), 1)
    feet = np.cumsum(path, 0) / RATE_HZ
    # Midpoint rule: the derivative of the place is the speed at the sample, not half a step off.
    feet -= 0.5 * path / RATE_HZ
    feet[:, 1] += channels["rise"]
    over = np.stack((hip_m[:, 0], hip_m[:, 1], channels["hip_z"]), 1)
    return feet + apply(about_y(channels["heading"]), over)


def _spine_vector(body: Body, spine: _Spine, channels: Channels) -> Floats:
    # From the hips to T12/L1 in the world (n, 3), each link with its share of side and twist.
    lower, middle, _ = body.joint_shares
    shares = (0.0, lower, lower + middle)
    lengths = ((body.l5s1_m[0], body.l5s1_m[1]), (0.0, body.lumbar_m / 2.0))
    total = np.zeros((len(channels["trunk"]), 3))
    for share, inclination, place in zip(
        shares, spine.inclinations, (lengths[0], lengths[1], lengths[1]), strict=True
    ):
        lateral = (1.0 - share) * channels["pelvis_lateral"] + share * channels["lateral"]
        heading = channels["heading"] + share * channels["twist"]
        rotation = segment_rotation(inclination, lateral, heading)
        total += apply(rotation, np.array((*place, 0.0)))
    return total


def pressure_m(skeleton: Skeleton) -> Floats:
    """Return the centre of pressure (n,), metres forward of the ankle.

    Of an inverted pendulum: the centre of mass moves away from it (Winter 1995).
    """
    acceleration = first_derivative(first_derivative(skeleton.centre_m))
    height = skeleton.centre_m[:, 1] + 0.07  # of the ankle
    return skeleton.centre_m[:, 0] - height * acceleration[:, 0] / (9.80665 + acceleration[:, 1])
