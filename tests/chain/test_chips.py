"""Absent, wrong and silent chips: said in words, and what can be done is done."""

import asyncio

import pytest

from dowel.link import wire
from dowel_host.client import Client
from dowel_host.demo import play
from dowel_host.links.ble import BleCarrier, find
from dowel_host.links.carrier import LinkError
from dowel_host.messages import Info
from dowel_host.recording import Recording
from dowel_host.twin.clock import run
from dowel_host.twin.lsm6dsox import Lsm6dsox, registers
from dowel_host.twin.person import simple_person
from dowel_host.twin.session import Twin


def meet(change) -> tuple[Info, str]:
    """Power a twin after change(bus, chip maker); return what the device says of itself."""

    async def main() -> tuple[Info, str]:
        async with Twin(simple_person(1, sets=1, reps=1, rounded=None)) as twin:
            change(twin)
            async with Client(BleCarrier(await find(twin.radio), twin.radio)) as client:
                info = await client.info()
                await asyncio.sleep(0.2)
                return info, twin.board.output()

    return run(main(), realtime=False)


def remove(address: int):
    return lambda twin: twin.board.devices.bus.devices.pop(address)


@pytest.mark.parametrize(
    ("address", "which", "bit"),
    [(0x6B, "upper", wire.FAULT_UPPER_MISSING), (0x6A, "lower", wire.FAULT_LOWER_MISSING)],
)
def test_an_absent_chip_means_one_sensor_and_is_named(address: int, which: str, bit: int) -> None:
    info, said = meet(remove(address))
    assert info.faults == bit
    assert (info.upper, info.lower) == (which != "upper", which != "lower")
    assert f"{which} sensor at 0x{address:02X}: does not answer" in said
    assert "check the wiring" in said
    assert f"one sensor, the {which} one is missing" in said


def test_another_chip_is_told_by_its_id() -> None:
    def swap(twin: Twin) -> None:
        source = twin.chips["upper"]._source
        twin.board.devices.bus.devices[0x6B] = Lsm6dsox(source, twin.scene, who_am_i=0x6A)

    info, said = meet(swap)
    assert info.faults == wire.FAULT_UPPER_MISSING
    assert "chip 0x6A is no LSM6DSOX" in said


def test_a_chip_of_twice_the_range_is_found_by_its_1_g() -> None:
    def swap(twin: Twin) -> None:
        source = twin.chips["lower"]._source
        twin.board.devices.bus.devices[0x6A] = Lsm6dsox(
            source, twin.scene, accel_ug_per_lsb=registers.LSM6DSO32_ACCEL_UG_PER_LSB
        )

    info, said = meet(swap)
    assert info.faults == wire.FAULT_LOWER_NOT_1G
    assert info.lower_one_g_mg == pytest.approx(500, abs=30)
    assert "not 1000: it moved, or it is another chip" in said


def test_without_any_chip_the_device_still_says_so() -> None:
    def remove_both(twin: Twin) -> None:
        twin.board.devices.bus.devices.clear()

    info, said = meet(remove_both)
    assert info.faults == wire.FAULT_UPPER_MISSING | wire.FAULT_LOWER_MISSING
    assert "no sensor at 0x6A or 0x6B; check power and wiring" in said


def test_a_demo_without_any_chip_ends_in_one_sentence() -> None:
    person = simple_person(1, sets=1, reps=1, rounded=None)
    nobody = Recording(person.name, person.t_us, person.rate_hz, person.sites, {}, {})
    with pytest.raises(LinkError) as caught:
        play(nobody)
    assert "\n" not in str(caught.value)
    assert "check power and wiring" in str(caught.value)
