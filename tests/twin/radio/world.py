"""A board and centrals on the virtual air, for the tests of the radio."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from dowel_host.twin.clock import BoardLoop, run
from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bleak_backend import backend_for
from dowel_host.twin.radio.central import CentralRadio
from dowel_host.twin.radio.handler import Blob, Reply
from dowel_host.twin.radio.hci_log import HciLog
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.peripheral import Peripheral
from dowel_host.twin.radio.settings import LinkSettings

T = TypeVar("T")

MAC = bytes.fromhex("246f28ab3c4d")
ADDRESS = "24:6F:28:AB:3C:4D"
NAME = "Dowel-3C4D"

# Least significant byte first, as MicroPython hands UUIDs on.
SERVICE = bytes.fromhex("00010203040506070809000000000000")
SERVICE_TEXT = "00000000-0000-0908-0706-050403020100"


def uuid(number: int) -> bytes:
    return SERVICE[:-1] + bytes((number,))


LIVE, CONTROL, INFO, SECRET, ACK = (uuid(number) for number in range(1, 6))
NOTIFY, INDICATE = nimble.FLAG_NOTIFY, nimble.FLAG_INDICATE
READ, WRITE = nimble.FLAG_READ, nimble.FLAG_WRITE
COMMAND = nimble.FLAG_WRITE_NO_RESPONSE
LAYOUT = [
    (
        SERVICE,
        [
            (LIVE, NOTIFY, []),
            (CONTROL, WRITE | COMMAND, []),
            (INFO, READ | NOTIFY, []),
            (SECRET, READ | nimble.FLAG_READ_ENCRYPTED, []),
            (ACK, INDICATE, []),
        ],
    )
]


def errno_of(call: Callable[[], object]) -> int | None:
    """The number of the OSError that a call raises."""
    with pytest.raises(OSError) as error:  # noqa: PT011 - the number is what is looked at
        call()
    return error.value.errno


class Handles:
    """Value handles of LAYOUT."""

    def __init__(self, handles: tuple[int, ...]) -> None:
        self.live, self.control, self.info, self.secret, self.ack = handles


class World:
    """The link, one board that advertises, and whoever comes."""

    def __init__(self, settings: LinkSettings) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, BoardLoop)
        self.loop = loop
        self.link = PacedLink(settings)
        self.events: list[tuple[int, int, tuple[int, ...], tuple[Blob, ...]]] = []
        # Events and questions, in their order, without times.
        self.story: list[tuple[int, tuple[int, ...], tuple[Blob, ...]]] = []
        self.answer: Callable[[int, tuple[int, ...], tuple[Blob, ...]], Reply] = lambda *_: None
        self.hci = HciLog(lambda: loop.now_us)
        self.board = Peripheral(self.link, MAC, self._event, ask=self.ask, hci_log=self.hci)
        self.radios: list[CentralRadio] = []
        self.handles: Handles

    def _event(self, event: int, ints: tuple[int, ...], blobs: tuple[Blob, ...]) -> None:
        self.events.append((self.loop.now_us, event, ints, blobs))
        self.story.append((event, ints, blobs))
        self.answer(event, ints, blobs)

    async def ask(self, event: int, ints: tuple[int, ...], blobs: tuple[Blob, ...]) -> Reply:
        self.story.append((event, ints, blobs))
        return self.answer(event, ints, blobs)

    def events_of(self, code: int) -> list[tuple[int, ...]]:
        """What came with each event of this kind, without its addresses."""
        return [ints for _, event, ints, _ in self.events if event == code]

    async def boot(self, *, mtu: int = 247, advertise: bool = True) -> None:
        """What firmware does at its start."""
        await self.board.active(True)
        self.board.config_set("mtu", mtu)
        self.handles = Handles(self.board.gatts_register_services(LAYOUT))
        if advertise:
            await self.advertise()

    async def advertise(self) -> None:
        data = b"\x02\x01\x06\x11\x07" + SERVICE
        name = bytes((len(NAME) + 1, 9)) + NAME.encode()
        await self.board.gap_advertise(250_000, data, name)

    async def radio(self, number: int = 1, **options: Any) -> CentralRadio:
        """A central's adapter."""
        radio = await CentralRadio.open(self.link, f"F0:F0:F0:00:00:{number:02X}", **options)
        self.radios.append(radio)
        return radio

    async def find(self, radio: CentralRadio, **options: Any) -> BLEDevice:
        scanner, _ = backend_for(radio)
        found = await BleakScanner.find_device_by_address(ADDRESS, backend=scanner, **options)
        assert found is not None
        return found

    async def connect(self, radio: CentralRadio | None = None, **options: Any) -> BleakClient:
        """A connected client."""
        radio = radio or await self.radio()
        client = self.client(radio, await self.find(radio), **options)
        await client.connect()
        return client

    def client(
        self, radio: CentralRadio, device: BLEDevice | str = ADDRESS, **options: Any
    ) -> BleakClient:
        _, backend = backend_for(radio)
        return BleakClient(device, backend=backend, **options)

    async def listen(self, client: BleakClient, handle: int) -> list[tuple[int, bytes]]:
        """Subscribe; the list grows by (time in us, value)."""
        heard: list[tuple[int, bytes]] = []
        await client.start_notify(
            handle, lambda _, data: heard.append((self.loop.now_us, bytes(data)))
        )
        return heard

    async def sleep_us(self, us: int) -> None:
        await asyncio.sleep(us / 1_000_000)

    def keep_full(self, handle: int, data: bytes, seconds: float, step_us: int = 1_000) -> None:
        """Notify as often as the radio takes it."""

        def fill() -> None:
            with contextlib.suppress(OSError):
                while True:
                    self.board.gatts_notify(0, handle, data)

        start = self.loop.now_us
        for at in range(0, round(seconds * 1_000_000), step_us):
            self.loop.call_at_us(start + at, fill)

    async def close(self) -> None:
        for radio in self.radios:
            await radio.close()
        await self.board.active(False)


def play(
    scene: Callable[[World], Awaitable[T]],
    *,
    realtime: bool = False,
    boot: bool = True,
    mtu: int = 247,
    **settings: Any,
) -> T:
    """Run a scene in a new world; LinkSettings by name."""

    async def main() -> T:
        world = World(LinkSettings(**settings))
        if boot:
            await world.boot(mtu=mtu)
        result = await scene(world)
        await world.close()
        return result

    return run(main(), realtime=realtime)
