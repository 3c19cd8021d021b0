"""Our filter on the VM and on CPython: the same integers, and a changed one shows."""

import re
from dataclasses import replace

import numpy as np
import pytest

from bench.errors import DifferenceError, VmProgramError
from bench.micropython import prepare, run
from bench.ours import NOMINAL, check_same, on_cpython, on_vm
from bench.score import rmse_deg
from dowel_host.firmware_files import firmware_files


@pytest.fixture(scope="module")
def one(simulated, trial):
    return trial(simulated(20))


@pytest.fixture(scope="module")
def run_of_one(one):
    return on_vm([one.sensor])[0]


def test_vm_and_cpython_give_the_same_integers(one, run_of_one):
    here = on_cpython(one.sensor)
    check_same("one", here, run_of_one)
    assert rmse_deg(run_of_one.up, one) < 1


def test_another_integer_shows(one, run_of_one):
    out = run_of_one.out.copy()
    out[-1, 0] += 1
    with pytest.raises(DifferenceError, match=r"^one: what the filter gives"):
        check_same("one", replace(run_of_one, out=out), run_of_one)
    with pytest.raises(DifferenceError, match="states"):
        check_same("one", replace(run_of_one, crc=run_of_one.crc ^ 1), run_of_one)


def test_a_gyro_taken_for_one_of_17_5_mdps_shows(one, run_of_one):
    half = one.with_gyr((one.sensor.gyr // 2).astype(np.int16))
    wrong = rmse_deg(on_vm([half.sensor])[0].up, half)
    assert wrong > 10 * rmse_deg(run_of_one.up, one)


def test_a_core_of_17_5_mdps_shows(one, run_of_one, monkeypatch):
    files = firmware_files()
    text, places = re.subn(
        rb"_SCALE_NOMINAL = const\((\d+)\)",
        lambda found: b"_SCALE_NOMINAL = const(%d)" % (int(found[1]) // 2),
        files["dowel/core/tilt.py"],
    )
    assert places == 1
    changed = files | {"dowel/core/tilt.py": text}
    monkeypatch.setattr("bench.micropython.firmware_files", lambda: changed)
    (wrong,) = on_vm([one.sensor])
    assert rmse_deg(wrong.up, one) > 10 * rmse_deg(run_of_one.up, one)
    with pytest.raises(DifferenceError):
        check_same("one", on_cpython(one.sensor), wrong)


def test_a_scale_given_is_used(one, run_of_one):
    slower = one.with_gyr(np.rint(one.sensor.gyr / 1.02).astype(np.int16))
    raw, scaled = on_vm([slower.sensor] * 2, [NOMINAL, (66847, 66847, 66847)])
    whole = rmse_deg(run_of_one.up, one)
    assert rmse_deg(raw.up, one) > 1.5 * whole
    assert rmse_deg(scaled.up, one) < 1.2 * whole


def test_runs_do_not_touch_each_other(one, run_of_one):
    again = on_vm([one.sensor, one.sensor])
    assert [run.crc for run in again] == [run_of_one.crc] * 2


def test_a_program_that_fails_on_the_vm_is_named(tmp_path):
    prepare(tmp_path)
    with pytest.raises(VmProgramError, match=r"^run_tilt\.py failed on the MicroPython VM"):
        run(tmp_path, "run_tilt.py")  # there are no jobs
