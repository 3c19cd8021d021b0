"""Where the spine is to peak in each rep: good, rounded, arched, or close to a limit."""

from dataclasses import dataclass

import numpy as np

from dowel_host.twin.lifter.bends import ARCH_DEG
from dowel_host.twin.lifter.body import Body
from dowel_host.twin.lifter.options import Mix
from dowel_host.twin.lifter.timeline import Aim, Bend, Timeline

# Excess beyond a limit, degrees: less is good, more is bad. The patches show a little more or
# less than the skeleton, so that some come out otherwise; the truth says how they came out.
ROUNDED_DEG = (4.5, 14.0)
ARCHED_DEG = (4.5, 10.0)
BORDERLINE_DEG = (-2.5, 2.5)
NEAR_DEG = (-9.5, -3.8)
# Of the way from the limit to full range, no rep goes farther: it would hurt.
MOST_OF_ROOM = 0.85
# Peak of flexion beyond neutral in a good rep: its mean by set, its spread by rep.
SET_EXTRA_DEG = 1.5
REP_EXTRA_DEG = 1.6
BORDER_ABOVE = 0.65  # of borderline reps, so many are at the upper limit
CREEP_SPREAD_DEG = 1.3  # of peak flexion about its slope
# How fast the lumbar spine bends away from neutral, at its peak; the most is what people of 20 to
# 35 years reach in fast full bends (PLoS ONE 0050135).
RATE_DEG_S = (20.0, 70.0)
FASTEST_DEG_S = 114.0
ARCHED_INSTEAD = {"rounded": "arched", "borderline above": "borderline below", "near": "good"}
# Of the time of one way, so much serves to bend or to straighten the spine.
SHARE_OF_WAY = 0.7
# A rep that is too shallow for the limit to be passed without tilting the pelvis back by more
# than this is good whatever was asked for: people do not bend like that.
PELVIS_BACK_DEG = 12.0
MINIMUM_JERK_PEAK = 1.875  # peak over mean rate of a minimum-jerk movement


@dataclass
class SetSpine:
    """How the spine behaves in one set.

    qualities: of its reps in order; None: by the mix. only_arches: a lift in which the pelvis
    cannot tuck under far enough to round (hip thrust): what would round arches.
    """

    timeline: Timeline
    body: Body
    mix: Mix
    depth_deg: float
    qualities: tuple[str, ...] | None
    creep_deg_per_rep: float | None
    only_arches: bool = False

    def __post_init__(self) -> None:
        self._base_deg = SET_EXTRA_DEG * float(self.timeline.rng.normal())
        self._done = 0
        self._aim: tuple[Aim, float] = ("extra", 0.0)
        self._amplitude_deg = 0.0

    def choose(self, depth_deg: float) -> float:
        """Choose what the spine does in the next rep; return the least time of either way, s.

        depth_deg: trunk inclination where the spine bends most.
        """
        self._aim = self._draw_aim(depth_deg)
        self._amplitude_deg = self._amplitude(*self._aim, depth_deg)
        return MINIMUM_JERK_PEAK * self._amplitude_deg / (SHARE_OF_WAY * FASTEST_DEG_S)

    def bend(self, start_s: float, times_s: tuple[float, float, float]) -> None:
        """Plan the spine's part of the rep chosen last, which takes these times from start_s.

        times_s: there, rest at the far end, back.
        """
        aim, value_deg = self._aim
        there_s, rest_s, back_s = times_s
        # Loss of neutral comes on the way there, as fast as the person will, or must in time.
        shortest_s = MINIMUM_JERK_PEAK * self._amplitude_deg / FASTEST_DEG_S
        wanted_s = MINIMUM_JERK_PEAK * self._amplitude_deg / self.timeline.uniform(RATE_DEG_S)
        peak_s = self.timeline.uniform((0.85, 1.0)) * there_s
        rise_s = max(shortest_s, 0.2, min(wanted_s, SHARE_OF_WAY * peak_s))
        begin_s = max(0.02 * there_s, peak_s - rise_s)
        hold_s = max(0.16, there_s + max(rest_s, 0.0) + 0.12 * back_s - begin_s - rise_s)
        fall_s = max(shortest_s, 0.2, 0.6 * back_s)
        self.timeline.bends.append(Bend(start_s + begin_s, rise_s, hold_s, fall_s, aim, value_deg))
        self._done += 1

    def _amplitude(self, aim: Aim, value_deg: float, depth_deg: float) -> float:
        # About how far the spine is to bend beyond neutral.
        if aim == "excess":
            return max(0.0, self._room(depth_deg) + value_deg)
        if aim == "arch":
            return max(0.0, ARCH_DEG + value_deg)
        return abs(value_deg - (self._neutral_deg(depth_deg) if aim == "flexion" else 0.0))

    def _draw_aim(self, depth_deg: float) -> tuple[Aim, float]:
        own_deg = self._base_deg + REP_EXTRA_DEG * float(self.timeline.rng.normal())
        quality = self._choose()
        if self.only_arches:
            quality = ARCHED_INSTEAD.get(quality, quality)
        if self.creep_deg_per_rep is not None:
            return "flexion", self._creeping(self.creep_deg_per_rep)
        room_deg = self._room(depth_deg)
        # A good rep that is not asked to be near a limit keeps clear of both, where it can.
        own_deg = min(max(own_deg, -4.0), max(0.0, room_deg - 10.5))
        draw = self.timeline.uniform
        aims: dict[str, tuple[Aim, float]] = {
            "good": ("extra", own_deg),
            "rounded": ("excess", min(draw(ROUNDED_DEG), MOST_OF_ROOM * room_deg)),
            "arched": ("arch", draw(ARCHED_DEG)),
            "borderline above": ("excess", draw(BORDERLINE_DEG)),
            "borderline below": ("arch", draw(BORDERLINE_DEG)),
            "near": ("excess", draw(NEAR_DEG)),
        }
        aim, value_deg = aims[quality]
        peak_deg = self._neutral_deg(depth_deg) + room_deg + value_deg
        if aim == "excess" and peak_deg > depth_deg + PELVIS_BACK_DEG:
            return aims["good"]
        return aim, value_deg

    def _room(self, depth_deg: float) -> float:
        # From neutral to the limit; from there to full range is as much again.
        return 0.5 * (self.body.range_deg - self._neutral_deg(depth_deg))

    def _neutral_deg(self, trunk_deg: float) -> float:
        return float(self.body.neutral_deg(np.asarray(trunk_deg)))

    def _creeping(self, slope: float) -> float:
        neutral_deg = self._neutral_deg(self.depth_deg)
        spread_deg = CREEP_SPREAD_DEG * float(self.timeline.rng.normal())
        return neutral_deg + 2.0 + self._base_deg + slope * self._done + spread_deg

    def _choose(self) -> str:
        side = " above" if self.timeline.chance(BORDER_ABOVE) else " below"
        draw = float(self.timeline.rng.random())
        if self.qualities is not None:
            wanted = self.qualities[self._done % len(self.qualities)]
            return wanted + side if wanted == "borderline" else wanted
        mix = self.mix
        # About half of the bad reps lie within 10 degrees of the limit.
        near = max(0.0, mix.near - mix.borderline - 0.6 * (mix.rounded + mix.arched))
        shares = (
            ("rounded", mix.rounded),
            ("arched", mix.arched),
            ("borderline" + side, mix.borderline),
            ("near", near),
        )
        for name, share in shares:
            if draw < share:
                return name
            draw -= share
        return "good"
