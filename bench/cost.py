"""What the filter costs a processor, beside a plain Madgwick on the same VM.

Instructions are counted, not timed; the machine's own time is given as a ratio beside them.
"""

import ast
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.counting import count_between_marks
from bench.errors import CounterError
from bench.micropython import PROGRAMS, prepare, run
from bench.trial import RATE_HZ
from dowel_host.firmware_files import firmware_files
from dowel_host.flasher.build import build

BURSTS: tuple[int, ...] = (4, 16)
# Families of chips: ESP32 and S3; C3 and C6.
ARCHITECTURES = ("xtensawin", "rv32imc")

# About what an ESP32 has free: what allocates pays for its collections.
_HEAP = "128k"
_MOVEMENT_SAMPLES = 4096
_MADGWICK_SAMPLES = 512  # as in vm/cost_madgwick.py
_TICKS = 192
_FILTER = "dowel/core/tilt.py"


@dataclass(frozen=True)
class Cost:
    """Of one filter, per sample and sensor; garbage collection included, the loop around not.

    instructions: by samples a burst, call included; None where they could not be counted.
    heap_bytes: allocated. ns: on this machine, in bursts of 16. time_ratio: a plain Madgwick's
    time over this one's. code_bytes: of the compiled files, by architecture.
    """

    instructions: dict[int, float] | None
    heap_bytes: float
    ns: float
    time_ratio: float
    code_bytes: dict[str, int]


@dataclass(frozen=True)
class _Program:
    """A program that measures a filter over so many samples."""

    folder: Path
    name: str
    samples: int
    arguments: tuple[str, ...] = ()

    def instructions(self) -> float:
        without, with_ = count_between_marks(
            self.folder, self.name, *self.arguments, "count", heap=_HEAP
        )[:2]
        return (with_ - without) / self.samples

    def heap_bytes(self) -> float:
        return int(run(self.folder, self.name, *self.arguments, "heap")[-1][0]) / self.samples

    def ns(self) -> float:
        said = run(self.folder, self.name, *self.arguments, "time", heap=_HEAP)
        return int(said[-1][0]) * 1000 / self.samples


def costs() -> tuple[dict[str, Cost], list[str]]:
    """Return the cost of each filter, and a sentence for what could not be measured.

    VmMissingError, VmProgramError.
    """
    missing: list[str] = []
    firmware = firmware_files()
    code = {path: firmware[path] for path in needed_by(_FILTER, firmware)}
    madgwick_code = {"madgwick.py": (PROGRAMS / "madgwick.py").read_bytes()}
    with tempfile.TemporaryDirectory(prefix="dowel-bench-") as name:
        folder = Path(name)
        prepare(folder)
        (folder / "movement").write_bytes(movement())
        ours = {
            burst: _Program(folder, "cost_tilt.py", _MOVEMENT_SAMPLES, (str(burst),))
            for burst in BURSTS
        }
        madgwick = _Program(folder, "cost_madgwick.py", _MADGWICK_SAMPLES)
        counted = counted_madgwick = None
        try:
            counted = {burst: program.instructions() for burst, program in ours.items()}
            counted_madgwick = dict.fromkeys(BURSTS, madgwick.instructions())
        except CounterError as error:
            missing.append(str(error))
        heap = max(program.heap_bytes() for program in ours.values())
        ns, madgwick_ns = ours[BURSTS[-1]].ns(), madgwick.ns()
        return {
            "dowel": Cost(counted, heap, ns, madgwick_ns / ns, code_bytes(code)),
            "madgwick": Cost(
                counted_madgwick,
                madgwick.heap_bytes(),
                madgwick_ns,
                1.0,
                code_bytes(madgwick_code),
            ),
        }, missing


def needed_by(path: str, firmware: dict[str, bytes]) -> list[str]:
    """Return a firmware file and the files it imports, at any depth, sorted."""
    found: set[str] = set()
    waiting = [path]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imported(firmware[path], firmware))
    return sorted(found)


def _imported(source: bytes, firmware: Iterable[str]) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            module = str(node.module)
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    paths = [name.replace(".", "/") + ".py" for name in names]
    return [path for path in paths if path in firmware]


def code_bytes(sources: dict[str, bytes]) -> dict[str, int]:
    """Return the size of sources as a board holds them, by architecture."""
    return {
        architecture: sum(map(len, build(sources, architecture).values()))
        for architecture in ARCHITECTURES
    }


def movement() -> bytes:
    """Samples of a sensor that turns and shakes about all axes, as one block."""
    rng = np.random.default_rng(1)
    t_s = np.arange(_MOVEMENT_SAMPLES)[:, None] / RATE_HZ
    block = np.empty((_MOVEMENT_SAMPLES, 8), "<i2")
    block[:, 0:3] = 4000 * np.sin(t_s * (2.1, 3.3, 4.7)) + rng.normal(0, 3, (len(t_s), 3))
    block[:, 3:6] = 2400 * np.sin(t_s * (1.3, 1.9, 2.9) + 1) + rng.normal(0, 9, (len(t_s), 3))
    ticks = np.arange(1, len(t_s) + 1, dtype="<u4") * _TICKS
    block[:, 6:8] = ticks.view("<i2").reshape(-1, 2)
    return block.tobytes()
