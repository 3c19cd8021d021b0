"""Full scales: the counts a chip gives for a known motion, by ST's table of sensitivities."""

import struct

import pytest

from dowel_host.twin.lsm6dsox import registers
from dowel_host.twin.source import CallableSource, Counts, Scene
from twin.lsm6dsox.rig import Rig, held

# lsm6dsox_reg.c: from_fs2_to_mg 0.061 and so on; from_fs125_to_mdps 4.375 and so on.
ACCEL_MG_PER_LSB = {0x00: 0.061, 0x04: 0.488, 0x08: 0.122, 0x0C: 0.244}
GYRO_MDPS_PER_LSB = {0x00: 8.75, 0x02: 4.375, 0x04: 17.5, 0x08: 35.0, 0x0C: 70.0}


def motion(_t_us: float) -> Counts:
    """Return rates in dps and accelerations in g, another on each axis."""
    return 100.0, -50.0, 20.0, 0.5, -1.0, 0.25


def measured(ctrl1_xl: int, ctrl2_g: int, source: object = None, **chip: object) -> list[int]:
    """Return gx gy gz ax ay az from the output registers."""
    source = source or CallableSource(motion, 1_000_000)
    rig = Rig(source, Scene(start_us=0), **chip)  # pyright: ignore[reportArgumentType]
    rig.write(0x10, 0x50 | ctrl1_xl)
    rig.write(0x11, 0x50 | ctrl2_g)
    rig.wait_us(20_000)
    return list(struct.unpack("<6h", rig.read(0x22, 12)))


@pytest.mark.parametrize(("code", "mg"), ACCEL_MG_PER_LSB.items())
def test_accelerometer_counts_are_those_of_st_table(code: int, mg: float) -> None:
    counts = measured(code, 0x08)[3:]
    assert counts == [round(g * 1000 / mg) for g in (0.5, -1.0, 0.25)]


@pytest.mark.parametrize(("code", "mdps"), GYRO_MDPS_PER_LSB.items())
def test_gyroscope_counts_are_those_of_st_table(code: int, mdps: float) -> None:
    counts = measured(0x0C, code)[:3]
    assert counts == [round(dps * 1000 / mdps) for dps in (100, -50, 20)]


@pytest.mark.parametrize("leftover", [0x00, 0x04, 0x08, 0x0C])
def test_fs_125_wins_over_whatever_full_scale_is_left_beside_it(leftover: int) -> None:
    assert measured(0x0C, leftover | 0x02)[:3] == measured(0x0C, 0x02)[:3]


def test_xl_fs_mode_turns_the_16_g_code_into_2_g() -> None:
    rig = Rig(CallableSource(motion, 1_000_000), Scene(start_us=0))
    rig.write(0x17, 0x02)
    rig.write(0x10, 0x54)
    rig.wait_us(20_000)
    assert struct.unpack("<h", rig.read(0x28, 2))[0] == round(500 / 0.061)


def test_an_lsm6dso32_reads_half_with_the_same_settings() -> None:
    table = registers.LSM6DSO32_ACCEL_UG_PER_LSB
    counts = measured(0x0C, 0x08, accel_ug_per_lsb=table)[3:]
    assert counts == [round(g * 1000 / 0.488) for g in (0.5, -1.0, 0.25)]


@pytest.mark.parametrize(
    ("ctrl1_xl", "ctrl2_g", "factor"), [(0x0C, 0x08, 1), (0x04, 0x0C, 0.5), (0x00, 0x00, 4)]
)
def test_recorded_counts_are_rescaled_and_saturate(
    ctrl1_xl: int, ctrl2_g: int, factor: float
) -> None:
    source = held((100, -8_000, 8_192), (32_767, -32_768, 3))

    def expected(count: int) -> int:
        return max(-32_768, min(32_767, round(count * factor)))

    counts = measured(ctrl1_xl, ctrl2_g, source)
    assert counts == [expected(c) for c in (100, -8_000, 8_192, 32_767, -32_768, 3)]


def test_a_wide_full_scale_still_measures_what_saturates_a_narrow_one() -> None:
    source = CallableSource(lambda _t: (1_800.0, 0, 0, 12.0, 0, 0), 1_000_000)
    assert measured(0x0C, 0x08, source)[::3] == [32_767, 32_767]
    assert measured(0x04, 0x0C, source)[::3] == [round(1_800 / 0.070), round(12_000 / 0.488)]


def test_a_change_of_full_scale_counts_from_the_next_sample_on() -> None:
    rig = Rig(held((400, 0, 0), (0, 800, 0)))
    rig.stream()
    rig.to_sample(2)
    rig.write(0x11, 0x5C)
    rig.write(0x10, 0x54)
    rig.to_sample(4)
    words = rig.words()
    assert [w.xyz[0] for w in words if w.kind == 1] == [400, 400, 400, 200, 200]
    assert [w.xyz[1] for w in words if w.kind == 2] == [800, 800, 800, 400, 400]
