"""The receiver against a device that loses, repeats and gives up reps.

Stored before acknowledged.
"""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from dowel.link import wire
from dowel_host.library.library import Library
from dowel_host.links.carrier import LinkError
from dowel_host.receiver import Events, Receiver

CHIP = b"\x24\x6f\x28\xab\x3c\x4d"
EPOCH = 7


class Device:
    """A device with reps, on a carrier that loses messages. It forgets what is acknowledged."""

    name = "device"

    def __init__(self, library: Library, loss: float, rng: random.Random) -> None:
        self.library = library
        self.loss = loss
        self.rng = rng
        self.oldest, self.next_seq = 1, 1
        self.unsafe: list[int] = []  # acknowledged although not in the library
        self.cursor = 0
        self._on_message: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[], None] = lambda: None

    async def open(self, on_message, on_lost) -> None:
        self._on_message, self._on_lost, self.cursor = on_message, on_lost, 0

    async def close(self) -> None:
        self._on_message = None

    def lose_link(self) -> None:
        if self._on_message is not None:
            self._on_message = None
            self._on_lost()

    def make(self, count: int) -> None:
        self.next_seq += count
        self.send_reps()

    def send_reps(self) -> None:
        while self.cursor and self.cursor < self.next_seq:
            self.cursor = max(self.cursor, self.oldest)
            marks = (1000 * self.cursor, 1, 2, 3, 4, 7000, 1000, 0, 0)
            self._give(wire.REP, self.cursor, wire.REP_BODY, EPOCH, self.cursor, *marks)
            self.cursor += 1

    async def send(self, message: bytes) -> None:
        if self._on_message is None:
            raise LinkError("gone")
        kind, sequence = wire.unpack_header(message)
        if kind == wire.CMD_INFO:
            waiting = self.next_seq - self.oldest
            kept = (EPOCH, self.oldest, waiting)
            info = (0, 1, 0, 3, 0, 0, 1000, 1000, 0, 1, *kept, 5, 4000, CHIP)
            self._give(wire.INFO, sequence, wire.INFO_BODY, *info, loses=False)
            return
        if kind == wire.CMD_TIME:
            self._give(wire.CLOCK, sequence, wire.CLOCK_BODY, 5, 5, loses=False)
            return
        if kind == wire.CMD_ACK:
            _, seq = wire.unpack_body(message, wire.CMD_REPS_BODY, wire.CMD_REPS_SIZE)
            stored = {one.record.seq for one in self.library.reps()}
            self.unsafe += [n for n in range(self.oldest, seq + 1) if n not in stored]
            self.oldest = max(self.oldest, seq + 1)
        if kind == wire.CMD_REPS:
            _, seq = wire.unpack_body(message, wire.CMD_REPS_BODY, wire.CMD_REPS_SIZE)
            self.cursor = seq + 1
        self._give(wire.DONE, sequence, wire.DONE_BODY, kind, 0, loses=False)
        self.send_reps()

    def _give(self, kind, sequence, layout, *values, loses: bool = True) -> None:
        if loses and self.rng.random() < self.loss:
            return
        message = wire.pack(kind, sequence, layout, *values)
        asyncio.get_running_loop().call_soon(self._deliver, message)

    def _deliver(self, message: bytes) -> None:
        if self._on_message is not None:
            self._on_message(message)


@pytest.fixture
def quick(monkeypatch) -> None:
    monkeypatch.setattr("dowel_host.receiver.BACK_OFF_S", (0.0,))
    monkeypatch.setattr("dowel_host.receiver.ASK_AGAIN_S", 0.02)
    monkeypatch.setattr("dowel_host.receiver.LOOK_AGAIN_S", 0.05)


@pytest.mark.parametrize("loss", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("seed", range(4))
def test_every_rep_is_stored_once_and_none_acknowledged_before(
    loss: float, seed: int, tmp_path: Path, quick
) -> None:
    rng = random.Random(seed)
    seen: list[int] = []

    async def main() -> tuple[Device, Receiver]:
        device = Device(library, loss, rng)

        async def connect() -> Device:
            return device

        receiver = Receiver(connect, library, Events(on_rep=lambda rep: seen.append(rep.seq)))
        work = asyncio.create_task(receiver.run())
        for _ in range(12):
            await asyncio.sleep(0.01)
            device.make(rng.randrange(1, 6))
            if rng.random() < 0.4:
                device.lose_link()
        for _ in range(200):
            if device.oldest == device.next_seq:
                break
            await asyncio.sleep(0.05)
        assert not work.done()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return device, receiver

    with Library(tmp_path / "library.sqlite") as library:
        device, receiver = asyncio.run(main())
        made = list(range(1, device.next_seq))
        assert device.unsafe == []
        assert [one.record.seq for one in library.reps()] == made
        assert seen == made
        if loss:
            assert receiver.report.reps_asked_again > 0


def test_reps_that_the_device_gave_up_do_not_stop_those_after_them(tmp_path: Path, quick) -> None:
    async def main() -> None:
        device = Device(library, 0.0, random.Random(1))
        device.make(10)
        device.oldest = 4  # its memory was full

        async def connect() -> Device:
            return device

        work = asyncio.create_task(Receiver(connect, library, Events()).run())
        await asyncio.sleep(0.1)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    with Library(tmp_path / "library.sqlite") as library:
        asyncio.run(main())
        assert [one.record.seq for one in library.reps()] == [4, 5, 6, 7, 8, 9, 10]


def test_a_device_that_is_never_found_is_an_error_at_once(tmp_path: Path) -> None:
    async def connect() -> Device:
        raise LinkError("No device of ours.")

    with pytest.raises(LinkError, match="No device"):
        asyncio.run(Receiver(connect, None, Events()).run())
