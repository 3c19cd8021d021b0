"""A session of a simulated person, from the first stand to the last, as its sensors see it."""

import numpy as np
from numpy.typing import NDArray

from dowel_host.recording import Recording, recording_from_arrays
from dowel_host.recording import Site as SiteCounts
from dowel_host.twin.lifter.bends import apply_bends
from dowel_host.twin.lifter.body import Body, draw_body
from dowel_host.twin.lifter.calibration_moves import calibrate
from dowel_host.twin.lifter.everyday import everyday, rest
from dowel_host.twin.lifter.liveliness import enliven
from dowel_host.twin.lifter.loose import hang_loose
from dowel_host.twin.lifter.options import LIFTS, Difficulty, Fault, Lift, Plan, Site
from dowel_host.twin.lifter.rotation import RATE_HZ, Floats
from dowel_host.twin.lifter.sensors import (
    Slip,
    draw_slip,
    place_sensor,
    read_sensor,
    slipped,
)
from dowel_host.twin.lifter.sets import perform_set
from dowel_host.twin.lifter.skeleton import Skeleton, move_skeleton
from dowel_host.twin.lifter.skin import Skin
from dowel_host.twin.lifter.stance import fidget
from dowel_host.twin.lifter.timeline import Channels, Timeline
from dowel_host.twin.lifter.truth import (
    Arrays,
    angle_truth,
    angles_from_upright,
    rep_truth,
    slip_truth,
)

# Streams of random numbers: leaving out one difficulty leaves all others as they were.
_BODY, _MOVES, _SWAY, _SKIN, _PATCH, _PLACE, _CHIP, _SLIP = range(8)
# A strap slips by chance in one set of so many.
SLIP_BY_CHANCE = 0.02
STAND_FIRST_S = 4.0  # where there is no calibration
END_S = (2.5, 4.0)


class Session:
    """One person on one visit, with sensors on."""

    def __init__(self, seed: int, lift: Lift, difficulty: Difficulty, plan: Plan) -> None:
        self._seed = seed
        self._lift: Lift = lift
        self._difficulty, self._plan = difficulty, plan
        self._body: Body = draw_body(self._rng(_BODY))
        self._timeline = Timeline(self._rng(_MOVES, LIFTS.index(lift)))
        self._skin = Skin(self._body, self._rng(_SKIN), difficulty)
        self._channels: Channels = {}

    def _rng(self, *stream: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, *stream))

    def skeleton(self, sets: int, reps: int) -> Skeleton:
        """Act it all out: calibration, so many sets of so many reps. Once only."""
        self._act(sets, reps)
        channels, _ = self._timeline.render()
        apply_bends(self._body, channels, self._timeline.bends)
        enliven(self._body, channels, self._rng(_SWAY), sway=self._difficulty.sway)
        self._channels = channels
        return move_skeleton(self._body, channels, _sites(self._plan))

    def record(self, sets: int, reps: int) -> Recording:
        """Act it all out and return what the sensors read, with the truth. Once only."""
        skeleton = self.skeleton(sets, reps)
        patches, sensors, clipped = self._sensors(skeleton, slips := self._slips())
        t_us = np.rint(np.arange(len(skeleton.trunk_deg)) * (1e6 / RATE_HZ)).astype(np.int64)
        arrays: Arrays = {"t_us": t_us, "fs": np.asarray(RATE_HZ)}
        for site in self._plan.sites:
            arrays[f"gyr_{site}"], arrays[f"acc_{site}"] = sensors[site].gyr, sensors[site].acc
        arrays["saturated"] = np.asarray(clipped)
        arrays |= self._truth(skeleton, patches, t_us) | slip_truth(slips)
        return recording_from_arrays(f"simulated lifter {self._seed} ({self._lift})", arrays)

    def _sensors(
        self, skeleton: Skeleton, slips: list[Slip]
    ) -> tuple[dict[Site, Floats], dict[Site, SiteCounts], int]:
        # Axes of the patches, counts by site, and how many samples clip.
        patches: dict[Site, Floats] = {}
        counts: dict[Site, SiteCounts] = {}
        clipped = 0
        for k, (site, segment) in enumerate(skeleton.segments.items()):
            patches[site], place = self._skin.patch(
                site, segment, skeleton, self._timeline.impacts, self._rng(_PATCH, k)
            )
            carrier = slipped(patches[site], [slip for slip in slips if slip.site == site])
            if self._plan.fault is Fault.LOOSE and site == self._loose_site():
                carrier = hang_loose(self._channels, self._rng(_PLACE, k, 1))
            axes = carrier @ place_sensor(self._rng(_PLACE, k), site, self._difficulty)
            counts[site], lost = read_sensor(axes, place, self._rng(_CHIP, k), self._difficulty)
            clipped += lost
        if self._plan.fault is Fault.SWAPPED:
            counts["pelvis"], counts["t12"] = counts["t12"], counts["pelvis"]
        return patches, counts, clipped

    def _act(self, sets: int, reps: int) -> None:
        timeline, plan = self._timeline, self._plan
        if plan.calibration:
            calibrate(timeline, self._body, plan)
            fidget(timeline, timeline.uniform((2.0, 4.0)))
        else:
            timeline.hold(STAND_FIRST_S)
        if self._lift == "none":
            everyday(timeline, self._body, plan)
        else:
            for number in range(1, sets + 1):
                if number > 1:
                    rest(timeline, self._body, timeline.uniform(plan.rest_s))
                perform_set(timeline, self._body, self._lift, number, reps, plan)
        timeline.hold(timeline.uniform(END_S))

    def _slips(self) -> list[Slip]:
        # During a rep: that is when a strap gives way.
        rng, reps = self._rng(_SLIP), self._timeline.reps
        wanted = self._plan.slips
        if wanted is None:
            sets = len({rep.set_number for rep in reps})
            by_chance = int(rng.binomial(sets, SLIP_BY_CHANCE))
            wanted = by_chance if self._difficulty.slip else 0
        slips: list[Slip] = []
        for _ in range(wanted if reps else 0):
            rep = reps[int(rng.integers(len(reps)))]
            site: Site = "pelvis" if rng.random() < 0.5 else "t12"
            time_s = rep.start_s + float(rng.uniform(0.2, 0.7)) * (rep.stop_s - rep.start_s)
            tilt_deg = float(rng.uniform(*self._plan.slip_tilt_deg))
            slips.append(draw_slip(rng, site, time_s, tilt_deg))
        return slips

    def _loose_site(self) -> Site:
        return "pelvis" if self._rng(_PLACE, 9).random() < 0.5 else "t12"

    def _truth(
        self,
        skeleton: Skeleton,
        patches: dict[Site, Floats],
        t_us: NDArray[np.int64],
    ) -> Arrays:
        timeline = self._timeline
        phase = timeline.phase(len(t_us)).astype(np.uint8)
        upright = self._upright(phase)
        bones: dict[Site, Floats] = {
            site: segment.rotation for site, segment in skeleton.segments.items()
        }
        truth = angle_truth(
            self._body,
            self._skin,
            angles_from_upright(bones, upright),
            angles_from_upright(patches, upright),
        )
        truth["phase"] = phase
        truth |= rep_truth(timeline.reps, t_us, truth)
        truth["creep_deg_per_rep"] = np.array(timeline.creep_deg_per_rep, np.float32)
        return truth

    def _upright(self, phase: NDArray[np.uint8]) -> slice | None:
        # The samples in which this person stands tall, if there are any to go by.
        if self._plan.fault in (Fault.MOVED, Fault.NOT_UPRIGHT):
            return None
        if not self._plan.calibration:
            return slice(round(0.5 * RATE_HZ), round((STAND_FIRST_S - 0.2) * RATE_HZ))
        tall_samples = np.flatnonzero(phase == 1)
        return slice(int(tall_samples[0]), int(tall_samples[-1]) + 1)


def _sites(plan: Plan) -> tuple[Site, ...]:
    # The truth needs both, worn or not.
    return ("pelvis", "t12", *(site for site in plan.sites if site == "c7"))
