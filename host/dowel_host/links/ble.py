"""Devices over Bluetooth, on bleak."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakError

from dowel.link import wire
from dowel_host.links.carrier import LinkError

SCAN_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 10.0
BATTERY_LEVEL_UUID = "00002a19-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True)
class Radio:
    """Which Bluetooth adapter to use: bleak's backends; None is the computer's own."""

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None

    def scanner_options(self) -> dict[str, Any]:
        """Arguments for bleak's scanner."""
        return {} if self.scanner is None else {"backend": self.scanner}

    def client_options(self) -> dict[str, Any]:
        """Arguments for bleak's client."""
        return {} if self.client is None else {"backend": self.client}


@dataclass(frozen=True)
class Found:
    """A device of ours that advertises."""

    device: BLEDevice
    name: str
    address: str
    rssi_dbm: int


def _is_ours(advertisement: AdvertisementData) -> bool:
    return wire.SERVICE_UUID in [uuid.lower() for uuid in advertisement.service_uuids]


def no_bluetooth(error: Exception) -> LinkError:
    """Say why Bluetooth cannot be used on this computer."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        why = {
            "POWERED_OFF": "it is switched off; switch it on",
            "DENIED_BY_USER": "this program may not use it; allow it in the system's settings",
            "DENIED_BY_SYSTEM": "this program may not use it; allow it in the system's settings",
        }.get(error.reason.name, "this computer has no adapter; plug one in")
    elif isinstance(error, PermissionError):
        why = "this user may not; run it as a user of the group bluetooth"
    else:
        why = f"{str(error).rstrip('.') or type(error).__name__}; is the system's service running?"
    return LinkError(f"Bluetooth cannot be used: {why}, or reach the device by --device usb:.")


async def scan(radio: Radio, timeout_s: float = SCAN_TIMEOUT_S) -> list[Found]:
    """Return the devices of ours that advertise, the strongest first. LinkError: no adapter."""
    try:
        seen = await BleakScanner.discover(
            timeout=timeout_s, return_adv=True, **radio.scanner_options()
        )
    except (BleakError, OSError) as error:
        raise no_bluetooth(error) from error
    found = [
        Found(device, advertisement.local_name or device.name or "?", device.address, rssi)
        for device, advertisement in seen.values()
        if _is_ours(advertisement)
        for rssi in (advertisement.rssi,)
    ]
    return sorted(found, key=lambda one: -one.rssi_dbm)


async def find(
    radio: Radio, name: str | None = None, timeout_s: float = SCAN_TIMEOUT_S
) -> BLEDevice:
    """Return the first device of ours, or the one of that name or address. LinkError."""

    def wanted(device: BLEDevice, advertisement: AdvertisementData) -> bool:
        names = (device.name, advertisement.local_name, device.address)
        known = [text.casefold() for text in names if text]
        return _is_ours(advertisement) and (name is None or name.casefold() in known)

    try:
        device = await BleakScanner.find_device_by_filter(
            wanted, timeout=timeout_s, **radio.scanner_options()
        )
    except (BleakError, OSError) as error:
        raise no_bluetooth(error) from error
    if device is None:
        which = f"named {name} " if name else "of ours "
        raise LinkError(
            f"No device {which}in {timeout_s:.0f} s; is it switched on, near, and free of others?"
        )
    return device


async def read_battery(radio: Radio, device: BLEDevice) -> int | None:
    """Connect for a moment and read the charge, %; None where that fails."""
    with suppress(BleakError, TimeoutError, OSError):
        async with BleakClient(
            device, timeout=CONNECT_TIMEOUT_S, **radio.client_options()
        ) as client:
            return (await client.read_gatt_char(BATTERY_LEVEL_UUID))[0]
    return None


class BleCarrier:
    """A device over Bluetooth."""

    def __init__(self, device: BLEDevice, radio: Radio) -> None:
        self._device = device
        self._radio = radio
        self._client: BleakClient | None = None

    @property
    def name(self) -> str:
        """As it advertises."""
        return self._device.name or self._device.address

    async def open(self, on_message: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        """Connect and subscribe. LinkError."""
        client = BleakClient(
            self._device,
            disconnected_callback=lambda _: on_lost(),
            # Discovery takes two connection intervals a question: nothing but our service.
            services=[wire.SERVICE_UUID],
            timeout=CONNECT_TIMEOUT_S,
            **self._radio.client_options(),
        )
        try:
            await client.connect()
            # Subscribed before anything is asked: the first notifications would be lost
            # (bleak#374).
            for uuid in (wire.LIVE_UUID, wire.REP_UUID, wire.REPLY_UUID):
                await client.start_notify(uuid, lambda _, data: on_message(bytes(data)))
        except (BleakError, TimeoutError, OSError) as error:
            await _disconnect(client)
            why = str(error).rstrip(".") or "no answer in time"
            raise LinkError(
                f"{self.name} did not accept the connection ({why}); go nearer."
            ) from error
        self._client = client

    async def send(self, message: bytes) -> None:
        """Write a command, with its acknowledgement. LinkError."""
        assert self._client is not None
        try:
            await self._client.write_gatt_char(wire.CONTROL_UUID, message, response=True)
        except (BleakError, TimeoutError, OSError) as error:
            raise LinkError(f"{self.name} was lost ({error}); go nearer.") from error

    async def close(self) -> None:
        """Disconnect."""
        if self._client is not None:
            await _disconnect(self._client)


async def _disconnect(client: BleakClient) -> None:
    with suppress(BleakError, TimeoutError, OSError, asyncio.CancelledError):
        await client.disconnect()
