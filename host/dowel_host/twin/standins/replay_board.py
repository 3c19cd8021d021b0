"""Runs the firmware's core on samples that the host hands over, as fast as it can."""

import struct

import ops
import rpc
from replay_ops import END, REP, STEP_BYTES, STEPS, UPS

_BURST = 32


def run(roles, freq_fine, step_reports):
    """Feed until the host says end. roles: bits; freq_fine: INTERNAL_FREQ_FINE by role."""
    from dowel.core import pipeline

    core = pipeline.Pipeline(roles)
    for role in range(2):
        core.trim(role, freq_fine[role])
    block = bytearray(_BURST * 16)
    steps = bytearray(_BURST * 4 * STEP_BYTES)
    while True:
        burst = rpc.call(ops.FEED, 0, 0, 0, None, block)
        if burst < 0:
            break
        role = burst >> 8
        count = burst & 0xFF
        # The chip's clock is the board's: 25 us a tick.
        tick = block[12] | block[13] << 8 | block[14] << 16 | (block[15] & 0x3F) << 24
        core.timebase[role].anchor(tick, (tick * 25) & 0x3FFFFFFF)
        core.feed(role, block, count, False)
        if step_reports:
            rpc.call(ops.SAY, UPS, role, count, bytes(core.tilt[role].out))
        _step(core, pipeline, steps, step_reports)
    rpc.call(ops.SAY, END, 0, 0, repr(_summary(core, roles)).encode())


def _step(core, pipeline, steps, step_reports):
    at = 0
    while True:
        events = core.step()
        if not events:
            break
        if events & pipeline.REP:
            rep = core.rep
            rpc.call(
                ops.SAY,
                REP,
                0,
                0,
                struct.pack(
                    "<iiiiihhHH",
                    rep.start_tick,
                    rep.low_tick,
                    rep.rise_tick,
                    rep.end_tick,
                    rep.peak_tick,
                    rep.peak_trunk_cdeg,
                    rep.peak_flexion_cdeg,
                    rep.flags,
                    rep.cues,
                ),
            )
        struct.pack_into(
            "<ihhhhHHH",
            steps,
            at,
            core.tick,
            core.trunk_cdeg,
            core.pelvis_cdeg,
            core.flexion_cdeg,
            core.lateral_cdeg,
            events,
            core.flags,
            0,
        )
        at += STEP_BYTES
        if at == len(steps):
            rpc.call(ops.SAY, STEPS, at, 0, steps)
            at = 0
    if at and step_reports:
        rpc.call(ops.SAY, STEPS, at, 0, steps)


def _summary(core, roles):
    return {
        "samples": list(core.samples_in),
        "gaps": core.gaps,
        "saturated": core.saturated,
        "bias_udps": [
            [core.tilt[role].bias_udps(axis) for axis in range(3)] if roles & 1 << role else None
            for role in range(2)
        ],
    }
