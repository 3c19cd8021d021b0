"""Bonds that the firmware keeps: what it is asked, in which order, what comes of its answers."""

import asyncio
import logging
from dataclasses import replace

import pytest
from bleak.exc import BleakError

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bonds import Bond
from twin.radio.firmware import GET, PEER, SET, prepare, restart, secrets
from twin.radio.world import World, play

OUR, THEIRS = nimble.SECRET_OUR, nimble.SECRET_PEER

UPDATED = (nimble.IRQ_ENCRYPTION_UPDATE, 0, 1, 0, 1, 16)
KEPT = [(SET, OUR, PEER, True), (SET, THEIRS, PEER, True), UPDATED]


def renumbered(record: bytes) -> bytes:
    """Give a bond another EDIV, by which the peer would have to ask for it."""
    bond = Bond.unpack(record)
    assert bond is not None
    return replace(bond, ediv=bond.ediv + 1).pack()


class TestPairing:
    def test_first_it_is_asked_for_an_older_bond_then_told_the_new(self):
        async def scene(world: World):
            prepare(world)
            client = await world.connect()
            await client.pair()
            await asyncio.sleep(0.5)
            return secrets(world)[2:]

        assert play(scene) == [(GET, THEIRS, 0, PEER), *KEPT]

    def test_without_bonding_nothing_is_kept_on_either_side(self):
        async def scene(world: World):
            firmware = prepare(world, bond=0)
            client = await world.connect()
            await client.pair()
            await asyncio.sleep(0.5)
            await client.disconnect()
            await world.advertise()
            await client.connect()
            told = world.events_of(nimble.IRQ_ENCRYPTION_UPDATE)
            return told, {kind for kind, _ in firmware.secrets}

        assert play(scene) == ([(0, 1, 0, 0, 16)], set())

    def test_a_peer_that_lost_its_key_pairs_anew_and_the_old_bond_goes_first(self):
        async def scene(world: World):
            prepare(world)
            client = await world.connect()
            await client.pair()
            await client.unpair()
            await world.advertise()
            await client.connect()
            world.story.clear()
            await client.pair()
            await asyncio.sleep(0.5)
            return secrets(world)

        assert play(scene) == [
            (GET, THEIRS, 0, PEER),
            # Deleted until the handler says that there is nothing left.
            *[(SET, OUR, PEER, False)] * 2,
            *[(SET, THEIRS, PEER, False)] * 2,
            (GET, THEIRS, 0, PEER),
            *KEPT,
        ]

    @pytest.mark.parametrize(
        ("fault", "why"),
        [
            (lambda event, _ints, blobs: event == SET and blobs[1] is None, "already deleted"),
            (lambda event, ints, _blobs: event == GET and ints[0] == THEIRS, "still there"),
        ],
    )
    def test_a_handler_with_which_the_chip_would_hang_is_refused_loudly(self, fault, why, caplog):
        async def scene(world: World):
            firmware = prepare(world)
            client = await world.connect()
            await client.pair()
            await asyncio.sleep(0.5)
            bond = firmware.secrets[THEIRS, PEER]
            world.answer = lambda event, ints, blobs: (
                (bond if event == GET else True)
                if fault(event, ints, blobs)
                else firmware(event, ints, blobs)
            )
            await client.unpair()
            await world.advertise()
            await client.connect()
            with pytest.raises(BleakError):
                await client.pair()
            errors = [r.exc_info for r in caplog.records if r.levelno == logging.ERROR]
            caplog.clear()
            return [str(info[1]) for info in errors if info is not None]

        (said,) = play(scene)
        assert why in said


class TestRestart:
    @pytest.mark.parametrize("le_secure", [1, 0])
    def test_a_bonded_peer_is_encrypted_at_once(self, le_secure):
        async def scene(world: World):
            prepare(world, le_secure=le_secure)
            client = await world.connect()
            await client.pair()
            await restart(world)
            secrets(world)
            await client.connect()
            value = await client.read_gatt_char(world.handles.secret)
            return value, secrets(world)

        assert play(scene) == (b"", [(GET, OUR, 0, PEER), UPDATED])

    def test_what_was_proven_stays_proven(self):
        async def scene(world: World):
            prepare(world)
            client = await world.connect()
            await client.pair(passkey=123456)
            await restart(world)
            await client.connect()
            await asyncio.sleep(0.5)
            return world.events_of(nimble.IRQ_ENCRYPTION_UPDATE)

        assert play(scene) == [(0, 1, 1, 1, 16)] * 2

    @pytest.mark.parametrize(
        "lose",
        [
            lambda kept: kept.clear(),
            lambda kept: kept.update({(OUR, PEER): kept[OUR, PEER][:-1]}),
            lambda kept: kept.update({(OUR, PEER): renumbered(kept[OUR, PEER])}),
        ],
        ids=["all", "cut short", "of another number"],
    )
    def test_a_board_that_lost_its_secrets_knows_nobody(self, lose):
        async def scene(world: World):
            firmware = prepare(world)
            client = await world.connect()
            await client.pair()
            await asyncio.sleep(0.5)
            lose(firmware.secrets)
            await restart(world)
            with pytest.raises(BleakError, match="unpair, then pair again"):
                await client.connect()
            assert not client.is_connected
            updated = len(world.events_of(nimble.IRQ_ENCRYPTION_UPDATE))
            await client.unpair()
            await asyncio.sleep(0.5)
            await world.advertise()
            await client.connect()
            await client.pair()
            await asyncio.sleep(0.5)
            return updated, world.events_of(nimble.IRQ_ENCRYPTION_UPDATE)

        assert play(scene) == (1, [(0, 1, 0, 1, 16)] * 2)

    def test_with_another_key_than_the_peers_the_connection_ends(self):
        async def scene(world: World):
            firmware = prepare(world)
            client = await world.connect()
            await client.pair()
            await asyncio.sleep(0.5)
            old = dict(firmware.secrets)
            await client.unpair()
            await world.advertise()
            await client.connect()
            await client.pair()
            await asyncio.sleep(0.5)
            firmware.secrets.update(old)  # as from an older copy of the flash
            await restart(world)
            with pytest.raises(BleakError):
                await client.connect()
            await asyncio.sleep(5)
            return client.is_connected, [event for event, _, _ in world.story][-1]

        assert play(scene) == (False, nimble.IRQ_CENTRAL_DISCONNECT)

    def test_firmware_that_keeps_nothing_pairs_but_is_not_bonded(self):
        async def scene(world: World):
            world.board.config_set("bond", 1)
            client = await world.connect()
            await client.pair()
            await asyncio.sleep(0.5)
            told = world.events_of(nimble.IRQ_ENCRYPTION_UPDATE)
            await client.disconnect()
            await world.advertise()
            with pytest.raises(BleakError, match="pair again"):
                await client.connect()
            return told

        assert play(scene) == [(0, 1, 0, 1, 16)]
