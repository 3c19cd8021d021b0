"""One source, three machines: CPython, MicroPython bytecode and viper agree after every burst."""

import zlib

import numpy as np
import pytest

from core.movement import random_movement
from dowel.core import pipeline
from dowel.core.tilt import Tilt
from vm_core import SAMPLE_BYTES, VARIANTS, burst_sizes, pack_samples, recorded_blocks

# Writes four bytes a burst for each NAME on the command line: a CRC chained over the whole state
# and the output so far, so that the first burst that differs is known.
TILT_PROGRAM = """
import sys
from binascii import crc32
from dowel.core.tilt import Tilt

block = bytearray(16 * 32)
for name in sys.argv[1:]:
    tilt = Tilt()
    crc = 0
    with open(name + ".samples", "rb") as samples, open(name + ".sizes", "rb") as sizes:
        with open(name + ".crc", "wb") as out:
            for n in sizes.read():
                samples.readinto(memoryview(block)[: 16 * n])
                tilt.burst(block, n)
                crc = crc32(memoryview(tilt.out)[: 4 * n], crc32(tilt.state, crc))
                out.write(crc.to_bytes(4, "little"))
"""

# The same for a pipeline of two sensors in bursts of their own, with the values of every step.
PIPELINE_PROGRAM = """
import sys
from dowel.core.pipeline import Pipeline

name = sys.argv[1]
core = Pipeline(int(sys.argv[2]))
for role in range(2):
    core.trim(role, int(sys.argv[3 + role]))
files = [open(name + end, "rb") for end in (".upper", ".lower")]
block = bytearray(16 * 32)
crc = 0
with open(name + ".sizes", "rb") as sizes, open(name + ".crc", "wb") as out:
    turn = 0
    for n in sizes.read():
        got = files[turn].readinto(memoryview(block)[: 16 * n]) // 16
        core.feed(turn, block, got, False)
        turn = 1 - turn
        while True:
            events = core.step()
            if not events:
                break
            for value in (events, core.tick, core.us, core.flags, core.trunk_cdeg,
                          core.pelvis_cdeg, core.flexion_cdeg, core.lateral_cdeg):
                crc = (crc * 31 + value) & 0x3FFFFFFF
        crc = core.state_crc(crc)
        out.write(crc.to_bytes(4, "little"))
print(core.steps_out, core.gaps, core.saturated)
"""


def tilt_crcs(block: bytes, sizes: bytes) -> np.ndarray:
    """The CRCs of TILT_PROGRAM, here."""
    tilt = Tilt()
    crc, crcs, at = 0, [], 0
    for n in sizes:
        tilt.burst(bytearray(block[at : at + SAMPLE_BYTES * n]), n)
        at += SAMPLE_BYTES * n
        crc = zlib.crc32(memoryview(tilt.out)[: 4 * n], zlib.crc32(tilt.state, crc))
        crcs.append(crc)
    return np.array(crcs, "<u4")


def pipeline_crcs(upper: bytes, lower: bytes, sizes: bytes, roles: int, trims) -> np.ndarray:
    """The CRCs of PIPELINE_PROGRAM, here."""
    core = pipeline.Pipeline(roles)
    for role in range(2):
        core.trim(role, trims[role])
    rest = [upper, lower]
    crc, crcs, turn = 0, [], 0
    for n in sizes:
        part, rest[turn] = rest[turn][: 16 * n], rest[turn][16 * n :]
        core.feed(turn, bytearray(part), len(part) // 16, False)
        turn = 1 - turn
        while events := core.step():
            for value in (
                events,
                core.tick,
                core.us,
                core.flags,
                core.trunk_cdeg,
                core.pelvis_cdeg,
                core.flexion_cdeg,
                core.lateral_cdeg,
            ):
                crc = (crc * 31 + value) & 0x3FFFFFFF
        crc = core.state_crc(crc)
        crcs.append(crc)
    return np.array(crcs, "<u4")


def wild(seed: int, samples: int) -> bytes:
    """Full-scale noise with gaps, jumps back and wraps of the counter: what no sensor gives."""
    rng = np.random.default_rng(seed)
    motion = rng.integers(-32768, 32768, (samples, 6))
    motion[rng.random(samples) < 0.1] = rng.choice((-32768, 32767), 6)
    steps = np.full(samples, 192)
    odd = rng.random(samples) < 0.05
    steps[odd] = rng.choice((1, 100, 216, 217, 300, 7999, 8001, 100000, -5), odd.sum())
    ticks = (1 << 32) - 200000 + np.cumsum(steps)
    return pack_samples(motion[:, :3], motion[:, 3:], ticks)


def full_scale(seed: int, samples: int) -> bytes:
    """Every word as likely as any other, 4.8 ms apart."""
    motion = np.random.default_rng(seed).integers(-32768, 32768, (samples, 6))
    return pack_samples(motion[:, :3], motion[:, 3:], np.arange(samples) * 192)


def first_difference(ours: np.ndarray, theirs: np.ndarray) -> str:
    if len(ours) != len(theirs):
        return f"{len(ours)} bursts, {len(theirs)} there"
    return f"burst {int(np.flatnonzero(ours != theirs)[0])}"


def assert_tilt_agrees(vm, name: str, block: bytes, seed: int) -> None:
    sizes = burst_sizes(len(block) // SAMPLE_BYTES, seed)
    (vm.folder / f"{name}.samples").write_bytes(block)
    (vm.folder / f"{name}.sizes").write_bytes(sizes)
    vm.run(TILT_PROGRAM, name)
    theirs = np.frombuffer((vm.folder / f"{name}.crc").read_bytes(), "<u4")
    ours = tilt_crcs(block, sizes)
    same = len(ours) == len(theirs) and (ours == theirs).all()
    assert same, f"{name} differs from {first_difference(ours, theirs)} on"


@pytest.fixture(params=VARIANTS)
def vm(request):
    return request.getfixturevalue(f"{request.param}_vm")


@pytest.mark.parametrize("seed", range(3))
def test_tilt_on_known_movement(vm, seed):
    assert_tilt_agrees(vm, f"movement_{seed}", random_movement(seed, 3000).block(), seed)


@pytest.mark.parametrize("seed", range(2))
def test_tilt_on_what_no_sensor_gives(vm, seed):
    assert_tilt_agrees(vm, f"wild_{seed}", wild(seed, 8000), seed)


def test_tilt_on_a_hundred_thousand_samples_of_noise(vm):
    assert_tilt_agrees(vm, "noise", full_scale(5, 100_000), 5)


@pytest.mark.soak
def test_tilt_on_a_million_samples_of_noise(vm):
    for seed in range(100, 110):
        assert_tilt_agrees(vm, f"noise_{seed}", full_scale(seed, 100_000), seed)


def test_tilt_on_every_recording(vm, recordings_dir):
    for seed, path in enumerate(sorted(recordings_dir.glob("*.npz"))):
        for site, block in recorded_blocks(path).items():
            assert_tilt_agrees(vm, f"{path.stem}_{site}", block, seed)


@pytest.mark.parametrize(("roles", "trims"), [(3, (0, 0)), (3, (-20, 40)), (1, (0, 0))])
def test_the_whole_core_on_a_person(vm, recordings_dir, roles, trims):
    blocks = recorded_blocks(recordings_dir / "spine_qmt_walk_sit.npz")
    assert_core_agrees(vm, "person", blocks["t12"], blocks["pelvis"], roles, trims)


@pytest.mark.parametrize("roles", [1, 2, 3])
def test_the_whole_core_on_what_no_sensor_gives(vm, roles):
    assert_core_agrees(vm, "wild", wild(7, 3000), wild(8, 3000), roles, (80, -80))


def assert_core_agrees(vm, name: str, upper: bytes, lower: bytes, roles: int, trims) -> None:
    sizes = burst_sizes(len(upper + lower) // SAMPLE_BYTES, seed=11) + bytes([32] * 8)
    for end, content in ((".upper", upper), (".lower", lower), (".sizes", sizes)):
        (vm.folder / (name + end)).write_bytes(content)
    vm.run(PIPELINE_PROGRAM, name, roles, *trims)
    theirs = np.frombuffer((vm.folder / f"{name}.crc").read_bytes(), "<u4")
    ours = pipeline_crcs(upper, lower, sizes, roles, trims)
    same = len(ours) == len(theirs) and (ours == theirs).all()
    assert same, f"{name} differs from {first_difference(ours, theirs)} on"
