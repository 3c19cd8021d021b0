"""Faults planted in the firmware on the board are seen in what the receiver gets."""

import numpy as np
import pytest

from dowel_host.demo import play
from dowel_host.firmware_files import firmware_files
from dowel_host.twin.person import simple_person
from dowel_host.twin.session import TwinSettings

DRIVER = "dowel/drivers/lsm6ds.py"
REGISTERS = "dowel/drivers/lsm6ds_registers.py"
FIFO = "dowel/drivers/fifo.py"
CORE = "dowel/core/tilt.py"
LINK = "dowel/link/link.py"


def complaints(files: dict[str, bytes]) -> list[str]:
    """Run a short person on these files; say what is wrong with what arrived."""
    person = simple_person(6, sets=1, reps=3, rounded=(0, 1))
    result = play(person, TwinSettings(seed=6, files=files))
    wrong = []
    if len(result.reps) != 3:
        wrong.append("reps")
    peaks = [rep.peak_trunk_cdeg or 0 for rep in result.reps]
    truth = [
        100 * float(np.max(person.truth["trunk_deg"][start:end]))
        for start, end in zip(
            np.searchsorted(person.t_us, person.truth["rep_start_us"]),
            np.searchsorted(person.t_us, person.truth["rep_end_us"]),
            strict=True,
        )
    ]
    # A sensor strapped on crooked costs up to 4 degrees as long as only the zero is calibrated.
    if len(peaks) != len(truth) or np.abs(np.subtract(peaks, truth)).max() > 400:
        wrong.append("trunk inclination")
    if [rep.cues for rep in result.reps] != [0, 1, 0]:
        wrong.append("cues")
    if result.stations.losses():
        wrong.append("losses")
    if result.device["bad_words"]:
        wrong.append("FIFO words")
    if result.info.faults:
        wrong.append("faults at start")
    return wrong


def with_fault(path: str, right: str, planted: str) -> dict[str, bytes]:
    files = dict(firmware_files())
    source = files[path].decode()
    assert source.count(right) == 1, f"{right!r} stands {source.count(right)} times in {path}"
    files[path] = source.replace(right, planted).encode()
    return files


def test_the_firmware_as_it_is_gives_no_complaint() -> None:
    assert complaints(dict(firmware_files())) == []


@pytest.mark.parametrize(
    ("path", "right", "planted"),
    [
        pytest.param(
            REGISTERS, "FS_G_1000_DPS = 4 << 1", "FS_G_1000_DPS = 2 << 1", id="17.5-mdps"
        ),
        pytest.param(REGISTERS, "FS_XL_8_G = 3 << 2", "FS_XL_8_G = 2 << 2", id="4-g-for-8-g"),
        pytest.param(FIFO, "to = 16  # byte", "to = 18  # byte", id="gyro-axes-shifted"),
        pytest.param(FIFO, "if kind == 1:", "if kind == 2:", id="gyro-tag-off-by-one"),
        pytest.param(FIFO, "elif kind == 4:", "elif kind == 3:", id="timestamp-tag-off-by-one"),
        pytest.param(CORE, "const(268661)", "const(134330)", id="17.5-mdps-in-the-core"),
        pytest.param(LINK, "                self.reps_sent += 1\n", "", id="uncounted"),
    ],
)
def test_a_planted_fault_is_found(path: str, right: str, planted: str) -> None:
    assert complaints(with_fault(path, right, planted)) != []


def test_a_lost_frame_is_found() -> None:
    lost = with_fault(
        "dowel/sampler.py",
        "self.samples_out += sets\n",
        "self.samples_out += sets\n            sets -= 4000 < self.samples_out < 4003\n",
    )
    assert "losses" in complaints(lost)
