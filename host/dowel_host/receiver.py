"""Stays with a device.

Connects, stores what comes before it is acknowledged, comes back when lost.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dowel_host.client import Client, Listener
from dowel_host.library.library import Library
from dowel_host.library.records import RepRecord
from dowel_host.links.carrier import Carrier, LinkError
from dowel_host.messages import Info, LiveFrame, Rep

# Waits between attempts, seconds; the last again and again. Short: the radio is never quiet. Long:
# it is back late: a device in range must be live again within 5 s.
BACK_OFF_S = (0.0, 0.5, 1.0, 2.0)

# A rep that was asked for again and has not come: ask once more.
ASK_AGAIN_S = 3.0
# Nothing came for so long: ask whether the device has a rep whose message was lost, and is there.
LOOK_AGAIN_S = 10.0

Incoming = asyncio.Queue[tuple[Rep, bytes]]
Connect = Callable[[], Awaitable[Carrier]]


@dataclass
class Events:
    """Who is told. on_state gets a sentence for people; on_rep a rep that is new and stored."""

    on_live: Callable[[list[LiveFrame]], None] = lambda _: None
    on_rep: Callable[[Rep], None] = lambda _: None
    on_connected: Callable[[str, Info], None] = lambda _name, _info: None
    on_state: Callable[[str], None] = lambda _: None


@dataclass
class ReceiverReport:
    """What a receiver met. live_missed: live messages the device dropped, by their sequence."""

    connections: int = 0
    losses: int = 0
    reps_stored: int = 0
    reps_repeated: int = 0
    reps_conflicting: int = 0
    reps_asked_again: int = 0
    bad_messages: int = 0
    live_missed: int = 0
    lost_sentences: list[str] = field(default_factory=list[str])


class Receiver:
    """Keeps a device's reps coming into a library. connect() finds it and makes a carrier.

    library None keeps nothing and acknowledges nothing.
    """

    def __init__(self, connect: Connect, library: Library | None, events: Events) -> None:
        self.report = ReceiverReport()
        self._connect = connect
        self._library = library
        self._events = events

    async def run(self, *, forever: bool = True) -> None:
        """Receive until cancelled; not forever: until the first loss. LinkError: only before the
        first connection, or not forever.
        """
        attempt = 0
        while True:
            try:
                await self._once()
                attempt = 0
                self._events.on_state("Connection lost; looking for the device again ...")
            except LinkError as error:
                if not forever or not self.report.connections:
                    raise
                self.report.lost_sentences.append(str(error))
                attempt += 1
            if not forever:
                return
            await asyncio.sleep(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)])

    async def _once(self) -> None:
        """One connection, from its beginning to its loss."""
        carrier = await self._connect()
        incoming: Incoming = asyncio.Queue()
        listener = Listener(
            on_live=self._events.on_live, on_rep=lambda rep, data: incoming.put_nowait((rep, data))
        )
        client = Client(carrier, listener)
        try:
            async with client:
                info = await self._greet(client, carrier)
                store = asyncio.create_task(self._store(client, info, incoming))
                lost = asyncio.create_task(client.lost.wait())
                await asyncio.wait({store, lost}, return_when=asyncio.FIRST_COMPLETED)
                lost.cancel()
                if store.done():
                    store.result()
                store.cancel()
                await asyncio.gather(store, return_exceptions=True)
        finally:
            self.report.live_missed += client.counters.live_missed
            self.report.bad_messages += client.counters.bad
        self.report.losses += 1

    async def _greet(self, client: Client, carrier: Carrier) -> Info:
        """Exchange what both must know, then ask for reps and live frames."""
        info = await client.info()
        clock = await client.set_time()
        if self._library is not None:
            self._library.see_device(info.chip_id, carrier.name, info.version, clock.wall_ms)
            self._library.add_anchor(info.chip_id, info.epoch, clock.uptime_ms, clock.wall_ms)
        await client.reps_after(info.epoch, self._first_lacking(info) - 1)
        await client.live(True)
        self.report.connections += 1
        self._events.on_connected(carrier.name, info)
        return info

    def _first_lacking(self, info: Info) -> int:
        """Sequence number of the first rep that the library lacks and the device still has."""
        stored = 0
        if self._library is not None:
            stored = self._library.stored_up_to(info.chip_id, info.epoch)
        return max(stored + 1, info.oldest_seq)

    async def _store(self, client: Client, info: Info, incoming: Incoming) -> None:
        """Store what comes in order, then acknowledge it. LinkError."""
        expected = self._first_lacking(info)
        asked = False  # the missing one was asked for again
        while True:
            batch = await _next_batch(incoming, ASK_AGAIN_S if asked else LOOK_AGAIN_S)
            fresh: list[tuple[Rep, bytes]] = []
            for rep, data in batch:
                if rep.seq == expected:
                    fresh.append((rep, data))
                    expected += 1
            if fresh:
                asked = False
                self._keep(info, fresh)
                if self._library is not None:
                    await client.acknowledge(info.epoch, expected - 1)
            missing = any(rep.seq > expected for rep, _ in batch) and not asked
            if missing or not batch:
                # A rep in between did not come, or perhaps the last. Nothing behind it is stored
                # or acknowledged before it is here; unless the device gave it up meanwhile.
                now = await client.info()
                expected = max(expected, now.oldest_seq)
                asked = now.oldest_seq + now.reps_waiting > expected
                if asked:
                    self.report.reps_asked_again += 1
                    await client.reps_after(info.epoch, expected - 1)

    def _keep(self, info: Info, fresh: list[tuple[Rep, bytes]]) -> None:
        """Put reps into the library, in one commit; on the disk when this returns."""
        new = {rep.seq for rep, _ in fresh}
        if self._library is not None:
            records = [RepRecord.from_message(data) for _, data in fresh]
            stored = self._library.add_reps(info.chip_id, records, _now_ms())
            self.report.reps_repeated += len(stored.repeated)
            self.report.reps_conflicting += len(stored.conflicting)
            new = {key.seq for key in stored.added}
        self.report.reps_stored += len(new)
        for rep, _ in fresh:
            if rep.seq in new:
                self._events.on_rep(rep)


async def _next_batch(incoming: Incoming, timeout_s: float | None) -> list[tuple[Rep, bytes]]:
    """Wait for reps and return all that are there; none after timeout_s."""
    try:
        batch = [await asyncio.wait_for(incoming.get(), timeout_s)]
    except TimeoutError:
        return []
    while not incoming.empty():
        batch.append(incoming.get_nowait())
    return batch


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
