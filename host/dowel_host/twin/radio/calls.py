"""The calls of the `bluetooth` stand-in, unpacked for the peripheral on the host."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from dowel_host.twin.answer import Answer
from dowel_host.twin.radio.handler import Blob, HandlerError, Reply
from dowel_host.twin.standins import ops

if TYPE_CHECKING:
    from dowel_host.twin.costs import Costs
    from dowel_host.twin.radio.peripheral import Peripheral
    from dowel_host.twin.vm import Request

# The order of the stand-in's table.
_CONFIG = ("mac", "addr_mode", "gap_name", "rxbuf", "mtu", "bond", "mitm", "io", "le_secure")
_TEXT = {"gap_name"}
_QUESTION_NUMBERS = 1 << 30

Characteristic = tuple[bytes, int, list[tuple[bytes, int]]]
Service = tuple[bytes, list[Characteristic]]


class _Reader:
    """Takes fields off a payload, front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, layout: str) -> int:
        value = cast("int", struct.unpack_from("<" + layout, self._data, self._at)[0])
        self._at += struct.calcsize("<" + layout)
        return value

    def blob(self) -> bytes:
        size = self.take("H")
        self._at += size
        return self._data[self._at - size : self._at]


class RadioCalls:
    """Handlers for the bluetooth calls.

    Events that NimBLE waits for an answer to are questions: they carry a number, and the VM makes
    a call with the answer once its handler has returned.
    """

    def __init__(
        self, peripheral: Peripheral, charge: Callable[[float], None], costs: Costs
    ) -> None:
        self._peripheral = peripheral
        self._charge = charge
        self._costs = costs
        self._asked = 0
        self._questions: dict[int, tuple[int, asyncio.Future[Reply]]] = {}
        self._activation: asyncio.Task[bool] | None = None
        self._activation_waits: asyncio.Future[None] | None = None  # until a question comes
        peripheral.ask = self._ask

    def table(self) -> dict[int, Callable[[Request], Answer | Awaitable[Answer]]]:
        """Handlers by call."""
        return {
            ops.BLE_ACTIVE: self._active,
            ops.BLE_ACTIVE_GO_ON: self._go_on,
            ops.BLE_ANSWER: self._answer,
            ops.BLE_PAIR: self._pair,
            ops.BLE_PASSKEY: self._passkey,
            ops.BLE_CONFIG_GET: self._config_get,
            ops.BLE_CONFIG_SET: self._config_set,
            ops.BLE_ADVERTISE: self._advertise,
            ops.BLE_REGISTER: self._register,
            ops.BLE_READ: lambda r: Answer(payload=self._peripheral.gatts_read(r.a)),
            ops.BLE_WRITE: self._write,
            ops.BLE_SET_BUFFER: self._set_buffer,
            ops.BLE_NOTIFY: self._notify,
            ops.BLE_INDICATE: self._indicate,
            ops.BLE_DISCONNECT: lambda r: Answer(int(self._peripheral.gap_disconnect(r.a))),
        }

    # -- questions ----------------------------------------------------------------------------

    async def _ask(self, event: int, ints: tuple[int, ...], blobs: tuple[Blob, ...]) -> Reply:
        self._asked = (self._asked + 1) % _QUESTION_NUMBERS
        number = self._asked
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._questions[number] = (event, answer)
        self._peripheral.post(event, (number, *ints), blobs)
        if self._activation_waits is not None and not self._activation_waits.done():
            self._activation_waits.set_result(None)
        try:
            return await answer
        finally:
            self._questions.pop(number, None)

    def _answer(self, request: Request) -> Answer:
        event, answer = self._questions.get(request.a, (0, None))
        if answer is None or answer.done():
            return Answer()  # who asked has gone
        if request.b > 1:
            raise HandlerError(event, "neither None nor bytes, with which the ESP32 crashes")
        answer.set_result(request.payload if request.b else request.c)
        return Answer()

    # -- power --------------------------------------------------------------------------------

    async def _active(self, request: Request) -> Answer:
        switch = self._peripheral.active(request.a != 0)
        self._activation = asyncio.get_running_loop().create_task(switch)
        return await self._go_on(request)

    async def _go_on(self, _request: Request) -> Answer:
        assert self._activation is not None
        if not self._activation.done() and not self._questions:
            question = asyncio.get_running_loop().create_future()
            self._activation_waits = question
            await asyncio.wait((self._activation, question), return_when=asyncio.FIRST_COMPLETED)
        if self._activation.done():
            self._activation.result()
            return Answer()
        return Answer(1, waited=True)

    # -- calls --------------------------------------------------------------------------------

    def _config_get(self, request: Request) -> Answer:
        value = self._peripheral.config_get(_CONFIG[request.a])
        if isinstance(value, tuple):  # mac: address type and address
            return Answer(payload=b"\x02" + bytes((value[0],)) + value[1])
        if isinstance(value, bytes):
            return Answer(payload=b"\x01" + value)
        return Answer(payload=b"\x00" + int(value).to_bytes(4, "little", signed=True))

    def _config_set(self, request: Request) -> Answer:
        name = _CONFIG[request.a]
        self._peripheral.config_set(name, request.payload if name in _TEXT else request.b)
        return Answer()

    async def _advertise(self, request: Request) -> Answer:
        reader = _Reader(request.payload)
        interval_us = None if request.a < 0 else request.a
        adv_data = reader.blob() if request.b & 2 else None
        resp_data = reader.blob() if request.b & 4 else None
        await self._peripheral.gap_advertise(
            interval_us, adv_data, resp_data, connectable=bool(request.b & 1)
        )
        return Answer()

    def _register(self, request: Request) -> Answer:
        reader = _Reader(request.payload)
        services: list[Service] = []
        for _ in range(reader.take("B")):
            uuid = reader.blob()
            characteristics: list[Characteristic] = []
            for _ in range(reader.take("B")):
                name, flags, count = reader.blob(), reader.take("H"), reader.take("B")
                descriptors = [(reader.blob(), reader.take("H")) for _ in range(count)]
                characteristics.append((name, flags, descriptors))
            services.append((uuid, characteristics))
        handles = self._peripheral.gatts_register_services(services)
        return Answer(payload=struct.pack(f"<{len(handles)}H", *handles))

    def _write(self, request: Request) -> Answer:
        self._peripheral.gatts_write(request.a, request.payload, send_update=request.b != 0)
        return Answer()

    def _set_buffer(self, request: Request) -> Answer:
        self._peripheral.gatts_set_buffer(request.a, request.b, append=request.c != 0)
        return Answer()

    def _pair(self, request: Request) -> Answer:
        self._peripheral.gap_pair(request.a)
        return Answer()

    def _passkey(self, request: Request) -> Answer:
        self._peripheral.gap_passkey(request.a, request.b, request.c)
        return Answer()

    def _notify(self, request: Request) -> Answer:
        self._charge(self._costs.notify_us)
        self._peripheral.gatts_notify(request.a, request.b, request.payload if request.c else None)
        return Answer()

    def _indicate(self, request: Request) -> Answer:
        self._charge(self._costs.notify_us)
        self._peripheral.gatts_indicate(
            request.a, request.b, request.payload if request.c else None
        )
        return Answer()
