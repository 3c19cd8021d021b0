"""What the firmware on a board can touch, and what its heap showed."""

from dataclasses import dataclass, field

from dowel_host.twin.flash import Flash
from dowel_host.twin.i2c_bus import I2cBus
from dowel_host.twin.radio.peripheral import Peripheral
from dowel_host.twin.serial_port import SerialPort

# An ESP32's id is its base MAC address; its Bluetooth address is two higher (ESP-IDF).
BASE_MAC = bytes.fromhex("246f28ab3c4d")
BLUETOOTH_MAC = BASE_MAC[:-1] + bytes((BASE_MAC[-1] + 2,))


@dataclass
class Devices:
    """What the firmware can touch."""

    bus: I2cBus
    flash: Flash
    peripheral: Peripheral
    serial: SerialPort = field(default_factory=SerialPort)
    unique_id: bytes = BASE_MAC
    reset_cause: int = 1
    reports: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])


@dataclass
class Heap:
    """Bytes of the VM's heap.

    Free before main.py; most in use after a collection, ballast and stand-ins taken off.
    """

    free_at_start: int = 0
    peak_used: int = 0
    _base: int = 0

    def started(self, free: int, used: int) -> None:
        """The heap just before main.py."""
        self.free_at_start = free
        self._base = used

    def note(self, used: int) -> None:
        """The heap after a collection."""
        self.peak_used = max(self.peak_used, used - self._base)
