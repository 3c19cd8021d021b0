"""The patches of skin that carry the sensors: they turn and slide on the bone, and ring."""

from dataclasses import dataclass

import numpy as np

from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.noise import band_noise, lagged
from dowel_host.twin.lifter.options import Difficulty, Site
from dowel_host.twin.lifter.rotation import RATE_HZ, Floats, apply, from_vector
from dowel_host.twin.lifter.skeleton import Segment, Skeleton
from dowel_host.twin.lifter.timeline import Impact

# A patch's turn against its bone, degrees for each degree of lumbar flexion and of its own
# segment's inclination. With them peak flexion of the patches differs from the skeleton's by
# about -7 to +7 degrees, and by 1 to 2 RMS: sensors on T12 and S2 against an optical reference
# in lifting, limits of agreement of the peak -8.1 to +5.7 (BMC Musculoskelet. Disord. 2022,
# doi 10.1186/s12891-022-05866-w).
TURN_BY_FLEXION = {"pelvis": 0.03, "t12": 0.08, "c7": 0.06}  # even, either way
TURN_BY_INCLINATION = {"pelvis": 0.05, "t12": 0.02, "c7": 0.02}
TURN_ASIDE = 0.03  # the same about the other two axes, each
# Part of the turn comes late: skin creeps.
LATE_SHARE = (0.10, 0.30)
LATE_S = (0.2, 1.0)
# The skin over the lumbar spine slides 10.2 +- 6.1 mm in full flexion (PLoS ONE 0095426).
SLIDE_M_NORMAL = (0.010, 0.006)
# What is different each time: slow, small.
WANDER_DEG = 0.15
WANDER_BAND_HZ = (0.01, 0.15)

# Ringing: a light sensor on the skin oscillates on the soft tissue after an impact (W. Ziegert,
# J. Lewis, J. Biomech. Eng. 101, 1979: much at 34 g, little at 1.5 g), above 10 and below 35 Hz
# over the spinous processes (S. Kitazaki, M. Griffin, J. Biomech. 28(7), 1995). Impacts lose a
# part on the way up (J. Smeathers, Clin. Biomech. 4(1), 1989: spines damp above 20 Hz).
RING_HZ = (12.0, 28.0)
RING_FADE_S = (0.03, 0.08)
RING_ONSET_S = 0.008
RING_TURN_DEG_PER_G = (0.10, 0.60)
RING_REACHES = {"pelvis": (0.85, 1.15), "t12": (0.45, 0.85), "c7": (0.35, 0.7)}
RING_DELAY_S = {"pelvis": 0.0, "t12": 0.006, "c7": 0.010}
RING_LENGTH_S = 0.5
GRAVITY_MS2 = 9.80665


@dataclass(frozen=True)
class _Tissue:
    # One site's skin. by_flexion, by_inclination: degrees for each, about X, Y and forward.
    by_flexion: Floats
    by_inclination: Floats
    late_share: float
    late_s: float
    slide_m: float
    ring_hz: float
    ring_fade_s: float
    ring_turn_deg_per_g: Floats
    ring_reaches: float


class Skin:
    """A person's skin at all sites. What is switched off is drawn all the same, then left out."""

    def __init__(self, body: Body, rng: np.random.Generator, difficulty: Difficulty) -> None:
        self._body = body
        self._difficulty = difficulty
        self._tissues: dict[Site, _Tissue] = {
            "pelvis": _draw(rng, "pelvis"),
            "t12": _draw(rng, "t12"),
            "c7": _draw(rng, "c7"),
        }

    def turn_deg(self, site: Site, inclination_deg: Floats, flexion_deg: Floats) -> Floats:
        """Return how a patch has settled in a posture, (n, 3): about X, Y, and forward."""
        if not self._difficulty.skin:
            return np.zeros((len(flexion_deg), 3))
        tissue = self._tissues[site]
        return np.outer(flexion_deg, tissue.by_flexion) + np.outer(
            inclination_deg, tissue.by_inclination
        )

    def neutral_curve_deg(self) -> tuple[Floats, Floats]:
        """Return patches' trunk inclinations (k,), rising, and their neutral flexion there."""
        trunk_deg = np.linspace(-130.0, 140.0, 541)
        return self._as_patches(trunk_deg, self._body.neutral_deg(trunk_deg))

    def range_deg(self) -> float:
        """Return full rounding as the patches show it."""
        trunk_deg = np.array((self._body.rounding_trunk_deg,))
        return float(self._as_patches(trunk_deg, np.array((self._body.range_deg,)))[1][0])

    def _as_patches(self, trunk_deg: Floats, flexion_deg: Floats) -> tuple[Floats, Floats]:
        pelvis_deg = trunk_deg - flexion_deg
        upper = trunk_deg + self.turn_deg("t12", trunk_deg, flexion_deg)[:, 2]
        lower = pelvis_deg + self.turn_deg("pelvis", pelvis_deg, flexion_deg)[:, 2]
        return upper, upper - lower

    def patch(
        self,
        site: Site,
        segment: Segment,
        skeleton: Skeleton,
        impacts: list[Impact],
        rng: np.random.Generator,
    ) -> tuple[Floats, Floats]:
        """Return axes (n, 3, 3) and place (n, 3), metres, of a patch in the world."""
        tissue, samples = self._tissues[site], len(skeleton.trunk_deg)
        flexion_deg = skeleton.trunk_deg - skeleton.pelvis_deg
        own_deg = skeleton.pelvis_deg if site == "pelvis" else skeleton.trunk_deg
        settled = self.turn_deg(site, own_deg, flexion_deg)
        late = np.stack([lagged(settled[:, k], tissue.late_s) for k in range(3)], 1)
        turn = (1.0 - tissue.late_share) * settled + tissue.late_share * late
        wander = np.stack([band_noise(rng, samples, *WANDER_BAND_HZ) for _ in range(3)], 1)
        place = np.zeros((samples, 3)) + segment.place_m
        if self._difficulty.skin:
            turn += WANDER_DEG * wander
            place[:, 1] += tissue.slide_m * flexion_deg / self._body.range_deg
        breath = _breath(self._body, rng, samples)
        if self._difficulty.breathing and site != "pelvis":
            turn[:, 2] += breath
        ring_g, ring_deg = _ringing(tissue, site, impacts, rng, samples)
        if self._difficulty.ringing:
            turn += ring_deg
            place += ring_g * GRAVITY_MS2 / (2.0 * np.pi * tissue.ring_hz) ** 2
        # Forward is a turn the other way about Z.
        rotation = segment.rotation @ from_vector(turn * np.array((1.0, 1.0, -1.0)))
        return rotation, segment.joint_m + apply(segment.rotation, place)


def _draw(rng: np.random.Generator, site: Site) -> _Tissue:
    def either_way(size: float) -> float:
        return float(rng.uniform(-size, size))

    return _Tissue(
        by_flexion=np.array(
            (either_way(TURN_ASIDE), either_way(TURN_ASIDE), either_way(TURN_BY_FLEXION[site]))
        ),
        by_inclination=np.array((0.0, 0.0, either_way(TURN_BY_INCLINATION[site]))),
        late_share=float(rng.uniform(*LATE_SHARE)),
        late_s=float(rng.uniform(*LATE_S)),
        slide_m=SLIDE_M_NORMAL[0] + SLIDE_M_NORMAL[1] * float(np.clip(rng.normal(), -1.6, 2.0)),
        ring_hz=float(rng.uniform(*RING_HZ)),
        ring_fade_s=float(rng.uniform(*RING_FADE_S)),
        ring_turn_deg_per_g=rng.uniform(*RING_TURN_DEG_PER_G, 3) * (0.4, 0.3, 1.0),
        ring_reaches=float(rng.uniform(*RING_REACHES[site])),
    )


def _breath(body: Body, rng: np.random.Generator, samples: int) -> Floats:
    # Each breath its own length: the phase wanders.
    wander = np.cumsum(band_noise(rng, samples, 0.02, 0.3)) / RATE_HZ
    cycles = body.breath_hz * (np.arange(samples) / RATE_HZ + 0.25 * wander)
    return body.breath_deg * np.sin(2.0 * np.pi * (cycles + rng.random()))


def _ringing(
    tissue: _Tissue, site: Site, impacts: list[Impact], rng: np.random.Generator, samples: int
) -> tuple[Floats, Floats]:
    # What impacts add to the patch's acceleration, g, times its rate squared, and its turn.
    shift, turn = np.zeros((samples, 3)), np.zeros((samples, 3))
    for impact in impacts:
        size_g = impact.peak_g * tissue.ring_reaches * float(rng.uniform(0.7, 1.3))
        aside = rng.uniform(-0.35, 0.35, 2)
        sense = rng.choice((-1.0, 1.0), 3)
        start_s = impact.time_s + RING_DELAY_S[site]
        first = int(np.ceil(start_s * RATE_HZ))
        stop = min(samples, first + int(RING_LENGTH_S * RATE_HZ))
        if first >= stop:
            continue
        t_s = np.arange(first, stop) / RATE_HZ - start_s
        swell = (1.0 - np.exp(-((t_s / RING_ONSET_S) ** 2))) * np.exp(-t_s / tissue.ring_fade_s)
        ring = (size_g * swell * np.sin(2.0 * np.pi * tissue.ring_hz * t_s))[:, None]
        shift[first:stop] += ring * np.array((aside[0], -1.0, aside[1]))
        turn[first:stop] += ring * tissue.ring_turn_deg_per_g * sense
    return shift, turn
