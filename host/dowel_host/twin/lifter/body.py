"""What a person is: lengths, masses, neutral curve and range of the spine, drawn by seed.

Every range stands here with its source; they were fixed before any algorithm was tuned on the
people and stay as they are. Lengths are shares of body height, masses of body mass. Ranges are
drawn from evenly; pairs written NORMAL are mean and standard deviation, cut off at 2.2 of them.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dowel_host.twin.lifter.rotation import Floats

# Men and women of 20 to 60 years together; NHANES anthropometry (Fryar and others 2021).
HEIGHT_M_NORMAL = (1.69, 0.09)
BODY_MASS_INDEX_NORMAL = (24.5, 2.8)  # people who lift; kg/m2
# Drillis and Contini 1966, in Winter, Biomechanics and Motor Control of Human Movement.
ANKLE_HEIGHT = 0.039
SHANK = 0.246
THIGH = 0.245
LENGTH_SPREAD = 0.05  # a person's own deviation in each length, at most
# Hip centre to L5/S1 and L5/S1 to T12/L1 (about 18 cm): de Leva, J. Biomech. 29(9), 1996, and
# Pearcy and others' radiographs; T12/L1 to C7 is what is left to C7 at 0.82 of height.
HIP_TO_L5S1 = (-0.012, 0.055)  # forward, up
LUMBAR = 0.105
THORAX = 0.185  # T12/L1 up to C7
SHOULDER = 0.145  # T12/L1 up to the shoulder joints
# De Leva 1996: both sides together, mean of men and women.
SHANK_MASS, THIGH_MASS, PELVIS_MASS = 0.091, 0.289, 0.118
ABDOMEN_MASS, THORAX_MASS, HEAD_MASS, ARMS_MASS = 0.156, 0.157, 0.068, 0.096
SHANK_CENTRE, THIGH_CENTRE = 0.55, 0.60  # of the length, upward from its lower end

# Full lumbar flexion, T12 to S1, degrees: 55.4 +- 12.4 (Narimani and others, J. Biomech. 69,
# 2018, inertial sensors); a lifter's 69 (J. Musculoskelet. Res. 2024). Cut off at 38 and 80.
RANGE_DEG_NORMAL = (56.0, 10.0)
# Flexion in a good hinge of 90 degrees, as a share of the range: 42 % was measured at 45
# degrees with 150 kg, trained lifters lose 33 of some 60 degrees in the deadlift (Bengtsson and
# others, IJSPT 2023), a coached dowel hinge less.
NEUTRAL_SHARE = (0.28, 0.52)
# Bow of the neutral curve: lumbar first above 0, pelvis first below (Esola and others, Spine
# 21(1), 1996: the lumbar share falls as the bend goes on, more or less by person).
NEUTRAL_BOW = (-0.20, 0.80)
# Shares of flexion at L5/S1 to L4, L3, T12/L1: lower joints move more (Pearcy, Portek, Shepherd,
# Spine 9, 1984: 9 to 14 degrees at L4 and L5, 8 to 10 above).
JOINT_SHARES = ((0.30, 0.45), (0.25, 0.40))  # the third is the rest
# Trunk inclination at full rounding, beyond the flexion itself: how far the pelvis goes along in
# a slow roll-down (pelvis 42 degrees in a full forward bend, Narimani 2018; less when asked to
# round only).
ROUNDING_PELVIS_DEG = (5.0, 40.0)

# Quiet standing for a minute takes lordosis through 2.7 (1.3 to 5.2) and the sacrum through 2.9
# degrees (1.6 to 4.5), end to end (Pan and others, J. Biomech. 114, 2021): a deviation of about
# a fifth of that.
SWAY_PELVIS_DEG = (0.32, 0.80)
SWAY_LUMBAR_DEG = (0.28, 0.80)
SWAY_LATERAL_DEG = (0.15, 0.40)  # side to side, a stance of shoulder width holds it
SWAY_FORTH_M = (0.003, 0.007)  # of the centre of mass (Winter, Gait Posture 3, 1995)
# Standing up again misses the last posture by a median of 1.14 degrees in lordosis and 0.92 of
# the sacrum (Gao and others, Clin. Biomech. 70, 2019); the sway above is in that. Deviations:
STANCE_PELVIS_DEG = (0.45, 0.90)
STANCE_LUMBAR_DEG = (0.50, 1.10)
STANCE_CORRELATION = -0.75  # more pelvic tilt, more lordosis (Schmidt and others, Spine J. 2018)
STANCE_WITHIN_SET = 0.6  # of that, between two reps without a step
LOCKOUT_DEG = (-2.0, 0.7)  # trunk at lockout against standing tall: hips pushed through
# Breathing at rest 12 to 20 a minute turns the lower ribs' patch by about a degree there and
# back.
BREATH_HZ = (0.18, 0.33)
BREATH_DEG = (0.15, 0.60)

# Bending is never quite straight: side and twist at 70 degrees of trunk inclination, degrees,
# deviation (coupled lateral and axial 2 to 5 degrees in flexion, Narimani 2018).
BEND_LATERAL_DEG = 1.6
BEND_TWIST_DEG = 1.8
# Signal-dependent noise of movement (Harris and Wolpert, Nature 394, 1998): degrees for each
# degree a second, 0.7 to 4 Hz.
UNSTEADY_DEG = (0.002, 0.008)

# Where the sensors sit: behind the joint centres on the skin, shares of height.
PELVIS_PLACE = (-0.062, 0.040)  # of the hip centre: S1/S2
T12_PLACE = (-0.045, 0.010)  # of the T12/L1 joint
C7_PLACE = (-0.035, 0.185)  # of the T12/L1 joint
PLACE_SPREAD_M = 0.012


@dataclass(frozen=True)
class Body:
    """One person. Lengths in metres, masses as shares of body mass, angles in degrees."""

    height_m: float
    mass_kg: float
    shank_m: float
    thigh_m: float
    l5s1_m: tuple[float, float]
    lumbar_m: float
    thorax_m: float
    shoulder_m: float
    range_deg: float
    neutral_at_90_deg: float
    neutral_bow: float
    joint_shares: tuple[float, float, float]
    rounding_trunk_deg: float
    sway_pelvis_deg: float
    sway_lumbar_deg: float
    sway_lateral_deg: float
    sway_forth_m: float
    stance_pelvis_deg: float
    stance_lumbar_deg: float
    lockout_deg: float
    breath_hz: float
    breath_deg: float
    bend_lateral_deg: float
    bend_twist_deg: float
    unsteady: float
    thoracic_share: float
    place_m: dict[Literal["pelvis", "t12", "c7"], tuple[float, float]]

    def neutral_deg(self, trunk_deg: Floats) -> Floats:
        """Return the neutral curve n (n,) at trunk inclinations (n,), degrees.

        Rises with the bend, is 0 in standing and stays there, within 1 degree, leaning back.
        """
        # A soft corner at 0: a hard one would jerk the sensors.
        bend = np.asarray(trunk_deg)
        x = 0.5 * (bend + np.hypot(bend, 4.0) - 4.0) / 90.0
        return self.neutral_at_90_deg * (1.0 + self.neutral_bow) * x / (1.0 + self.neutral_bow * x)

    def limit_deg(self, trunk_deg: Floats) -> Floats:
        """Return n + 0.5 (R - n) at trunk inclinations (n,), degrees."""
        return 0.5 * (self.neutral_deg(trunk_deg) + self.range_deg)


def draw_body(rng: np.random.Generator) -> Body:
    """Draw a person."""

    def within(limits: tuple[float, float]) -> float:
        return float(rng.uniform(*limits))

    def normal(mean_and_deviation: tuple[float, float]) -> float:
        mean, deviation = mean_and_deviation
        return mean + deviation * float(np.clip(rng.normal(), -2.2, 2.2))

    def length(share: float) -> float:
        return height_m * share * (1.0 + LENGTH_SPREAD * float(rng.uniform(-1.0, 1.0)))

    def place(share: tuple[float, float]) -> tuple[float, float]:
        return (
            height_m * share[0] + PLACE_SPREAD_M * float(rng.uniform(-1.0, 1.0)),
            height_m * share[1] + PLACE_SPREAD_M * float(rng.uniform(-1.0, 1.0)),
        )

    height_m = normal(HEIGHT_M_NORMAL)
    range_deg = float(np.clip(normal(RANGE_DEG_NORMAL), 38.0, 80.0))
    lower, middle = within(JOINT_SHARES[0]), within(JOINT_SHARES[1])
    return Body(
        height_m=height_m,
        mass_kg=normal(BODY_MASS_INDEX_NORMAL) * height_m**2,
        shank_m=length(SHANK),
        thigh_m=length(THIGH),
        l5s1_m=(height_m * HIP_TO_L5S1[0], length(HIP_TO_L5S1[1])),
        lumbar_m=length(LUMBAR),
        thorax_m=length(THORAX),
        shoulder_m=length(SHOULDER),
        range_deg=range_deg,
        neutral_at_90_deg=range_deg * within(NEUTRAL_SHARE),
        neutral_bow=within(NEUTRAL_BOW),
        joint_shares=(lower, middle, 1.0 - lower - middle),
        rounding_trunk_deg=range_deg + within(ROUNDING_PELVIS_DEG),
        sway_pelvis_deg=within(SWAY_PELVIS_DEG),
        sway_lumbar_deg=within(SWAY_LUMBAR_DEG),
        sway_lateral_deg=within(SWAY_LATERAL_DEG),
        sway_forth_m=within(SWAY_FORTH_M),
        stance_pelvis_deg=within(STANCE_PELVIS_DEG),
        stance_lumbar_deg=within(STANCE_LUMBAR_DEG),
        lockout_deg=within(LOCKOUT_DEG),
        breath_hz=within(BREATH_HZ),
        breath_deg=within(BREATH_DEG),
        bend_lateral_deg=normal((0.0, BEND_LATERAL_DEG)),
        bend_twist_deg=normal((0.0, BEND_TWIST_DEG)),
        unsteady=within(UNSTEADY_DEG),
        thoracic_share=within((0.15, 0.40)),
        place_m={
            "pelvis": place(PELVIS_PLACE),
            "t12": place(T12_PLACE),
            "c7": place(C7_PLACE),
        },
    )
