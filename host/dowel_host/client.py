"""A connection to a device: asks, is answered, and gets live frames and reps, on any carrier."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from dowel.link import wire
from dowel_host.links.carrier import Carrier, LinkError
from dowel_host.messages import (
    Clock,
    Counters,
    Done,
    Info,
    Live,
    LiveFrame,
    Message,
    Rep,
    Reply,
    command,
    decode,
)

# An answer takes two connection intervals and the device's own 50 ms; a flash erase or a busy host
# more. Short: a slow link is called dead. Long: a dead one is noticed late.
REPLY_TIMEOUT_S = 3.0
# The same command again: an answer may be lost with a connection's last packets.
_ATTEMPTS = 2

_R = TypeVar("_R", Info, Counters, Done, Clock)

_STATUS = {
    wire.STATUS_UNKNOWN: "does not know this command; update its firmware",
    wire.STATUS_BAD: "finds the command wrong; update this program or its firmware",
    wire.STATUS_FORBIDDEN: "does not allow it on this connection; pair with it first",
}


@dataclass
class ReceiverCounters:
    """Messages that came, items in them, those that could not be read, live messages missed."""

    notifications: int = 0
    messages: int = 0
    bad: int = 0
    live_missed: int = 0


@dataclass
class Listener:
    """Who gets what comes. on_rep gets the rep and its message as it came."""

    on_live: Callable[[list[LiveFrame]], None] | None = None
    on_rep: Callable[[Rep, bytes], None] | None = None
    on_lost: Callable[[], None] | None = None


class Client:
    """A device, connected. Use as `async with Client(carrier, listener)`."""

    def __init__(self, carrier: Carrier, listener: Listener | None = None) -> None:
        self.counters = ReceiverCounters()
        self.lost = asyncio.Event()
        self._carrier = carrier
        self._listener = listener or Listener()
        self._sequence = 0
        self._live_sequence = 0  # of the last live message; a device begins with 1
        self._waiting: dict[int, asyncio.Future[Reply]] = {}

    async def __aenter__(self) -> Self:
        await self._carrier.open(self._on_message, self._on_lost)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._carrier.close()

    # -- asking -------------------------------------------------------------------------------

    async def info(self) -> Info:
        """What the device says of itself. LinkError."""
        return _expect(await self._ask(wire.CMD_INFO), Info)

    async def device_counters(self) -> Mapping[str, int]:
        """The device's counters, by the names of wire.COUNTER_NAMES. LinkError."""
        return _expect(await self._ask(wire.CMD_COUNTERS), Counters).values

    async def live(self, on: bool) -> None:
        """Ask for live frames, or for no more. LinkError."""
        await self._command(wire.CMD_LIVE, int(on))

    async def reps_after(self, epoch: int, seq: int) -> None:
        """Ask for the reps behind seq of epoch, and those to come; epoch 0: all. LinkError."""
        await self._command(wire.CMD_REPS, epoch, seq)

    async def acknowledge(self, epoch: int, seq: int) -> None:
        """Say that all reps up to seq are stored: the device may forget them. LinkError."""
        await self._command(wire.CMD_ACK, epoch, seq)

    async def set_time(self) -> Clock:
        """Give the device the wall clock; return both clocks at that moment. LinkError."""
        return _expect(await self._ask(wire.CMD_TIME, time.time_ns() // 1_000_000), Clock)

    async def _command(self, kind: int, *values: int) -> None:
        done = _expect(await self._ask(kind, *values), Done)
        if done.status != wire.STATUS_OK:
            why = _STATUS.get(done.status, f"answers with status {done.status}")
            raise LinkError(f"{self._carrier.name} {why}.")

    async def _ask(self, kind: int, *values: int) -> Reply:
        for _ in range(_ATTEMPTS):
            self._sequence = (self._sequence + 1) & 0xFFFF
            answer = asyncio.get_running_loop().create_future()
            self._waiting[self._sequence] = answer
            sequence = self._sequence
            try:
                await self._carrier.send(command(kind, sequence, *values))
                return await asyncio.wait_for(answer, REPLY_TIMEOUT_S)
            except TimeoutError:
                if self.lost.is_set():
                    break
            finally:
                self._waiting.pop(sequence, None)
                if answer.done() and not answer.cancelled():
                    # Sending failed first: the loss that ended the answer too is told once.
                    answer.exception()
        raise LinkError(f"{self._carrier.name} gives no answer; go nearer, or restart it.")

    # -- hearing ------------------------------------------------------------------------------

    def _on_message(self, data: bytes) -> None:
        self.counters.notifications += 1
        try:
            sequence, message = decode(data)
        except wire.WireError:
            self.counters.bad += 1
            return
        self._hand_on(sequence, message, data)

    def _hand_on(self, sequence: int, message: Message, data: bytes) -> None:
        if isinstance(message, Live):
            self._count_missed(message)
            self.counters.messages += len(message.frames)
            if self._listener.on_live:
                self._listener.on_live(message.frames)
        elif isinstance(message, Rep):
            self.counters.messages += 1
            if self._listener.on_rep:
                self._listener.on_rep(message, data)
        else:
            answer = self._waiting.get(sequence)
            if answer is not None and not answer.done():
                answer.set_result(message)

    def _count_missed(self, live: Live) -> None:
        self.counters.live_missed += (live.sequence - self._live_sequence - 1) & 0xFFFF
        self._live_sequence = live.sequence

    def _on_lost(self) -> None:
        self.lost.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(LinkError(f"{self._carrier.name} was lost; go nearer."))
        if self._listener.on_lost:
            self._listener.on_lost()


def _expect(reply: Reply, kind: type[_R]) -> _R:
    if not isinstance(reply, kind):
        raise LinkError("The device answered another question; update its firmware.")
    return reply
