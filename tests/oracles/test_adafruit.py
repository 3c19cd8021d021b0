"""Adafruit's driver for the LSM6DSOX, unmodified, on the chip that the firmware drives.

It knows the chip id, reset, rates, full scales, sensitivities and output registers; no FIFO, no
timestamps. Two faults of version 4.6.3, which these tests name where they meet them: I3C_DISABLE
goes to bit 0 of CTRL9_XL instead of bit 1, and 125 dps leaves the last full scale in CTRL2_G.
"""

import importlib
import sys
from collections.abc import Iterator
from math import radians
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dowel_host.twin.i2c_bus import I2cBus
from dowel_host.twin.lsm6dsox import Lsm6dsox, registers
from dowel_host.twin.source import CallableSource, Counts, RecordingSource, Scene, Source

SHIMS = Path(__file__).parent / "shims"
PACKAGES = Path(__file__).parents[2] / ".cache" / "adafruit"
INSTALL = (
    "pip install --no-deps --target .cache/adafruit adafruit-circuitpython-lsm6ds==4.6.3 "
    "adafruit-circuitpython-busdevice adafruit-circuitpython-register"
)
NAMES = ("adafruit_", "busio", "micropython", "circuitpython_typing")

TRANSACTION_US = 500
GYRO_DPS = (30.0, -60.0, 90.0)
ACCEL_G = (0.25, -0.5, 1.0)
STANDARD_GRAVITY = 9.80665


class AdafruitBus:
    """What adafruit_bus_device asks of a bus, in front of ours; notes every write."""

    def __init__(self, bus: I2cBus) -> None:
        self.bus = bus
        self.now_us = 20_000
        self.writes: list[tuple[int, int]] = []

    def sleep(self, seconds: float) -> None:
        self.now_us += round(seconds * 1e6)

    def try_lock(self) -> bool:
        return True

    def unlock(self) -> None:
        pass

    def writeto(
        self, address: int, buffer: Any, *, start: int = 0, end: int | None = None
    ) -> None:
        data = bytes(buffer)[start:end]
        self.now_us += TRANSACTION_US
        self.bus.write(address, data, self.now_us)
        self.writes += [(data[0], value) for value in data[1:]]

    def readfrom_into(
        self, address: int, buffer: Any, *, start: int = 0, end: int | None = None
    ) -> None:
        # Only to see whether anybody answers, after a write of nothing was refused.
        self.now_us += TRANSACTION_US
        self.bus.write(address, b"", self.now_us)

    def writeto_then_readfrom(
        self,
        address: int,
        out_buffer: Any,
        in_buffer: Any,
        *,
        out_start: int = 0,
        out_end: int | None = None,
        in_start: int = 0,
        in_end: int | None = None,
    ) -> None:
        (register,) = bytes(out_buffer)[out_start:out_end]
        end = len(in_buffer) if in_end is None else in_end
        self.now_us += TRANSACTION_US
        in_buffer[in_start:end] = self.bus.read_register(
            address, register, end - in_start, self.now_us
        )


@pytest.fixture(scope="module")
def lsm6ds() -> Iterator[ModuleType]:
    """Give the package adafruit_lsm6ds; afterwards nothing of it or its shims is left."""
    if not (PACKAGES / "adafruit_lsm6ds").is_dir():
        pytest.skip(f"Adafruit's driver is not in {PACKAGES}; to install it: {INSTALL}")
    displaced = {name: sys.modules.pop(name) for name in list(sys.modules) if is_oracle(name)}
    sys.path[:0] = [str(SHIMS), str(PACKAGES)]
    try:
        importlib.import_module("adafruit_lsm6ds.lsm6dsox")
        importlib.import_module("adafruit_lsm6ds.lsm6dso32")
        yield sys.modules["adafruit_lsm6ds"]
    finally:
        del sys.path[:2]
        for name in [name for name in sys.modules if is_oracle(name)]:
            del sys.modules[name]
        sys.modules.update(displaced)


def is_oracle(name: str) -> bool:
    return name.startswith(NAMES)


def motion(_t_us: float) -> Counts:
    return (*GYRO_DPS, *ACCEL_G)


def bus_with(source: Source | None = None, **chip: Any) -> AdafruitBus:
    source = source or CallableSource(motion, 10**9)
    return AdafruitBus(I2cBus({0x6A: Lsm6dsox(source, Scene(start_us=0), **chip)}))


@pytest.fixture
def bus() -> AdafruitBus:
    return bus_with()


@pytest.fixture
def connect(lsm6ds: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give connect(bus): Adafruit's LSM6DSOX on a bus, its sleeps on the bus's clock."""

    def connect(bus: AdafruitBus, driver: str = "LSM6DSOX") -> Any:
        monkeypatch.setattr(lsm6ds, "sleep", bus.sleep)
        module = sys.modules[f"adafruit_lsm6ds.{driver.lower()}"]
        return getattr(module, driver)(bus)

    return connect


def test_the_version_is_the_one_whose_faults_we_know(lsm6ds: ModuleType) -> None:
    assert vars(lsm6ds)["__version__"] == "4.6.3"


def test_the_registers_it_writes_at_the_start(bus: AdafruitBus, connect: Any) -> None:
    connect(bus)
    assert bus.writes == [
        (0x12, 0x05),  # CTRL3_C: software reset, IF_INC
        (0x12, 0x44),  # BDU, IF_INC
        (0x10, 0x40),  # CTRL1_XL: 104 Hz
        (0x11, 0x40),  # CTRL2_G: 104 Hz
        (0x10, 0x48),  # +-4 g
        (0x11, 0x40),  # not 125 dps
        (0x11, 0x40),  # +-250 dps
        (0x18, 0xE1),  # CTRL9_XL: bit 0, meant is bit 1
    ]


def test_its_i3c_disable_misses_the_bit(bus: AdafruitBus, connect: Any) -> None:
    connect(bus)
    ctrl9_xl = bus.bus.read_register(0x6A, 0x18, 1, bus.now_us)[0]
    assert ctrl9_xl & 0x02 == 0


def test_the_settings_it_reads_back_are_those_it_made(
    bus: AdafruitBus, connect: Any, lsm6ds: Any
) -> None:
    sensor = connect(bus)
    assert sensor.accelerometer_data_rate == lsm6ds.Rate.RATE_104_HZ
    assert sensor.gyro_data_rate == lsm6ds.Rate.RATE_104_HZ
    assert sensor._accel_range == lsm6ds.AccelRange.RANGE_4G
    assert sensor._bdu
    assert not sensor._sw_reset


def test_our_settings_mean_to_it_what_they_mean_to_us(
    bus: AdafruitBus, connect: Any, lsm6ds: Any
) -> None:
    sensor = connect(bus)
    bus.writeto(0x6A, bytes([registers.CTRL1_XL, 0x5C]))
    bus.writeto(0x6A, bytes([registers.CTRL2_G, 0x58]))
    assert sensor.accelerometer_data_rate == lsm6ds.Rate.RATE_208_HZ
    assert sensor.gyro_data_rate == lsm6ds.Rate.RATE_208_HZ
    assert sensor._accel_range == lsm6ds.AccelRange.RANGE_8G
    assert sensor._gyro_range == lsm6ds.GyroRange.RANGE_1000_DPS


@pytest.mark.parametrize("name", ["RANGE_2G", "RANGE_4G", "RANGE_8G", "RANGE_16G"])
def test_acceleration_at_every_full_scale(
    bus: AdafruitBus, connect: Any, lsm6ds: Any, name: str
) -> None:
    sensor = connect(bus)
    sensor.accelerometer_range = getattr(lsm6ds.AccelRange, name)
    lsb = lsm6ds.AccelRange.lsb[sensor.accelerometer_range] * STANDARD_GRAVITY / 1000
    expected = [g * STANDARD_GRAVITY for g in ACCEL_G]
    assert sensor.acceleration == pytest.approx(expected, abs=lsb / 2 + 1e-9)


@pytest.mark.parametrize("dps", [125, 250, 500, 1000, 2000])
def test_rotation_at_every_full_scale(
    bus: AdafruitBus, connect: Any, lsm6ds: Any, dps: int
) -> None:
    sensor = connect(bus)
    sensor.gyro_range = getattr(lsm6ds.GyroRange, f"RANGE_{dps}_DPS")
    lsb = radians(lsm6ds.GyroRange.lsb[sensor.gyro_range] / 1000)
    expected = [radians(rate) for rate in GYRO_DPS]
    assert sensor.gyro == pytest.approx(expected, abs=lsb / 2 + 1e-9)


def test_125_dps_holds_beside_the_full_scale_it_leaves_behind(
    bus: AdafruitBus, connect: Any, lsm6ds: Any
) -> None:
    sensor = connect(bus)
    sensor.gyro_range = lsm6ds.GyroRange.RANGE_2000_DPS
    sensor.gyro_range = lsm6ds.GyroRange.RANGE_125_DPS
    assert bus.writes[-1] == (registers.CTRL2_G, 0x4E)
    assert sensor.gyro == pytest.approx([radians(rate) for rate in GYRO_DPS], abs=1e-4)
    sensor.gyro_range = lsm6ds.GyroRange.RANGE_250_DPS
    assert bus.writes[-1] == (registers.CTRL2_G, 0x40)


def test_known_counts_read_as_known_values(connect: Any) -> None:
    # 4096 counts at +-8 g are 8192 at +-4 g; 25 at 1000 dps are 100 at 250 dps.
    still = RecordingSource([0, 10**8], [[25, 0, 0]] * 2, [[4096, 0, 0]] * 2)
    sensor = connect(bus_with(still))
    assert sensor.acceleration[0] == pytest.approx(9.8010, abs=5e-5)
    assert sensor.gyro[0] == pytest.approx(0.015272, abs=5e-7)


def test_temperature(bus: AdafruitBus, connect: Any) -> None:
    sensor = connect(bus)
    assert sensor.temperature == 25.0
    chip = bus.bus.devices[0x6A]
    assert isinstance(chip, Lsm6dsox)
    chip.set_temperature(26.0)
    assert sensor.temperature == 26.0


def test_a_stranger_is_not_taken_for_an_lsm6dsox(connect: Any) -> None:
    with pytest.raises(RuntimeError, match="Failed to find"):
        connect(bus_with(who_am_i=0x6B))


def test_an_absent_chip_is_noticed(connect: Any) -> None:
    with pytest.raises((OSError, ValueError)):
        connect(AdafruitBus(I2cBus()))


def test_an_lsm6dso32_read_as_an_lsm6dsox_shows_half_of_1_g(connect: Any) -> None:
    sensor = connect(bus_with(accel_ug_per_lsb=registers.LSM6DSO32_ACCEL_UG_PER_LSB))
    assert sensor.acceleration[2] == pytest.approx(STANDARD_GRAVITY / 2, abs=0.01)
