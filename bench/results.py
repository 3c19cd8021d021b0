"""Runs every filter over a folder of recordings."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

import numpy as np

from bench.ours import NOMINAL, SCALE_ONE, Run, check_same, on_cpython, on_vm
from bench.peers import PEERS, run_vqf
from bench.protocol import BIASES_DPS, without_rest
from bench.scale import Learnt, ScaleOfSensor
from bench.score import rmse_deg
from bench.trial import Sensor, Trial

Errors = dict[str, dict[str, float]]


@dataclass
class Results:
    """errors: degrees by trial and filter. cold: by added bias in degrees/s, then the same.

    learnt: gyro scale by site.
    """

    errors: Errors
    cold: dict[float, Errors] = field(default_factory=dict[float, Errors])
    learnt: dict[str, Learnt] = field(default_factory=dict[str, Learnt])


def compare(trials: Sequence[Trial], on_progress: Callable[[str], None]) -> Results:
    """Run our filter on the VM and on CPython, and the peers.

    DifferenceError: the two disagree. VmMissingError, VmProgramError.
    """
    on_progress("our filter on the MicroPython VM")
    ours = on_vm([trial.sensor for trial in trials])
    errors: Errors = {}
    for trial, run, (here, peers) in zip(trials, ours, _parallel(trials), strict=True):
        check_same(trial.name, here, run)
        errors[trial.name] = {
            "dowel": rmse_deg(run.up, trial),
            "dowel_cpython": rmse_deg(here.up, trial),
            **peers,
        }
        on_progress(trial.name)
    return Results(errors)


def _parallel(trials: Sequence[Trial]) -> Iterator[tuple[Run, dict[str, float]]]:
    # Processes that start afresh: forking one that has threads can hang it.
    context = get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        yield from pool.map(_on_this_machine, trials)


def _on_this_machine(trial: Trial) -> tuple[Run, dict[str, float]]:
    sensor = trial.sensor
    peers = {
        name: rmse_deg(filter_(sensor.gyr_rad_s, sensor.acc_m_s2, sensor.rate_hz), trial)
        for name, filter_ in PEERS.items()
    }
    return on_cpython(sensor), peers


def add_scaled(
    results: Results, trials: Sequence[Trial], scales: Mapping[str, ScaleOfSensor]
) -> None:
    """Add our filter and VQF with the gyro's scale corrected.

    scales: what was learnt, by site. A trial that was among the recordings is left out of its own
    learning. A site that is not there stays as it is. VmMissingError, VmProgramError.
    """
    results.learnt = {site: one.learnt() for site, one in scales.items()}
    learnt = [_learnt(trial.sensor, scales) for trial in trials]
    scale = [one.scale if one else NOMINAL for one in learnt]
    runs = on_vm([trial.sensor for trial in trials], scale)
    for trial, own, run in zip(trials, scale, runs, strict=True):
        sensor = trial.sensor
        gyr = sensor.gyr_rad_s * (np.array(own) / SCALE_ONE)
        up = run_vqf(gyr, sensor.acc_m_s2, sensor.rate_hz)
        results.errors[trial.name] |= {
            "dowel_scaled": rmse_deg(run.up, trial),
            "vqf_scaled": rmse_deg(up, trial),
        }


def _learnt(sensor: Sensor, scales: Mapping[str, ScaleOfSensor]) -> Learnt | None:
    one = scales.get(sensor.site)
    return one.learnt(without={sensor.name, sensor.digest}) if one else None


def add_cold(results: Results, trials: Sequence[Trial]) -> None:
    """Add what our filter and VQF make of starts without rest (protocol.py).

    VmMissingError, VmProgramError.
    """
    for bias_dps in BIASES_DPS:
        cut = [one for one in (without_rest(trial, bias_dps) for trial in trials) if one]
        runs = on_vm([trial.sensor for trial in cut])
        results.cold[bias_dps] = {
            trial.name: {
                "dowel": rmse_deg(run.up, trial),
                "vqf": rmse_deg(
                    run_vqf(trial.sensor.gyr_rad_s, trial.sensor.acc_m_s2, trial.sensor.rate_hz),
                    trial,
                ),
            }
            for trial, run in zip(cut, runs, strict=True)
        }


def to_stderr(text: str) -> None:
    """Say how far the bench is."""
    print(f"  {text}", file=sys.stderr, flush=True)
