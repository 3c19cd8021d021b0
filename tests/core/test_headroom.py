"""Nothing leaves 32 bits: every viper operation is checked, on input worse than any sensor's."""

import itertools
import linecache
import re
import sys

import numpy as np
import pytest

from core.movement import run
from dowel.core import flags
from dowel.core.angle import atan2_mdeg
from dowel_host.core_loader import checked_core
from vm_core import pack_samples

# Words that hold two int16, and an int16 at the upper end of a word, fill their 32 bits by design:
# only lines like these may. All other arithmetic leaves a fifth.
PACKED = re.compile(r"<< 16|\(m >> 16\)|\bt \^ \(t >> 1\)|x \^ \(x >> 31\)\) > _START_MAX")
LARGEST_ALLOWED = 0.80
SAMPLES = 200
SCALE_CORNERS = ((65536, 65536, 65536), (99999, 99999, 99999), (0, 0, 0))
TRUST = 62  # word of the state: tilt.py
EXTREMES = (-32768, 32767)


def constant():
    for signs in ((0, 0, 0, 0, 0, 0), (1, 1, 1, 1, 1, 1), (0, 1, 0, 1, 0, 1), (1, 0, 0, 0, 1, 1)):
        yield np.tile([EXTREMES[sign] for sign in signs], (SAMPLES, 1))


def alternating():
    for period in (1, 4, 16, 40):
        sign = (np.arange(SAMPLES) // period) % 2
        yield np.stack([np.where(sign ^ (axis & 1), *EXTREMES) for axis in range(6)], 1)


def noise():
    rng = np.random.default_rng(1)
    yield rng.choice(EXTREMES, (SAMPLES, 6))
    yield rng.integers(-32768, 32768, (SAMPLES, 6))


def resonance():
    """A spin about the diagonal at full scale, and an acceleration that turns with it."""
    phase = np.arange(SAMPLES)[:, None] * np.radians(1147 * np.sqrt(3)) / 208
    force = 32767 * np.cos(phase + np.radians((0, 120, 240)))
    yield np.concatenate((np.full((SAMPLES, 3), 32767), np.rint(force)), 1)
    yield np.concatenate((np.full((SAMPLES, 3), -32768), np.rint(force)), 1)


def slow_enough_to_learn():
    """Long spins just below the rate at which no bias is learnt, with and without force."""
    for rates in ((17000, 0, 0), (8500, -8500, 0), (6400, 6400, 6400)):
        for force in (32767, 0):
            motion = np.zeros((800, 6), int)
            motion[:, :3] = rates
            motion[:, 3:] = force * np.sign(np.sin(np.arange(800) / 50))[:, None]
            yield motion


STEPS = {
    "usual": (192,),
    "longest": (216,),
    "shortest": (1,),
    "longest bridged": (7999, 192, 192),
    "too long": (8001, 192, 192, 192),
    "mixed": (1, 216, 300, 192),
}


@pytest.mark.parametrize("steps", STEPS)
def test_the_tilt_filter_stays_within_32_bits(steps):
    with checked_core() as (load, extremes):
        tilt_module = load("tilt")
        settings = zip((0, -128, 127), (1039, 1600, 1039), SCALE_CORNERS, strict=True)
        for trim, trust, scale in settings:
            for motion in itertools.chain(
                constant(), alternating(), noise(), resonance(), slow_enough_to_learn()
            ):
                tilt = tilt_module.Tilt()
                tilt.trim(trim)
                tilt.set_scale(*scale)
                tilt.set_bias(1 << 28, -(1 << 28), 1 << 28, 500)
                tilt.state[TRUST] = trust
                ticks = np.cumsum(np.resize(STEPS[steps], len(motion)))
                shown = motion if steps != "longest bridged" else motion[:30]
                run(tilt, pack_samples(shown[:, :3], shown[:, 3:], ticks[: len(shown)]), 32)
        arithmetic = [
            fraction
            for fraction, module, line in extremes.headroom(1000)
            if not PACKED.search(source_line(module, line))
        ]
        assert max(arithmetic) < LARGEST_ALLOWED


def source_line(module: str, line: int) -> str:
    return linecache.getline(str(sys.modules[module].__file__), line)


def test_the_rest_of_the_core_stays_within_32_bits():
    rng = np.random.default_rng(2)
    with checked_core() as (load, _):
        core = load("pipeline").Pipeline(3)
        for role in range(2):
            core.trim(role, 80)
        calm = np.tile((0, 0, 0, 0, 4098, 0), (260, 1))
        wild = rng.integers(-32768, 32768, (800, 6))
        motion = np.concatenate((calm, wild))
        steps = np.concatenate((np.full(260, 192), rng.choice((190, 192, 194, 500), 800)))
        blocks = pack_samples(motion[:, :3], motion[:, 3:], (1 << 30) - 30000 + np.cumsum(steps))
        zeroed = False
        for at in range(0, len(blocks), 16 * 20):
            part = bytearray(blocks[at : at + 16 * 20])
            for role in range(2):
                core.feed(role, part, len(part) // 16, False)
            while core.step():
                zeroed = zeroed or not core.flags & flags.NO_ZERO
        core.state_crc(0)
        assert zeroed


def test_the_check_finds_what_leaves_32_bits():
    with checked_core() as (load, _):
        angle = load("angle")
        with pytest.raises(OverflowError, match=r"dowel\.core\.angle, line \d+"):
            angle.atan2_mdeg(1 << 20, 1 << 20)
    assert atan2_mdeg(1 << 20, 1 << 20) == 45000  # the usual copy is back
