"""The radio of a computer or phone: adapter of the bleak backend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bumble import att, core, hci
from bumble.device import Advertisement, Connection, Device, DeviceConfiguration
from bumble.gatt_client import Client
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from dowel_host.twin.radio.central_security import CentralSecurity
from dowel_host.twin.radio.controller import RadioController
from dowel_host.twin.radio.link import PacedLink

# MTU that a central offers. Small: notifications are cut, discovery takes longer. Large: the board
# decides (256 unless it says otherwise). BlueZ and Android offer 517, iOS 185.
MTU = 517

OnAdvertisement = Callable[[Advertisement], None]
OnValue = Callable[[bytes], None]


class Adapter:
    """A powered Bluetooth host that scans and connects, wherever its controller is."""

    def __init__(self, device: Device, mtu: int) -> None:
        self.device = device
        self.mtu = mtu
        self.unclaimed = 0  # notifications and indications that nobody had subscribed to
        self.security = CentralSecurity(device)
        self._connecting = asyncio.Lock()
        self._scanning = asyncio.Lock()
        self._scanners: list[OnAdvertisement] = []
        device.on(Device.EVENT_ADVERTISEMENT, self._heard)

    async def close(self) -> None:
        """End its connections."""
        for connection in list(self.device.connections.values()):
            try:
                await connection.disconnect()
            except core.BaseBumbleError:
                continue  # it ended by itself meanwhile

    # -- scanning -----------------------------------------------------------------------------

    async def start_scanning(self, listener: OnAdvertisement, *, active: bool) -> None:
        """Call listener for each advertisement; the first of several decides on active."""
        async with self._scanning:
            if not self._scanners:
                await self.device.start_scanning(active=active)
            self._scanners.append(listener)

    async def stop_scanning(self, listener: OnAdvertisement) -> None:
        """Stop calling listener."""
        async with self._scanning:
            if listener not in self._scanners:
                return
            self._scanners.remove(listener)
            if not self._scanners:
                await self.device.stop_scanning()

    def _heard(self, advertisement: Advertisement) -> None:
        for listener in list(self._scanners):
            listener(advertisement)

    # -- connections --------------------------------------------------------------------------

    async def connect(self, target: hci.Address) -> tuple[Connection, GattClient]:
        """Connect, however long it takes. Cancelled, it takes its request back."""
        async with self._connecting:
            request = asyncio.ensure_future(
                self.device.connect(
                    target, own_address_type=hci.OwnAddressType.PUBLIC, timeout=None
                )
            )
            try:
                connection = await asyncio.shield(request)
            except asyncio.CancelledError:
                await self._take_back(request)
                raise
        client = GattClient(connection, self)
        connection.gatt_client = client
        self.security.connected(connection)
        return connection, client

    async def _take_back(self, request: asyncio.Future[Connection]) -> None:
        cancel: Any = hci.HCI_LE_Create_Connection_Cancel_Command  # generic in an unknown type
        await self.device.send_sync_command(cancel())
        try:
            connection = await request
        except core.ConnectionError:
            return
        await connection.disconnect()  # it was faster


class CentralRadio(Adapter):
    """An adapter on the virtual air. Make it with `open`, end it with `close`."""

    def __init__(self, device: Device, controller: RadioController, mtu: int) -> None:
        super().__init__(device, mtu)
        self.controller = controller
        self._link = controller.radio_link

    @classmethod
    async def open(
        cls,
        link: PacedLink,
        address: str = "F0:F0:F0:00:00:01",
        *,
        name: str = "central",
        mtu: int = MTU,
    ) -> CentralRadio:
        """Power on an adapter with a public address on link. ValueError: the address is taken."""
        public = hci.Address(address, hci.AddressType.PUBLIC_DEVICE)
        controller = RadioController(name, link, public)
        # Never used: this central shows its public address. Given, or bumble would draw one.
        random = hci.Address(bytes(public)[:5] + bytes((bytes(public)[5] | 0xC0,)))
        device = Device(
            config=DeviceConfiguration(name=name, address=random),
            host=Host(controller, AsyncPipeSink(controller)),
        )
        await device.power_on()
        return cls(device, controller, mtu)

    @property
    def address(self) -> str:
        """Its public address, as text."""
        return self.controller.public_address.to_string(False)

    async def close(self) -> None:
        """End its connections and take it off the air."""
        await super().close()
        self.controller.switch_off()
        self._link.remove_controller(self.controller)


class GattClient(Client):
    """bumble's GATT client; one callback a handle, and values that nobody wants are counted."""

    def __init__(self, connection: Connection, radio: Adapter) -> None:
        super().__init__(connection)
        self._radio = radio
        self.callbacks: dict[int, OnValue] = {}

    async def send_request(self, request: att.ATT_PDU) -> att.ATT_PDU:
        """Send a request and wait for its answer, also where the caller no longer does.

        ATT allows one request at a time; bumble takes the late answer to a request that was
        cancelled for that of the next one.
        """
        return await asyncio.shield(asyncio.ensure_future(super().send_request(request)))

    async def read(self, handle: int) -> bytes:
        """Read a value, in several parts if it is long."""
        untyped: Any = self  # read_value takes an attribute of an unknown type
        return await untyped.read_value(handle)

    async def write(self, handle: int, value: bytes, *, response: bool) -> None:
        """Write a value; with a response, in several parts if it is long."""
        untyped: Any = self
        await untyped.write_value(handle, value, response)

    def on_att_handle_value_notification(
        self, notification: att.ATT_Handle_Value_Notification
    ) -> None:
        """A notification has come."""
        self._deliver(notification.attribute_handle, notification.attribute_value)

    def on_att_handle_value_indication(self, indication: att.ATT_Handle_Value_Indication) -> None:
        """An indication has come: confirm it."""
        self._deliver(indication.attribute_handle, indication.attribute_value)
        self.send_confirmation(att.ATT_Handle_Value_Confirmation())

    def _deliver(self, handle: int, value: bytes) -> None:
        callback = self.callbacks.get(handle)
        if callback is None:
            self._radio.unclaimed += 1
            return
        callback(value)
