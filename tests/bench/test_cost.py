"""What the filter costs: counted instructions, allocated bytes, bytes of code."""

import pytest

from bench.cost import ARCHITECTURES, BURSTS, code_bytes, costs, movement, needed_by
from bench.counting import count_between_marks, find_counter, guest_command
from bench.errors import CounterError
from bench.micropython import prepare
from dowel_host.firmware_files import firmware_files

# Of a sample and sensor in bursts of 4 and of 16, on 32-bit x86, call included.
BOUNDS = {4: 3000, 16: 2000}

LOOP = """
import sys
def turn(n):
    for i in range(n):
        pass
turn(1)
for n in (0, 100, 1000, 2000):
    sys.stdout.write("\\n")
    turn(n)
sys.stdout.write("\\n")
"""


@pytest.fixture(scope="module")
def measured(counter):
    return costs()


def test_the_filter_stays_within_its_instructions(measured, report):
    found = measured[0]["dowel"].instructions
    for burst, bound in BOUNDS.items():
        report(f"tilt, x86 instructions a sample, bursts of {burst}", f"{found[burst]:,.0f}")
        assert 300 < found[burst] <= bound
    assert found[16] < found[4]


def test_the_filter_allocates_nothing_and_madgwick_does(measured):
    assert measured[0]["dowel"].heap_bytes == 0
    assert measured[0]["madgwick"].heap_bytes > 500


def test_madgwick_costs_many_times_as_much(measured, report):
    ours, madgwick = measured[0]["dowel"], measured[0]["madgwick"]
    report("time of a plain Madgwick over ours", f"{ours.time_ratio:.0f}")
    assert madgwick.time_ratio == 1.0
    assert ours.time_ratio > 20
    assert madgwick.instructions[4] == madgwick.instructions[16] > 30 * ours.instructions[16]


def test_nothing_was_missing(measured):
    assert measured[1] == []


def test_counts_are_exact(counter, tmp_path):
    prepare(tmp_path)
    (tmp_path / "loop.py").write_text(LOOP)
    empty, *turns = counts = count_between_marks(tmp_path, "loop.py")
    assert (turns[1] - turns[0]) / 900 == pytest.approx((turns[2] - turns[1]) / 1000, rel=0.01)
    assert 50 < (turns[2] - turns[1]) / 1000 < 1000
    assert 0 < empty < turns[0]
    assert count_between_marks(tmp_path, "loop.py") == counts


def test_code_is_that_of_the_filter_and_what_it_imports():
    firmware = firmware_files()
    needed = needed_by("dowel/core/tilt.py", firmware)
    assert {"dowel/core/tilt.py", "dowel/core/strapdown.py"} <= set(needed)
    assert not {"dowel/core/pipeline.py", "dowel/app.py"} & set(needed)
    assert all(path.startswith("dowel/core/") for path in needed)
    sizes = code_bytes({path: firmware[path] for path in needed})
    assert set(sizes) == set(ARCHITECTURES)
    assert all(3000 < size < 30000 for size in sizes.values())


def test_what_is_imported_is_found_at_any_depth():
    firmware = {
        "dowel/core/a.py": b"from dowel.core import b\nfrom array import array\n",
        "dowel/core/b.py": b"from dowel.core.c import x\n",
        "dowel/core/c.py": b"from dowel.core.a import y\n",
        "dowel/core/d.py": b"",
    }
    assert needed_by("dowel/core/a.py", firmware) == [
        "dowel/core/a.py",
        "dowel/core/b.py",
        "dowel/core/c.py",
    ]


def test_movement_is_whole_bursts_without_clipping():
    samples = len(movement()) // 16
    assert all(samples % burst == 0 for burst in BURSTS)
    assert b"\xff\x7f" not in movement()


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(13), "is no 32-bit program"),
        (b"#!/bin/sh\nexec somewhere\n", "is a script of unknown kind"),
    ],
)
def test_a_vm_that_cannot_be_counted(tmp_path, head, why):
    vm = tmp_path / "vm"
    vm.write_bytes(head)
    with pytest.raises(CounterError, match=why):
        guest_command(vm)


def test_a_32_bit_program_is_run_itself(tmp_path):
    vm = tmp_path / "vm"
    vm.write_bytes(b"\x7fELF\x01\x01\x01" + bytes(13))
    assert guest_command(vm) == [vm]


def test_without_a_counter_the_rest_is_measured(monkeypatch):
    def none():
        raise CounterError("there is none")

    monkeypatch.setattr("bench.counting.find_counter", none)
    found, (sentence,) = costs()
    assert found["dowel"].instructions is None
    assert found["dowel"].heap_bytes == 0
    assert sentence == "Instructions were not counted: there is none."


def test_the_counter_is_found_once_for_all(counter):
    assert find_counter() == counter
