"""A person's intended movement, put together move by move, then rendered at RATE_HZ.

Channels are angles in degrees and lengths in metres, all 0 in upright standing. Moves add up,
so that a nod, a turn or a step can be laid over a lift.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from dowel_host.twin.lifter.rotation import RATE_HZ, Floats

# trunk: inclination. extra: lumbar flexion beyond the neutral curve. knee: flexion.
# lateral, pelvis_lateral: to the right. twist: of the trunk on the pelvis. heading: of all, left.
# free: 1 where the hips do not balance over the feet but go to (hip_x, hip_y) from their place
# in standing (sitting). bench: 1 where the shoulders lie on a bench. load: on the shoulders, of
# body mass. speed: of walking, m/s. rise: of the whole body (stairs, steps, jumps), m. sway: of
# the centre of mass forward over the feet, m. held: 1 where a dowel along the back steadies it.
Channel = Literal[
    "trunk",
    "extra",
    "knee",
    "lateral",
    "pelvis_lateral",
    "twist",
    "heading",
    "free",
    "hip_x",
    "hip_y",
    "hip_z",
    "bench",
    "load",
    "speed",
    "rise",
    "sway",
    "held",
]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
Channels = dict[Channel, Floats]
Aim = Literal["flexion", "excess", "arch", "extra"]


@dataclass(frozen=True)
class Bend:
    """What the lumbar spine is to reach in one rep or calibration movement.

    start_s, rise_s, hold_s, fall_s: when flexion beyond neutral comes, stays and goes, from the
    recording's start. aim and value_deg: the peak that it reaches: of flexion itself; of its
    excess over n + 0.5 (R - n); of its excess below n - 10; or of flexion beyond n.
    """

    start_s: float
    rise_s: float
    hold_s: float
    fall_s: float
    aim: Aim
    value_deg: float


@dataclass(frozen=True)
class PlannedRep:
    """One rep as planned, from a moment in the start posture before to one after it."""

    set_number: int
    label: str
    kind: Literal["full", "half", "bail"]
    start_s: float
    stop_s: float
    forward: bool  # the far end lies forward of the start posture


@dataclass(frozen=True)
class Impact:
    """Something hits the ground: peak acceleration at the sacrum, g."""

    time_s: float
    peak_g: float


@dataclass
class Timeline:
    """Collects moves; `now_s` is the end of what is there already."""

    rng: np.random.Generator
    now_s: float = 0.0
    reps: list[PlannedRep] = field(default_factory=list[PlannedRep])
    bends: list[Bend] = field(default_factory=list[Bend])
    impacts: list[Impact] = field(default_factory=list[Impact])
    phases: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    creep_deg_per_rep: list[float] = field(default_factory=list[float])
    _values: dict[Channel, float] = field(default_factory=dict[Channel, float])
    _moves: list[tuple[Channel, float, float, float, float]] = field(
        default_factory=list[tuple[Channel, float, float, float, float]]
    )
    _curves: list[tuple[Channel, float, Floats]] = field(
        default_factory=list[tuple[Channel, float, Floats]]
    )
    _waves: list[tuple[Channel, float, float, float, float, float]] = field(
        default_factory=list[tuple[Channel, float, float, float, float, float]]
    )

    def uniform(self, limits: tuple[float, float]) -> float:
        """Draw evenly between two limits."""
        return float(self.rng.uniform(*limits))

    def chance(self, probability: float) -> bool:
        """Draw whether something happens."""
        return bool(self.rng.random() < probability)

    def hold(self, duration_s: float) -> None:
        """Keep the posture."""
        self.now_s += duration_s

    def value(self, channel: Channel) -> float:
        """Return where a channel stands now."""
        return self._values.get(channel, 0.0)

    def move(
        self,
        duration_s: float,
        targets: dict[Channel, float],
        *,
        skew: float = 1.0,
        channel_skew: dict[Channel, float] | None = None,
    ) -> None:
        """Go to these values within a time, and be there.

        skew: 1 for an even movement, above 1 for one that begins late (0.85 to 1.6).
        """
        for channel, target in targets.items():
            change = target - self.value(channel)
            bent = (channel_skew or {}).get(channel, skew)
            if change:
                self._moves.append((channel, self.now_s, duration_s, change, bent))
            self._values[channel] = target
        self.now_s += duration_s

    def excursion(
        self,
        times_s: tuple[float, float, float],
        far: dict[Channel, float],
        back: dict[Channel, float],
        *,
        skew_there: dict[Channel, float] | None = None,
    ) -> None:
        """Go to the far values and come back to the others.

        times_s: there, rest at the far end, back. Where the rest is negative the way back
        begins before the far end: submovements add up (T. Flash, E. Henis, J. Cogn. Neurosci.
        3(3), 1991), as in a rep that turns without a stop.
        """
        there_s, rest_s, back_s = times_s
        start_s = self.now_s
        self.move(there_s, far, channel_skew=skew_there)
        self.now_s = start_s + there_s + rest_s
        self.move(back_s, back)

    def overlay(
        self,
        channel: Channel,
        start_s: float,
        rise_s: float,
        hold_s: float,
        fall_s: float,
        amplitude: float,
    ) -> None:
        """Add a move there and back over whatever else happens."""
        self._moves.append((channel, start_s, rise_s, amplitude, 1.0))
        self._moves.append((channel, start_s + rise_s + hold_s, fall_s, -amplitude, 1.0))

    def wave(
        self,
        channel: Channel,
        start_s: float,
        duration_s: float,
        amplitude: float,
        rate_hz: float,
        cycles: float = 0.0,
    ) -> None:
        """Add an oscillation that swells and fades within its first and last 0.6 s.

        cycles: phase at its start, in cycles.
        """
        self._waves.append((channel, start_s, duration_s, amplitude, rate_hz, cycles))

    def curve(self, channel: Channel, start_s: float, values: Floats) -> None:
        """Add values at RATE_HZ, from a time on; they begin and end at 0."""
        self._curves.append((channel, start_s, values))

    def set_phase(self, phase: int) -> None:
        """Begin a phase of the recording now."""
        self.phases.append((self.now_s, phase))

    def render(self) -> tuple[Channels, int]:
        """Return all channels, (n,) each, and n."""
        samples = round(self.now_s * RATE_HZ)
        channels: Channels = {name: np.zeros(samples) for name in CHANNELS}
        steps = {name: np.zeros(samples + 1) for name in channels}
        for channel, start_s, duration_s, change, skew in self._moves:
            first, stop, x = _instants(start_s, duration_s, samples)
            channels[channel][first:stop] += change * minimum_jerk(x**skew)
            steps[channel][min(stop, samples)] += change
        for channel, start_s, duration_s, amplitude, rate_hz, cycles in self._waves:
            first, stop, x = _instants(start_s, duration_s, samples)
            t_s = x * duration_s
            swell = minimum_jerk(np.clip(np.minimum(t_s, duration_s - t_s) / 0.6, 0.0, 1.0))
            channels[channel][first:stop] += (
                amplitude * swell * np.sin(2.0 * np.pi * (rate_hz * t_s + cycles))
            )
        for channel, start_s, values in self._curves:
            first = round(start_s * RATE_HZ)
            part = values[: max(0, samples - first)]
            channels[channel][first : first + len(part)] += part
        for name in CHANNELS:
            channels[name] += np.cumsum(steps[name][:-1])
        return channels, samples

    def phase(self, samples: int) -> Floats:
        """Return the phase (n,) of each sample."""
        phase = np.zeros(samples)
        for start_s, number in self.phases:
            phase[round(start_s * RATE_HZ) :] = number
        return phase


def _instants(start_s: float, duration_s: float, samples: int) -> tuple[int, int, Floats]:
    # The samples within a time, and how far they are into it, 0 to 1.
    first = min(samples, max(0, int(np.ceil(start_s * RATE_HZ))))
    stop = min(samples, max(first, int(np.ceil((start_s + duration_s) * RATE_HZ))))
    x = (np.arange(first, stop) / RATE_HZ - start_s) / max(duration_s, 1e-9)
    return first, stop, np.clip(x, 0.0, 1.0)


def minimum_jerk(x: Floats) -> Floats:
    """Return 10 x^3 - 15 x^4 + 6 x^5 for x from 0 to 1.

    How people move from rest to rest: T. Flash, N. Hogan, J. Neurosci. 5(7), 1985.
    """
    return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)
