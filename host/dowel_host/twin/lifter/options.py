"""What can be chosen of a simulated lifter: lift, difficulties, plan of the sets, faults."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, get_args

# A word of `rep_label`; none: movement that is no lifting.
Lift = Literal[
    "deadlift",
    "rdl",
    "good_morning",
    "swing",
    "hip_thrust",
    "single_leg_rdl",
    "dowel_drill",
    "squat",
    "none",
]
LIFTS: tuple[Lift, ...] = get_args(Lift)
Site = Literal["pelvis", "t12", "c7"]
Range = tuple[float, float]  # drawn evenly between both


@dataclass(frozen=True)
class Difficulty:
    """What makes the measurement hard; each can be left out, the movement stays the same.

    placement: sensors turned by hand and by the slope of sacrum and back, unlevel strap.
    skin: the patch that carries a sensor turns against the bone. ringing: soft tissue answers
    impacts. slip: straps may slip, seldom and by chance (slips that a plan asks for happen in
    any case). breathing, sway: small movements of the body. bias: gyro bias and its drift with
    warming. offset: accelerometer offset. scale: scale errors of both. noise: white noise.
    """

    placement: bool = True
    skin: bool = True
    ringing: bool = True
    slip: bool = True
    breathing: bool = True
    sway: bool = True
    bias: bool = True
    offset: bool = True
    scale: bool = True
    noise: bool = True


# Nothing but the movement and the chips' quantisation.
IDEAL = Difficulty(**dict.fromkeys(Difficulty.__dataclass_fields__, False))


class Fault(Enum):
    """What may be wrong with a calibration."""

    MOVED = "moved while standing tall"
    NOT_UPRIGHT = "stands bent over instead of tall"
    BACKWARD = "bends the wrong way"
    SHALLOW = "bends too little"
    FAST = "bends too fast"
    TWISTED = "turns and leans to the side while bending"
    SWAPPED = "wears each sensor in the other's place"
    LOOSE = "one sensor hangs loose"
    NO_ROUNDING = "hinges again instead of rounding"


@dataclass(frozen=True)
class Mix:
    """Shares of reps by quality; what is left of 1 is good.

    A rep is judged on skin flexion against n + 0.5 (R - n) above and n - 10 degrees below:
    good stays 3 degrees or more inside, rounded and arched are 3 degrees or more outside for
    150 ms or more, borderline is what lies between. near: share of all reps whose peak lies
    within 10 degrees of the upper limit (bad and borderline ones count in; good ones fill it
    up). The shares are planned on the skeleton; patches turn some into others.
    """

    rounded: float = 0.08
    arched: float = 0.04
    borderline: float = 0.05
    near: float = 0.25


# Nobody's reps leave the neutral band.
ALL_GOOD = Mix(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Plan:
    """How a session goes. Ranges are drawn from evenly.

    calibration: begin with the three movements. fault, fault_movement: what is wrong with them,
    and in which bending (2 hinge, 3 rounding) where the fault may be in either. rest_s: between
    two sets. rep_s: duration of a rep without its pauses; None: the lift's own. pause_s: in the
    start posture between two reps; None: the lift's own. half, bail, hold, regrip: chance of
    each for a rep (half reps; a rep given up; a hold of 5 s and more at the far end; a re-grip
    after it). fatigue: sets get slower and shallower. creep_deg_per_rep: slope of peak flexion
    in a set; reps of a set with creep are not given a quality, they end where they end, and it
    has no half reps (not modelled in hip thrusts: NaN in the truth, as without creep). slips:
    how many strap slips, at random reps; None: by chance. slip_tilt_deg: their size.
    qualities: of each rep of each set, in order, instead of a mix (good, near, borderline,
    rounded, arched). minutes: at least this long
    (lift none). sites: sensors worn.
    """

    calibration: bool = True
    fault: Fault | None = None
    fault_movement: Literal[2, 3] = 2
    rest_s: Range = (30.0, 120.0)
    rep_s: Range | None = None
    pause_s: Range | None = None
    mix: Mix = field(default_factory=Mix)
    qualities: tuple[tuple[str, ...], ...] | None = None
    half: float = 0.02
    bail: float = 0.01
    hold: float = 0.01
    regrip: float = 0.05
    fatigue: bool = True
    creep_deg_per_rep: Range | None = None
    slips: int | None = None
    slip_tilt_deg: Range = (4.0, 15.0)
    minutes: float = 5.0
    sites: tuple[Site, ...] = ("pelvis", "t12")
