"""A recording through the firmware's core on the VM, without a radio, as fast as it can."""

from __future__ import annotations

import ast
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from dowel_host.recording import SAMPLE_BYTES, TICK_US, Recording, Role
from dowel_host.twin.direct import serve
from dowel_host.twin.flash import Flash
from dowel_host.twin.program import Program
from dowel_host.twin.provision import provision
from dowel_host.twin.standins import ops, replay_ops
from dowel_host.twin.vm import Request

BURST = 32  # samples handed over at once; no result depends on it
_ROLES: tuple[Role, Role] = ("upper", "lower")
_STEP = np.dtype(
    [
        ("tick", "<i4"),
        ("trunk", "<i2"),
        ("pelvis", "<i2"),
        ("flexion", "<i2"),
        ("lateral", "<i2"),
        ("events", "<u2"),
        ("flags", "<u2"),
        ("reserved", "<u2"),
    ]
)
_REP = "<iiiiihhHH"
_UP_BYTES = 8  # of a sample in the filter's output: up x y z and flags, int16
ABSENT = -32768
CUE_ON, CUE_OFF = 8, 16


@dataclass
class ReplayRep:
    """Marks on the recording's clock, us; peaks in centidegrees, None where unknown."""

    start_us: int
    low_us: int
    rise_us: int
    end_us: int
    peak_us: int
    peak_trunk_cdeg: int | None
    peak_flexion_cdeg: int | None
    flags: int


@dataclass
class Replay:
    """What the core made of a recording.

    steps: one row a sample of the reference sensor; ups: unit up by role.
    """

    recording: Recording
    steps: NDArray[Any] = field(default_factory=lambda: np.empty(0, _STEP))
    ups: dict[Role, NDArray[np.float64]] = field(default_factory=dict[Role, NDArray[np.float64]])
    reps: list[ReplayRep] = field(default_factory=list[ReplayRep])
    summary: dict[str, Any] = field(default_factory=dict[str, Any])


class _Feeder:
    """Hands bursts to the VM and takes its reports."""

    def __init__(self, recording: Recording, on_progress: Callable[[float], None] | None) -> None:
        self.replay = Replay(recording)
        self._blocks = {role: recording.block(role) for role in _ROLES if role in recording.roles}
        self._at = 0
        self._order = list(self._blocks)
        self._turn = 0
        self._steps: list[bytes] = []
        self._ups: dict[int, list[bytes]] = {0: [], 1: []}
        self._on_progress = on_progress

    def feed(self, _: Request) -> tuple[int, bytes]:
        """Answer FEED: role << 8 | samples and their block; -1 at the end."""
        samples = self.replay.recording.samples
        if self._at >= samples:
            return -1, b""
        role = self._order[self._turn]
        count = min(BURST, samples - self._at)
        start = self._at * SAMPLE_BYTES
        block = self._blocks[role][start : start + count * SAMPLE_BYTES]
        self._turn += 1
        if self._turn == len(self._order):
            self._turn = 0
            self._at += count
            if self._on_progress and self._at // BURST % 64 == 0:
                self._on_progress(self._at / samples)
        return _ROLES.index(role) << 8 | count, block

    def said(self, request: Request) -> tuple[int, bytes]:
        """Take a report."""
        if request.a == replay_ops.STEPS:
            self._steps.append(request.payload[: request.b])
        elif request.a == replay_ops.UPS:
            self._ups[request.b].append(request.payload[: request.c * _UP_BYTES])
        elif request.a == replay_ops.REP:
            self.replay.reps.append(self._rep(struct.unpack(_REP, request.payload)))
        elif request.a == replay_ops.END:
            self.replay.summary = cast(
                "dict[str, Any]", ast.literal_eval(request.payload.decode())
            )
        return 0, b""

    def _rep(self, fields: tuple[int, ...]) -> ReplayRep:
        *ticks, trunk, flexion, flags, _cues = fields
        start, low, rise, end, peak = (tick * TICK_US for tick in ticks)
        return ReplayRep(start, low, rise, end, peak, _known(trunk), _known(flexion), flags)

    def finish(self) -> Replay:
        """Put the reports together."""
        replay = self.replay
        replay.steps = np.frombuffer(b"".join(self._steps), _STEP)
        for index, role in enumerate(_ROLES):
            if role in self._blocks:
                raw = np.frombuffer(b"".join(self._ups[index]), "<i2").reshape(-1, _UP_BYTES // 2)
                up = raw[:, :3].astype(np.float64)
                replay.ups[role] = up / np.linalg.norm(up, axis=1, keepdims=True)
        return replay


def _known(cdeg: int) -> int | None:
    return None if cdeg == ABSENT else cdeg


def replay(
    recording: Recording,
    *,
    freq_fine: tuple[int, int] = (0, 0),
    on_progress: Callable[[float], None] | None = None,
) -> Replay:
    """Run recording through the core. freq_fine: the chips' trim, upper and lower.

    VmMissingError, VmDiedError.
    """
    flash = Flash(None)
    provision(flash)
    feeder = _Feeder(recording, on_progress)
    roles = sum(1 << index for index, role in enumerate(_ROLES) if role in recording.roles)
    program = Program(
        text=f"import replay_board; replay_board.run({roles}, {freq_fine!r}, True)",
        modules=("replay_board",),
    )
    serve(flash, program, {ops.FEED: feeder.feed, ops.SAY: feeder.said})
    return feeder.finish()
