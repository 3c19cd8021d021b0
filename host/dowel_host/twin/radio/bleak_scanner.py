"""bleak's scanner on the virtual air; bleak_backend.py makes it usable."""

from __future__ import annotations

from typing import Any, ClassVar

from bleak.backends.scanner import AdvertisementDataCallback, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason
from bumble.device import Advertisement

from dowel_host.twin.radio.advertisement import parse
from dowel_host.twin.radio.central import Adapter


def require(radio: Adapter | None) -> Adapter:
    """Check that there is an adapter. BleakBluetoothNotAvailableError as without Bluetooth."""
    if radio is None:
        raise BleakBluetoothNotAvailableError(
            "No Bluetooth adapters found.", BleakBluetoothNotAvailableReason.NO_BLUETOOTH
        )
    return radio


class BumbleScanner(BaseBleakScanner):
    """Scans with the adapter that backend_for set."""

    adapter: ClassVar[Adapter | None]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "active",
        **_kwargs: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        """Start scanning."""
        radio = require(self.adapter)
        self.seen_devices = {}
        await radio.start_scanning(self._heard, active=self._active)

    async def stop(self) -> None:
        """Stop scanning."""
        await require(self.adapter).stop_scanning(self._heard)

    def _heard(self, advertisement: Advertisement) -> None:
        data = parse(advertisement)
        if not self.is_allowed_uuid(data.service_uuids):
            return
        # The address object knows whether it is public or random; its text does not.
        address = advertisement.address
        text = address.to_string(False)
        device = self.create_or_update_device(text, text, data.local_name, address, data)
        self.call_detection_callbacks(device, data)
