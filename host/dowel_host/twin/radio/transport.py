"""An adapter whose controller is another program's, or a dongle's: behind a bumble transport.

It runs on the ordinary event loop of whoever uses it. The transport is the adapter's cable.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bumble import core, hci
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host
from bumble.transport import open_transport
from bumble.transport.common import Transport, TransportLostError, TransportSink

from dowel_host.links.ble import Radio
from dowel_host.links.carrier import LinkError
from dowel_host.twin.radio.bleak_backend import backend_for
from dowel_host.twin.radio.central import MTU, Adapter

# A controller answers the commands of its start within milliseconds. Small: one behind a slow
# network seems dead. Large: whatever else listens there is found out late.
START_TIMEOUT_S = 5.0
# Ending the connections takes two connection intervals each. Small: a slow one is cut. Large: a
# program that ends seems to hang.
CLOSE_TIMEOUT_S = 2.0
# The random address of a host that only ever shows its controller's public one; bumble would
# draw another each time.
_NEVER_SHOWN = hci.Address("F0:F0:F0:F0:F0:F0")

# What goes wrong behind a transport is said here, once; bumble would print tracebacks as well.
logging.getLogger("bumble").addHandler(logging.NullHandler())


class RadioError(LinkError):
    """The radio behind a transport cannot be used. Carries its name."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"--radio {name}: {why}.")
        self.name = name


class _Cable:
    """Towards the controller; commands fail at once when it is gone, and nobody waits for them."""

    def __init__(self, transport: Transport) -> None:
        self._sink: TransportSink = transport.sink
        self._terminated = transport.source.terminated

    def on_packet(self, packet: bytes) -> None:
        if self._terminated.done():
            raise TransportLostError("the transport is gone")
        self._sink.on_packet(packet)


@asynccontextmanager
async def adapter_on(name: str) -> AsyncGenerator[Radio]:
    """Power on an adapter behind a bumble transport, such as `tcp-client:127.0.0.1:9001`.

    RadioError: there is no such transport, nothing answers, or it is lost meanwhile; the task
    that uses the adapter is cancelled then.
    """
    transport = await _open(name)
    try:
        adapter = await _power_on(transport, name)
        try:
            async with _ended_with(transport, name):
                yield Radio(*backend_for(adapter))
        finally:
            await _hang_up(adapter)
    finally:
        await transport.close()


@asynccontextmanager
async def _ended_with(transport: Transport, name: str) -> AsyncGenerator[None]:
    """Cancel what is inside when the transport ends, as asyncio.timeout does. RadioError."""
    user = asyncio.current_task()
    assert user is not None
    terminated = transport.source.terminated
    inside = True
    cancelled = False

    def end(_: asyncio.Future[None]) -> None:
        nonlocal cancelled
        if inside:
            cancelled = user.cancel()

    terminated.add_done_callback(end)
    try:
        yield
    except BaseException as error:
        inside = False
        others_cancel = cancelled and user.uncancel() > 0
        if others_cancel or not terminated.done():
            raise
        why = "it was lost, the program behind it has ended; start that again"
        raise RadioError(name, why) from error
    finally:
        inside = False


async def _open(name: str) -> Transport:
    try:
        return await open_transport(name)
    except ConnectionRefusedError as error:
        why = "nothing listens there; start `dowel twin` and use the name that it prints"
        raise RadioError(name, why) from error
    except Exception as error:  # each kind of transport has errors of its own
        reason = (str(error) or type(error).__name__).rstrip(".")
        why = f"no such radio ({reason}); use the name that `dowel twin` prints"
        raise RadioError(name, why) from error


async def _power_on(transport: Transport, name: str) -> Adapter:
    device = Device(
        config=DeviceConfiguration(name="dowel", address=_NEVER_SHOWN),
        host=Host(transport.source, _Cable(transport)),
    )
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            await device.power_on()
    except (TimeoutError, core.BaseBumbleError) as error:
        why = "no Bluetooth controller answers there; use the name that `dowel twin` prints"
        raise RadioError(name, why) from error
    return Adapter(device, MTU)


async def _hang_up(adapter: Adapter) -> None:
    """End the connections, if that can still be done."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await adapter.close()
    except TimeoutError:
        return  # the transport's end ends them
