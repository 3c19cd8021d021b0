"""What a set is like, and what is drawn for each of its reps."""

from dataclasses import dataclass
from typing import Literal

from dowel_host.twin.lifter.body import STANCE_WITHIN_SET, Body
from dowel_host.twin.lifter.options import Lift, Plan
from dowel_host.twin.lifter.quality import MINIMUM_JERK_PEAK, SetSpine
from dowel_host.twin.lifter.stance import stance
from dowel_host.twin.lifter.styles import STYLES, Style
from dowel_host.twin.lifter.timeline import Channel, PlannedRep, Timeline

# One set in four is done at an unusual pace.
EXTREME_PACE = 0.25
TEMPO_SPREAD = 0.06  # of a rep's time, deviation
DEPTH_SPREAD_DEG = 1.8
# Fatigue at the end of a hard set: the way up slower by so much, less deep by so much.
SLOWER = (0.0, 0.45)
SHALLOWER_DEG = (0.0, 5.0)
HALF_REP = (0.28, 0.50)  # of the range
BAIL = (0.25, 0.50)
HOLD_S = (5.3, 9.0)
REST_BETWEEN_TWO_S = (1.0, 3.5)  # after a rep that was given up
# A rep that turns without a stop begins its way back so early at most.
MOST_OVERLAP = 0.25
# A trunk that goes down faster than this at its peak would have to be pulled.
FASTEST_DEG_S = 250.0
LEAST_DEPTH_DEG = 40.0

Kind = Literal["full", "half", "bail"]


@dataclass(frozen=True)
class RepDraw:
    """One rep. share: of the full way; down, rest at the far end, up; depth of the full way."""

    kind: Kind
    share: float
    down_s: float
    rest_s: float
    up_s: float
    depth_deg: float


class SetPlan:
    """One set of a lift: what is the same in all its reps, and the draw of each.

    Angles in degrees, times in seconds, as in Style.
    """

    def __init__(
        self, timeline: Timeline, body: Body, lift: Lift, number: int, plan: Plan
    ) -> None:
        self.timeline, self.body, self.lift = timeline, body, lift
        self.number, self.plan = number, plan
        self.style: Style = STYLES[lift]
        style, draw = self.style, timeline.uniform
        unusual = timeline.chance(EXTREME_PACE)
        usual_s, extreme_s = draw(style.rep_s), self._extreme_pace()
        self.rep_s = extreme_s if unusual else usual_s
        if plan.rep_s is not None:
            self.rep_s = draw(plan.rep_s)
        self._down_share = draw(style.down_share)
        self.depth_deg = draw(style.trunk_deg)
        self.depth_deg = min(self.depth_deg, self._deepest_deg())
        self.knee_deg = draw(style.knee_deg)
        self._turn_s = draw(style.turn_s)
        self.pause_s = draw(plan.pause_s or style.pause_s)
        self.load = draw(style.load)
        self.impact_g = draw(style.impact_g)
        self._slower = draw(SLOWER) if plan.fatigue else 0.0
        self._shallower_deg = draw(SHALLOWER_DEG) if plan.fatigue else 0.0
        # In a hip thrust flexion peaks at rest, at the bottom: nothing there creeps.
        creep = None if lift == "hip_thrust" else plan.creep_deg_per_rep
        self.creep_deg_per_rep = None if creep is None else draw(creep)
        if creep is not None:
            self._shallower_deg = 0.0
        self.spine = SetSpine(
            timeline,
            body,
            plan.mix,
            self.depth_deg,
            self._qualities(),
            self.creep_deg_per_rep,
            only_arches=lift == "hip_thrust",
        )

    def _extreme_pace(self) -> float:
        # Evenly by ratio: as many very fast sets as very slow ones.
        fast, slow = self.style.extreme_s
        return fast * (slow / fast) ** float(self.timeline.rng.random())

    def _deepest_deg(self) -> float:
        # How far the trunk gets in the time of the shorter way. A body does not fall faster.
        shorter_s = min(self._down_share, 1.0 - self._down_share) * self.rep_s
        return max(LEAST_DEPTH_DEG, FASTEST_DEG_S * shorter_s / MINIMUM_JERK_PEAK)

    def _qualities(self) -> tuple[str, ...] | None:
        chosen = self.plan.qualities
        return None if chosen is None else chosen[(self.number - 1) % len(chosen)]

    def draw(self, index: int, reps: int) -> RepDraw:
        """Draw the rep with this index, from 0, of so many."""
        timeline, plan = self.timeline, self.plan
        spread = 1.0 + TEMPO_SPREAD * float(timeline.rng.normal())
        depth_deg = DEPTH_SPREAD_DEG * float(timeline.rng.normal())
        tired = index / max(reps - 1, 1)
        lot = float(timeline.rng.random())
        half, bail = timeline.uniform(HALF_REP), timeline.uniform(BAIL)
        held_s = timeline.uniform(HOLD_S)
        holds = timeline.chance(plan.hold) and self.lift != "swing"
        kind: Kind = "full"
        if self.creep_deg_per_rep is None and self.lift != "swing":
            kind = "bail" if lot < plan.bail else "half" if lot < plan.bail + plan.half else "full"
        share = {"full": 1.0, "half": half, "bail": bail}[kind]
        # A short way takes less time, though not in proportion.
        rep_s = self.rep_s * min(max(spread, 0.8), 1.2) * share**0.6
        deep_deg = self.depth_deg + depth_deg - self._shallower_deg * tired
        # On the floor the bar lies where it lies.
        bent_deg = self.depth_deg if self.lift == "deadlift" else share * deep_deg
        least_s = self.spine.choose(bent_deg)
        down_s = max(least_s, self._down_share * rep_s)
        up_s = (1.0 - self._down_share) * rep_s * (1.0 + self._slower * tired)
        up_s = max(least_s, up_s)
        rest_s = held_s if holds and kind == "full" else self._turn_s
        return RepDraw(
            kind,
            share,
            down_s,
            max(rest_s, -MOST_OVERLAP * min(down_s, up_s)),
            up_s,
            deep_deg,
        )

    def add_rep(self, rep: RepDraw, start_s: float, *, forward: bool) -> None:
        """Note a rep that began then and ends now."""
        self.timeline.reps.append(
            PlannedRep(self.number, self.lift, rep.kind, start_s, self.timeline.now_s, forward)
        )

    def pause(self, rep: RepDraw, shortest_s: float) -> None:
        """Stay in the start posture until the next rep; negative: it begins early."""
        timeline = self.timeline
        pause_s = self.pause_s * timeline.uniform((0.6, 1.4))
        if rep.kind == "bail":
            pause_s = timeline.uniform(REST_BETWEEN_TWO_S)
        if timeline.chance(self.plan.regrip):
            pause_s = max(pause_s, 0.2) + self._regrip()
        timeline.hold(max(pause_s, shortest_s))

    def _regrip(self) -> float:
        timeline = self.timeline
        way_s, hold_s = timeline.uniform((0.4, 0.8)), timeline.uniform((0.2, 2.0))
        amplitude = timeline.uniform((4.0, 13.0)) * (-1.0 if self.lift == "deadlift" else 1.0)
        start_s = timeline.now_s + 0.1
        timeline.overlay("trunk", start_s, way_s, hold_s, way_s, amplitude)
        timeline.overlay("lateral", start_s, way_s, hold_s, way_s, timeline.uniform((-4.0, 4.0)))
        return 2.0 * way_s + hold_s + 0.3

    def top(self) -> dict[Channel, float]:
        """Draw the posture in which a lift from standing begins and ends."""
        top = stance(self.timeline, self.body, size=STANCE_WITHIN_SET, lockout=self.style.weighted)
        if self.lift == "swing":
            # Hips snap through: the body leans back a little under the bell.
            top["trunk"] += self.timeline.uniform((-3.0, 1.0))
        return top
