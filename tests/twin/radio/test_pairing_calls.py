"""gap_passkey and gap_pair: when they are refused, and what the central does about them."""

import asyncio

import pytest

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.pairing_agent import IoCapability, PairingAgent
from twin.radio.firmware import prepare, updates
from twin.radio.world import World, errno_of, play

KEYS = IoCapability.KEYBOARD_INPUT_ONLY
TYPES, SHOWS = nimble.PASSKEY_INPUT, nimble.PASSKEY_DISPLAY
FAILED = (0, 0, 0, 0, 0)  # of an ENCRYPTION_UPDATE, after which nothing is encrypted


class TestGapPasskey:
    @pytest.mark.parametrize(
        ("arguments", "number"),
        [
            ((0, SHOWS, 1_000_000), nimble.EINVAL),
            ((0, SHOWS, -1), nimble.EINVAL),
            ((0, TYPES, 123456), nimble.EINVAL),
            ((0, 0, 123456), nimble.EINVAL),
            ((0, 1, 123456), nimble.EINVAL),
            ((0, 5, 123456), nimble.EINVAL),
            ((1, SHOWS, 123456), nimble.ENOENT),
        ],
    )
    def test_refusals_do_not_end_the_pairing(self, arguments, number):
        async def scene(world: World):
            prepare(world, passkey=None)
            client = await world.connect()
            pairing = asyncio.ensure_future(client.pair(passkey=123456))
            await asyncio.sleep(1)
            refused = errno_of(lambda: world.board.gap_passkey(*arguments))
            world.board.gap_passkey(0, SHOWS, 123456)
            again = errno_of(lambda: world.board.gap_passkey(0, SHOWS, 123456))
            await pairing
            return refused, again

        assert play(scene) == (number, nimble.EALREADY)

    def test_while_nobody_pairs(self):
        async def scene(world: World):
            await world.connect()
            return errno_of(lambda: world.board.gap_passkey(0, SHOWS, 1))

        assert play(scene) == nimble.ENOENT

    def test_before_it_is_due(self):
        async def scene(world: World):
            prepare(world, passkey=None)
            client = await world.connect()
            world.radios[0].security.agent = PairingAgent(KEYS)
            world.board.gap_pair(0)
            return errno_of(lambda: world.board.gap_passkey(0, SHOWS, 1)), client.is_connected

        assert play(scene) == (nimble.EINVAL, True)


class TestGapPair:
    def test_the_central_pairs_when_it_is_asked(self):
        async def scene(world: World):
            prepare(world)
            client = await world.connect()
            world.radios[0].security.agent = PairingAgent(KEYS, passkey=123456)
            world.board.gap_pair(0)
            await asyncio.sleep(4)
            return updates(world), client.is_connected

        assert play(scene) == ([(0, 1, 1, 1, 16)], True)

    def test_while_it_is_under_way_and_without_a_connection(self):
        async def scene(world: World):
            prepare(world)
            await world.connect()
            world.board.gap_pair(0)
            return [errno_of(lambda n=n: world.board.gap_pair(n)) for n in (0, 1)]

        assert play(scene) == [nimble.EALREADY, nimble.NOT_CONNECTED]

    @pytest.mark.parametrize(("mitm", "pairings"), [(0, 1), (1, 2)])
    def test_a_bonded_central_encrypts_and_pairs_only_for_more_protection(self, mitm, pairings):
        async def scene(world: World):
            firmware = prepare(world, mitm=0)
            client = await world.connect()
            await client.pair()
            world.board.config_set("mitm", mitm)
            world.radios[0].security.agent = PairingAgent(KEYS, passkey=123456)
            world.board.gap_pair(0)
            await asyncio.sleep(4)
            kept = [event for event, ints, _ in world.story if (event, *ints) == (30, 1)]
            return updates(world), len(firmware.actions), kept

        told, asked, kept = play(scene)
        assert told == [(0, 1, 0, 1, 16), (0, 1, mitm, 1, 16)]
        assert asked == mitm
        # Kept once more, and the old one deleted: until there is nothing left to delete.
        assert len(kept) == 1 + 3 * (pairings - 1)

    def test_a_central_that_does_not_answer_has_thirty_seconds(self):
        async def scene(world: World):
            prepare(world)
            await world.connect()
            manager = world.radios[0].device.smp_manager
            manager.on_smp_security_request_command = lambda connection, request: None  # deaf
            world.board.gap_pair(0)
            await asyncio.sleep(29)
            assert updates(world) == []
            await asyncio.sleep(2)
            return updates(world)

        assert play(scene) == [FAILED]
