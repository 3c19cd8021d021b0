"""The firmware's own filter over trials: on the MicroPython VM, as on the board, and on CPython.

Both run the same file; what they give has to be the same integers.
"""

import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.errors import DifferenceError
from bench.micropython import prepare, run
from bench.trial import Floats, Sensor
from dowel_host import core_loader
from dowel_host.recording import SAMPLE_BYTES

# Gyro scale as the core takes it: 2^-16 of what the data sheet says.
SCALE_ONE = 65536
NOMINAL = (SCALE_ONE, SCALE_ONE, SCALE_ONE)
Scale = tuple[int, int, int]

_OUT_WORDS = 4  # of a sample: up x y z, flags
_BURST = 8


@dataclass(frozen=True, eq=False)
class Run:
    """out: int16 (n, 4), up x y z and flags; crc: over the state after every burst."""

    out: NDArray[np.int16]
    crc: int

    @property
    def up(self) -> Floats:
        """Unit up (n, 3)."""
        up = self.out[:, :3].astype(np.float64)
        return up / np.linalg.norm(up, axis=1, keepdims=True)


def on_vm(sensors: Sequence[Sensor], scales: Sequence[Scale] | None = None) -> list[Run]:
    """Run sensors on the VM, each from power-on; scales: of each, nominal by default.

    VmMissingError, VmProgramError.
    """
    with tempfile.TemporaryDirectory(prefix="dowel-bench-") as name:
        folder = Path(name)
        prepare(folder)
        jobs: list[str] = []
        scales = scales or [NOMINAL] * len(sensors)
        for i, (sensor, scale) in enumerate(zip(sensors, scales, strict=True)):
            (folder / f"{i}.samples").write_bytes(sensor.block())
            jobs.append(" ".join(map(str, (i, *scale))))
        (folder / "jobs").write_text("\n".join(jobs) + "\n")
        crcs = {int(i): int(crc) for i, crc in run(folder, "run_tilt.py")}
        return [
            Run(_out((folder / f"{i}.out").read_bytes()), crcs[i]) for i in range(len(sensors))
        ]


def on_cpython(sensor: Sensor) -> Run:
    """Run a sensor here."""
    core_loader.install()
    tilt: Any = import_module("dowel.core.tilt").Tilt()
    block = sensor.block()
    out: list[bytes] = []
    crc = 0
    for at in range(0, len(block), SAMPLE_BYTES * _BURST):
        burst = block[at : at + SAMPLE_BYTES * _BURST]
        n = len(burst) // SAMPLE_BYTES
        tilt.burst(burst, n)
        out.append(bytes(memoryview(tilt.out)[: _OUT_WORDS * n]))
        crc = zlib.crc32(tilt.state, crc)
    return Run(_out(b"".join(out)), crc)


def check_same(name: str, here: Run, on_the_vm: Run) -> None:
    """Raise DifferenceError unless two runs gave the same integers all the way."""
    if not np.array_equal(here.out, on_the_vm.out):
        raise DifferenceError(name, "what the filter gives")
    if here.crc != on_the_vm.crc:
        raise DifferenceError(name, "the filter's states")


def _out(raw: bytes) -> NDArray[np.int16]:
    return np.frombuffer(raw, "<i2").reshape(-1, _OUT_WORDS)
