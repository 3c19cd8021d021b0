"""What `--device` names, and the way there."""

from dataclasses import dataclass
from pathlib import Path

from dowel_host.errors import DowelError
from dowel_host.links import ble, usb
from dowel_host.links.carrier import Carrier, LinkError


class DeviceError(DowelError):
    """A --device that names no device."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"--device {text}: write ble:, ble:NAME, ble:ADDRESS, usb:, usb:PORT or twin:FILE."
        )
        self.text = text


@dataclass(frozen=True)
class Place:
    """kind: ble, usb or twin; name: empty for the only one there is."""

    kind: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read a --device. DeviceError."""
        kind, colon, name = text.partition(":")
        if not colon or kind not in ("ble", "usb", "twin") or (kind == "twin" and not name):
            raise DeviceError(text)
        return cls(kind, name)

    @property
    def file(self) -> Path:
        """The recording of a twin."""
        return Path(self.name)


async def connect_ble(radio: ble.Radio, name: str) -> Carrier:
    """Find a device over Bluetooth. LinkError: none, no adapter, or several and no name."""
    if name:
        return ble.BleCarrier(await ble.find(radio, name), radio)
    return ble.BleCarrier(await ble.find(radio), radio)


async def only_ble_name(radio: ble.Radio) -> str:
    """Return the address of the only device there is. LinkError: none, or several."""
    found = await ble.scan(radio, timeout_s=3.0)
    if len(found) > 1:
        names = " or ".join(f"ble:{one.name}" for one in found)
        raise LinkError(f"Several devices are near: choose {names}.")
    return found[0].address if found else ""


async def connect_usb(name: str) -> Carrier:
    """Open a serial port. LinkError: none, several and no name, or it cannot be opened."""
    return usb.UsbCarrier(usb.choose_port(name))
