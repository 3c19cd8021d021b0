"""How each lift is done: depth, knees, times; the ranges that people and sets are drawn from.

Sources: deadlift and good morning, trunk 60 to 70 degrees at the floor and as deep in a good
morning, knees 104 to 108 against 5 degrees at most (J. Strength Cond. Res. 2014, PMC3878967),
sumo 5 to 10 degrees more upright (Escamilla and others, 2000). Romanian deadlift: one study
only, trunk to about 90. Swing: 40 and more a minute in hard style (bioRxiv 2021.05.13.444085).
Squat: flexion 12.9 degrees in women and 26.3 in men (McKean and others, 2010), trunk 30 to 50.
Times of a rep without its rests are ours: 1.6 to 5.5 s as most people lift, 0.8 to 8 s the ends.
"""

from dataclasses import dataclass

from dowel_host.twin.lifter.options import Lift, Range


@dataclass(frozen=True)
class Style:
    """A lift. Angles in degrees, times in seconds, drawn for a set unless it says otherwise."""

    trunk_deg: Range  # inclination at the low end
    knee_deg: Range  # flexion there
    rep_s: Range  # both ways together
    extreme_s: Range  # the same, of one set in four
    down_share: Range  # of rep_s
    turn_s: Range  # rest at the far end; negative: the way back begins before it
    pause_s: Range  # in the start posture between two reps
    load: Range  # on the shoulders, share of body mass
    weighted: bool  # locks out with a weight
    impact_g: Range  # when the weight meets the floor


FLOOR_NONE = (0.0, 0.0)
STYLES: dict[Lift, Style] = {
    "deadlift": Style(
        trunk_deg=(48.0, 74.0),
        knee_deg=(50.0, 85.0),
        rep_s=(2.0, 5.0),
        extreme_s=(1.3, 8.0),
        down_share=(0.35, 0.6),
        turn_s=(0.1, 1.2),
        pause_s=(-0.1, 2.5),
        load=FLOOR_NONE,
        weighted=True,
        impact_g=(0.3, 1.6),
    ),
    "rdl": Style(
        trunk_deg=(52.0, 88.0),
        knee_deg=(8.0, 28.0),
        rep_s=(1.8, 5.5),
        extreme_s=(0.8, 8.0),
        down_share=(0.45, 0.65),
        turn_s=(-0.15, 0.5),
        pause_s=(-0.05, 1.5),
        load=FLOOR_NONE,
        weighted=True,
        impact_g=FLOOR_NONE,
    ),
    "good_morning": Style(
        trunk_deg=(48.0, 84.0),
        knee_deg=(5.0, 28.0),
        rep_s=(1.8, 5.5),
        extreme_s=(0.8, 8.0),
        down_share=(0.45, 0.65),
        turn_s=(-0.15, 0.5),
        pause_s=(-0.05, 1.5),
        load=(0.2, 0.6),
        weighted=True,
        impact_g=FLOOR_NONE,
    ),
    "dowel_drill": Style(
        trunk_deg=(50.0, 88.0),
        knee_deg=(5.0, 30.0),
        rep_s=(1.8, 5.5),
        extreme_s=(0.8, 8.0),
        down_share=(0.45, 0.62),
        turn_s=(-0.15, 0.8),
        pause_s=(-0.05, 1.8),
        load=FLOOR_NONE,
        weighted=False,
        impact_g=FLOOR_NONE,
    ),
    "single_leg_rdl": Style(
        trunk_deg=(50.0, 86.0),
        knee_deg=(8.0, 35.0),
        rep_s=(2.4, 6.0),
        extreme_s=(1.6, 8.0),
        down_share=(0.45, 0.62),
        turn_s=(-0.1, 0.7),
        pause_s=(0.1, 2.0),
        load=FLOOR_NONE,
        weighted=False,
        impact_g=FLOOR_NONE,
    ),
    "swing": Style(
        trunk_deg=(42.0, 70.0),
        knee_deg=(15.0, 50.0),
        rep_s=(1.25, 1.6),
        extreme_s=(1.15, 1.7),
        down_share=(0.48, 0.56),
        turn_s=(-0.16, -0.08),
        pause_s=(0.0, 0.25),
        load=FLOOR_NONE,
        weighted=True,
        impact_g=FLOOR_NONE,
    ),
    "squat": Style(
        trunk_deg=(30.0, 54.0),
        knee_deg=(85.0, 116.0),
        rep_s=(2.0, 4.5),
        extreme_s=(1.7, 7.0),
        down_share=(0.45, 0.65),
        turn_s=(-0.15, 0.4),
        pause_s=(0.1, 2.0),
        load=(0.0, 0.9),
        weighted=True,
        impact_g=FLOOR_NONE,
    ),
    # Inclination at the low end, lying with the shoulders on the bench; the far end is below.
    "hip_thrust": Style(
        trunk_deg=(-66.0, -46.0),
        knee_deg=(80.0, 100.0),
        rep_s=(1.4, 4.5),
        extreme_s=(0.8, 8.0),
        down_share=(0.45, 0.65),
        turn_s=(-0.05, 1.5),
        pause_s=(-0.05, 1.2),
        load=FLOOR_NONE,
        weighted=False,
        impact_g=(0.0, 0.5),
    ),
}
# Trunk at the top of a hip thrust (shoulders on the bench, thighs and trunk level).
THRUST_TOP_DEG = (-95.0, -84.0)
# At the bottom the back slumps a little.
THRUST_SLUMP_DEG = (3.0, 14.0)
