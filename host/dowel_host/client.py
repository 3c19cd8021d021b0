"""A connection to a device over Bluetooth: subscribes, asks, hands on what comes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakError

from dowel.link import wire
from dowel_host.errors import DowelError
from dowel_host.messages import Info, LiveFrame, Message, Rep, command, decode

SCAN_TIMEOUT_S = 10.0
# An answer takes two connection intervals and the device's own 50 ms; a second would do, a sleepy
# host needs more.
REPLY_TIMEOUT_S = 5.0


class LinkError(DowelError):
    """The device cannot be reached, or was lost."""


@dataclass
class ReceiverCounters:
    """Notifications that came, messages they held, and those that could not be read."""

    notifications: int = 0
    messages: int = 0
    bad: int = 0


@dataclass(frozen=True)
class Radio:
    """Which Bluetooth adapter to use: bleak's backends; None is the computer's own."""

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None


async def find(
    radio: Radio, name: str | None = None, timeout_s: float = SCAN_TIMEOUT_S
) -> BLEDevice:
    """Return the first device of ours that advertises. LinkError: none, or no adapter."""

    def ours(device: BLEDevice, advertisement: Any) -> bool:
        uuids = [str(uuid).lower() for uuid in advertisement.service_uuids]
        return wire.SERVICE_UUID in uuids and name in (
            None,
            device.name,
            advertisement.local_name,
            device.address,
        )

    options: dict[str, Any] = {} if radio.scanner is None else {"backend": radio.scanner}
    try:
        device = await BleakScanner.find_device_by_filter(ours, timeout=timeout_s, **options)
    except (BleakError, OSError) as error:
        raise LinkError(
            f"Bluetooth cannot be used ({error}); switch the adapter on, "
            "or use another way to the device."
        ) from error
    if device is None:
        raise LinkError(
            f"No device {'named ' + name if name else 'of ours'} in {timeout_s:.0f} s; "
            "is it switched on and near, and not connected to another host?"
        )
    return device


class Client:
    """A device, connected. Use as `async with Client(...)`.

    on_live gets the frames of a notification, on_rep a rep, on_lost nothing.
    """

    def __init__(
        self,
        device: BLEDevice,
        radio: Radio,
        *,
        on_live: Callable[[list[LiveFrame]], None] | None = None,
        on_rep: Callable[[Rep], None] | None = None,
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        self.counters = ReceiverCounters()
        self._on_live = on_live
        self._on_rep = on_rep
        self._on_lost = on_lost
        self._sequence = 0
        self._replies: asyncio.Queue[Message] = asyncio.Queue()
        options: dict[str, Any] = {} if radio.client is None else {"backend": radio.client}
        self._bleak = BleakClient(device, disconnected_callback=self._lost, **options)

    async def __aenter__(self) -> Self:
        try:
            await self._bleak.connect()
            # Subscribed before anything is asked for, or the first notifications would be lost
            # (bleak#374).
            for uuid in (wire.LIVE_UUID, wire.REP_UUID, wire.REPLY_UUID):
                await self._bleak.start_notify(uuid, self._notified)
        except (BleakError, TimeoutError) as error:
            raise LinkError(
                f"The device did not accept the connection ({error}); go nearer and try again."
            ) from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._bleak.disconnect()

    async def live(self, on: bool) -> None:
        """Ask for live frames, or for no more. LinkError: lost."""
        await self._send(wire.CMD_LIVE, int(on))

    async def info(self) -> Info:
        """What the device says of itself. LinkError: lost or silent."""
        reply = await self._ask(wire.CMD_INFO)
        if not isinstance(reply, Info):
            raise LinkError("The device answered another question; update its firmware.")
        return reply

    async def device_counters(self) -> dict[str, int]:
        """The device's counters, by the names of wire.COUNTER_NAMES. LinkError: lost or silent."""
        reply = await self._ask(wire.CMD_COUNTERS)
        if not isinstance(reply, dict):
            raise LinkError("The device answered another question; update its firmware.")
        return reply

    async def _ask(self, kind: int) -> Message:
        await self._send(kind)
        try:
            return await asyncio.wait_for(self._replies.get(), REPLY_TIMEOUT_S)
        except TimeoutError:
            raise LinkError("The device gives no answer; restart it.") from None

    async def _send(self, kind: int, *values: int) -> None:
        self._sequence += 1
        try:
            await self._bleak.write_gatt_char(
                wire.CONTROL_UUID, command(kind, self._sequence, *values), response=True
            )
        except BleakError as error:
            raise LinkError(f"The device was lost ({error}); go nearer and try again.") from error

    def _notified(self, _: Any, data: bytearray) -> None:
        self.counters.notifications += 1
        try:
            message = decode(bytes(data))
        except wire.WireError:
            self.counters.bad += 1
            return
        if isinstance(message, list):
            self.counters.messages += len(message)
            if self._on_live:
                self._on_live(message)
        elif isinstance(message, Rep):
            self.counters.messages += 1
            if self._on_rep:
                self._on_rep(message)
        else:
            self._replies.put_nowait(message)

    def _lost(self, _: BleakClient) -> None:
        if self._on_lost:
            self._on_lost()
