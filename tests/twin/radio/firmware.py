"""What firmware does about pairing, as MicroPython's documentation shows it, for the tests."""

import asyncio

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.handler import Blob, Reply
from dowel_host.twin.radio.peripheral import Peripheral
from twin.radio.world import World

GET, SET = nimble.IRQ_GET_SECRET, nimble.IRQ_SET_SECRET
PEER = bytes.fromhex("00 0100 00f0f0f0")  # a central of the world: address type, then its bytes


class Firmware:
    """A handler that keeps secrets and gives a passkey. Its attributes make it behave badly.

    passkey: what it shows or types, and what it says of two numbers (0: they differ); None: it
    never calls gap_passkey. refuses: what it answers to a central that reads.
    """

    def __init__(self, board: Peripheral, passkey: int | None = None, refuses: Reply = 0) -> None:
        self.board = board
        self.passkey = passkey
        self.refuses = refuses
        self.secrets: dict[tuple[int, bytes], bytes] = {}
        self.actions: list[tuple[int, int]] = []  # what was asked, and the number to compare

    def __call__(self, event: int, ints: tuple[int, ...], blobs: tuple[Blob, ...]) -> Reply:
        if event == nimble.IRQ_GET_SECRET:
            return self._get(ints[0], ints[1], blobs[0])
        if event == nimble.IRQ_SET_SECRET:
            assert blobs[0] is not None
            return self._set((ints[0], blobs[0]), blobs[1])
        if event == nimble.IRQ_GATTS_READ_REQUEST:
            return self.refuses
        if event == nimble.IRQ_PASSKEY_ACTION:
            connection, action, number = ints
            self.actions.append((action, number))
            if self.passkey is not None:
                self.board.gap_passkey(connection, action, self.passkey)
        return None

    def _get(self, kind: int, index: int, key: bytes | None) -> bytes | None:
        if key is not None:
            return self.secrets.get((kind, key))
        values = [value for (other, _), value in self.secrets.items() if other == kind]
        return values[index] if index < len(values) else None

    def _set(self, name: tuple[int, bytes], value: bytes | None) -> bool:
        if value is None:
            return self.secrets.pop(name, None) is not None
        self.secrets[name] = value
        return True


def prepare(world: World, passkey: int | None = 123456, **config: int) -> Firmware:
    """Firmware that shows a passkey, unless told otherwise."""
    firmware = Firmware(world.board, passkey)
    world.answer = firmware
    for name, value in {"bond": 1, "mitm": 1, "io": 0, **config}.items():
        world.board.config_set(name, value)
    return firmware


def updates(world: World) -> list[tuple[int, ...]]:
    """What the program has heard: connection, encrypted, authenticated, bonded, key size."""
    return world.events_of(nimble.IRQ_ENCRYPTION_UPDATE)


def secrets(world: World) -> list[tuple[object, ...]]:
    """What was asked and told about secrets and encryption since the last time.

    (GET, kind, index, key), (SET, kind, key, whether there is a value), (28, its data)
    """
    told: list[tuple[object, ...]] = []
    for event, ints, blobs in world.story:
        if event == GET:
            told.append((GET, *ints, blobs[0]))
        elif event == SET:
            told.append((SET, *ints, blobs[0], blobs[1] is not None))
        elif event == nimble.IRQ_ENCRYPTION_UPDATE:
            told.append((event, *ints))
    world.story.clear()
    return told


async def restart(world: World) -> None:
    """The board is switched off and on; what the firmware keeps lasts."""
    await asyncio.sleep(0.5)  # what is under way comes to its end
    world.board.reset()
    world.board.config_set("bond", 1)
    await asyncio.sleep(5)  # the peers notice
    world.story.clear()
    await world.boot()
