"""The I2C bus: addresses, NACK, counts."""

import errno

import pytest

from dowel_host.twin.i2c_bus import I2cBus
from dowel_host.twin.lsm6dsox import Lsm6dsox
from dowel_host.twin.source import CallableSource, Scene


class Memory:
    """A device with 256 bytes that notes who came when."""

    def __init__(self) -> None:
        self.bytes = bytearray(range(256))
        self.log: list[tuple[object, ...]] = []

    def write(self, register: int, data: bytes, now_us: int) -> None:
        self.log.append(("write", register, data, now_us))
        self.bytes[register : register + len(data)] = data

    def read(self, register: int, count: int, now_us: int) -> bytes:
        self.log.append(("read", register, count, now_us))
        return bytes(self.bytes[register : register + count])


def test_a_write_begins_with_the_register_s_address() -> None:
    memory = Memory()
    I2cBus({0x6A: memory}).write(0x6A, b"\x10\xaa\xbb", 5)
    assert memory.log == [("write", 0x10, b"\xaa\xbb", 5)]


def test_a_register_is_read_at_its_device_only() -> None:
    lower, upper = Memory(), Memory()
    upper.bytes[0x20:0x22] = b"\x01\x02"
    bus = I2cBus({0x6A: lower, 0x6B: upper})
    assert bus.read_register(0x6B, 0x20, 2, 9) == b"\x01\x02"
    assert upper.log == [("read", 0x20, 2, 9)]
    assert lower.log == []


def test_any_buffer_can_be_written() -> None:
    memory = Memory()
    I2cBus({0x6A: memory}).write(0x6A, memoryview(bytearray(b"\x01\x02")), 0)
    assert memory.log == [("write", 1, b"\x02", 0)]


@pytest.mark.parametrize("data", [b"", b"\x0f", b"\x10\x50"])
def test_an_absent_address_answers_with_enodev(data: bytes) -> None:
    bus = I2cBus({0x6A: Memory()})
    with pytest.raises(OSError, match="0x6B") as caught:
        bus.write(0x6B, data, 0)
    assert caught.value.errno == errno.ENODEV == 19
    with pytest.raises(OSError, match="0x6B"):
        bus.read_register(0x6B, 0x0F, 1, 0)
    assert (bus.transactions, bus.nacks, bus.bytes) == (2, 2, 0)


def test_nothing_but_the_address_asks_who_is_there() -> None:
    memory = Memory()
    bus = I2cBus({0x6A: memory})
    bus.write(0x6A, b"", 0)
    bus.write(0x6A, b"\x0f", 0)
    assert memory.log == []


def test_a_device_can_be_unplugged_and_plugged_in_again() -> None:
    memory = Memory()
    bus = I2cBus({0x6A: memory})
    del bus.devices[0x6A]
    with pytest.raises(OSError, match="0x6A"):
        bus.read_register(0x6A, 0, 1, 0)
    bus.devices[0x6A] = memory
    assert bus.read_register(0x6A, 0, 1, 0) == b"\0"


def test_transactions_and_bytes_are_counted() -> None:
    bus = I2cBus({0x6A: Memory()})
    bus.write(0x6A, b"\x10\x50", 0)
    bus.read_register(0x6A, 0x3A, 2, 0)
    bus.read_register(0x6A, 0x78, 21, 0)
    assert (bus.transactions, bus.nacks) == (3, 0)
    assert bus.bytes == 2 + (1 + 2) + (1 + 21)


def test_two_sensors_share_a_bus() -> None:
    source = CallableSource(lambda _t: (0, 0, 0, 0, 0, 1.0), 1_000_000)
    scene = Scene()
    bus = I2cBus({a: Lsm6dsox(source, scene, who_am_i=0x60 + a & 0xFF) for a in (0x6A, 0x6B)})
    assert bus.read_register(0x6A, 0x0F, 1, 0) == b"\xca"
    assert bus.read_register(0x6B, 0x0F, 1, 0) == b"\xcb"
