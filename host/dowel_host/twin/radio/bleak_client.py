"""bleak's client on the virtual air; bleak_backend.py makes it usable."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Generator
from typing import Any, ClassVar

import bleak
from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, core, hci
from bumble.device import Connection
from bumble.gatt_client import CharacteristicProxy, ServiceProxy

from dowel_host.twin.radio.advertisement import uuid_text
from dowel_host.twin.radio.bleak_scanner import require
from dowel_host.twin.radio.central import Adapter, GattClient
from dowel_host.twin.radio.pairing_agent import IoCapability, PairingAgent

# Bits of a characteristic's properties, in bleak's words.
_PROPERTIES: tuple[tuple[int, CharacteristicPropertyName], ...] = (
    (0x01, "broadcast"),
    (0x02, "read"),
    (0x04, "write-without-response"),
    (0x08, "write"),
    (0x10, "notify"),
    (0x20, "indicate"),
)
_SUBSCRIPTION_UUID = uuid_text(b"\x02\x29")
_NO_SUBSCRIPTION, _NOTIFICATIONS, _INDICATIONS = b"\x00\x00", b"\x01\x00", b"\x02\x00"
_DEFAULT_MTU = 23


@contextlib.contextmanager
def _bleak_errors() -> Generator[None]:
    """Turn bumble's errors into those that bleak promises."""
    try:
        yield
    except att.ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except core.TimeoutError as error:  # 30 s without an answer
        raise TimeoutError from error
    except core.BaseBumbleError as error:
        raise BleakError(str(error)) from error
    except asyncio.CancelledError as error:
        # bumble cancels the request that waits when its link goes, which looks like a cancellation
        # of the caller's own task.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BleakError("disconnected") from error


class BumbleClient(BaseBleakClient):
    """A connection of the adapter that backend_for set."""

    adapter: ClassVar[Adapter | None]
    scanner: ClassVar[type[BaseBleakScanner]]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        services: set[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._target: hci.Address | None = None
        self._name: str | None = None
        if isinstance(address_or_ble_device, BLEDevice):
            self._found(address_or_ble_device)
        self._wanted = services
        self._connection: Connection | None = None
        self._gatt: GattClient | None = None

    def _found(self, device: BLEDevice) -> None:
        assert isinstance(device.details, hci.Address)
        self._target = device.details
        self._name = device.name

    @property
    def name(self) -> str:
        """Advertised name, or the address with dashes."""
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """Negotiated MTU in bytes."""
        return self._connection.att_mtu if self._connection is not None else _DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    # -- connection ---------------------------------------------------------------------------

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Find the device if only its address is known, connect, exchange MTU, discover."""
        if self.is_connected:
            raise BleakError("Client is already connected")
        radio = require(self.adapter)
        timeout = float(kwargs.get("timeout", self._timeout))
        async with asyncio.timeout(timeout):
            target = self._target or await self._find(timeout)
            with _bleak_errors():
                self._connection, self._gatt = await radio.connect(target)
            self._connection.on(Connection.EVENT_DISCONNECTION, self._disconnected)
            try:
                with _bleak_errors():
                    await radio.security.restore(self._connection)
                    await self._gatt.request_mtu(radio.mtu)
                if pair:
                    await self.pair()
                await self._discover()
            except BaseException:
                await self.disconnect()
                raise

    async def _find(self, timeout: float) -> hci.Address:  # noqa: ASYNC109 - bleak's own parameter
        device = await bleak.BleakScanner.find_device_by_address(
            self.address, timeout, backend=self.scanner
        )
        if device is None:
            raise BleakDeviceNotFoundError(self.address, f"{self.address} was not found")
        self._found(device)
        assert self._target is not None
        return self._target

    def _disconnected(self, _reason: int) -> None:
        self._connection = self._gatt = self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        """End the connection; returns when it has ended."""
        if self._connection is not None:
            # It may end by itself meanwhile, which is what was wanted.
            with contextlib.suppress(core.BaseBumbleError):
                await self._connection.disconnect()

    async def pair(
        self, *, passkey: int | None = None, agent: PairingAgent | None = None, **_kwargs: Any
    ) -> None:
        """Pair; a bonded device is only encrypted. TimeoutError after 30 s.

        passkey: the six digits that the device shows, typed in. agent: who answers in general;
        neither: the adapter's own, without passkeys as it comes.
        """
        connection, _ = self._require_connection()
        if passkey is not None:
            agent = PairingAgent(IoCapability.KEYBOARD_INPUT_ONLY, passkey=passkey)
        with _bleak_errors():
            await require(self.adapter).security.pair(connection, agent)

    async def unpair(self) -> None:
        """Forget the keys and disconnect."""
        await require(self.adapter).security.forget(self.address)
        await self.disconnect()

    def _require_connection(self) -> tuple[Connection, GattClient]:
        if self._connection is None or self._gatt is None:
            raise BleakError("Not connected")
        return self._connection, self._gatt

    # -- discovery ----------------------------------------------------------------------------

    async def _discover(self) -> None:
        _, gatt = self._require_connection()
        found = BleakGATTServiceCollection()
        with _bleak_errors():
            for service in await gatt.discover_services():
                uuid = uuid_text(service.uuid.to_bytes())
                if self._wanted is None or uuid in self._wanted:
                    await self._discover_service(found, service, uuid)
        self.services = found

    async def _discover_service(
        self, found: BleakGATTServiceCollection, proxy: ServiceProxy, uuid: str
    ) -> None:
        service = BleakGATTService(proxy, proxy.handle, uuid)
        found.add_service(service)
        untyped: Any = proxy  # takes a list of an unknown type
        characteristics: list[
            CharacteristicProxy[bytes]
        ] = await untyped.discover_characteristics()
        for each in characteristics:
            properties: list[CharacteristicPropertyName]
            properties = [word for bit, word in _PROPERTIES if each.properties & bit]
            characteristic = BleakGATTCharacteristic(
                each,
                each.handle,
                uuid_text(each.uuid.to_bytes()),
                properties,
                lambda: self.mtu_size - 3,
                service,
            )
            found.add_characteristic(characteristic)
            for descriptor in await each.discover_descriptors():
                text = uuid_text(descriptor.type.to_bytes())
                handle = descriptor.handle
                found.add_descriptor(BleakGATTDescriptor(descriptor, handle, text, characteristic))

    # -- values -------------------------------------------------------------------------------

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, **_kwargs: Any
    ) -> bytearray:
        """Read a value, in several parts if it is long."""
        return await self._read(characteristic.handle)

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, **_kwargs: Any
    ) -> bytearray:
        """Read a descriptor."""
        return await self._read(descriptor.handle)

    async def _read(self, handle: int) -> bytearray:
        _, gatt = self._require_connection()
        with _bleak_errors():
            return bytearray(await gatt.read(handle))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Write a value; without a response it must fit into one packet."""
        value = bytes(data)
        if not response and len(value) > self.mtu_size - 3:
            raise BleakError(f"{len(value)} bytes do not fit into a write without response")
        await self._write(characteristic.handle, value, response)

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        """Write a descriptor."""
        await self._write(descriptor.handle, bytes(data), response=True)

    async def _write(self, handle: int, value: bytes, response: bool) -> None:
        _, gatt = self._require_connection()
        with _bleak_errors():
            await gatt.write(handle, value, response=response)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        """Subscribe to notifications, or to indications where there are only those."""
        _, gatt = self._require_connection()
        if characteristic.handle in gatt.callbacks:
            raise BleakError("Characteristic notifications already started")
        gatt.callbacks[characteristic.handle] = lambda value: callback(bytearray(value))
        notifies = "notify" in characteristic.properties
        try:
            await self._subscribe(characteristic, _NOTIFICATIONS if notifies else _INDICATIONS)
        except BaseException:
            gatt.callbacks.pop(characteristic.handle, None)
            raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        _, gatt = self._require_connection()
        if gatt.callbacks.pop(characteristic.handle, None) is not None:
            await self._subscribe(characteristic, _NO_SUBSCRIPTION)

    async def _subscribe(self, characteristic: BleakGATTCharacteristic, bits: bytes) -> None:
        descriptor = characteristic.get_descriptor(_SUBSCRIPTION_UUID)
        if descriptor is None:
            raise BleakError(f"{characteristic.uuid} has nothing to subscribe to")
        await self._write(descriptor.handle, bits, response=True)
