"""Pairing as an ESP32 does it: methods, passkeys, who asks whom, what goes wrong."""

import asyncio

import pytest
from bleak.exc import BleakError

from dowel_host.twin.radio import central_security, nimble
from dowel_host.twin.radio.pairing_agent import IoCapability, PairingAgent
from twin.radio.firmware import prepare, updates
from twin.radio.world import World, errno_of, play

NOTHING = IoCapability.NO_OUTPUT_NO_INPUT
KEYS = IoCapability.KEYBOARD_INPUT_ONLY
SCREEN = IoCapability.DISPLAY_OUTPUT_ONLY
BUTTONS = IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT
BOTH = IoCapability.DISPLAY_OUTPUT_AND_KEYBOARD_INPUT
TYPES, SHOWS, COMPARES = nimble.PASSKEY_INPUT, nimble.PASSKEY_DISPLAY, nimble.PASSKEY_COMPARE
FAILED = (0, 0, 0, 0, 0)  # of an ENCRYPTION_UPDATE, after which nothing is encrypted


class TestMethods:
    @pytest.mark.parametrize(
        ("io", "can", "config", "asked", "proven"),
        [
            (3, NOTHING, {}, [], 0),
            (3, BOTH, {}, [], 0),
            (0, NOTHING, {}, [], 0),
            (0, SCREEN, {}, [], 0),
            (0, KEYS, {}, [SHOWS], 1),
            (2, SCREEN, {}, [TYPES], 1),
            (2, KEYS, {}, [TYPES], 1),
            (1, BUTTONS, {}, [COMPARES], 1),
            (4, BUTTONS, {}, [COMPARES], 1),
            (4, KEYS, {}, [SHOWS], 1),
            (1, BUTTONS, {"le_secure": 0}, [], 0),
            (0, KEYS, {"le_secure": 0}, [SHOWS], 1),
            (2, SCREEN, {"le_secure": 0}, [TYPES], 1),
            # Either side may ask for protection against a man in the middle.
            (0, KEYS, {"mitm": 0}, [SHOWS], 1),
        ],
    )
    def test_follows_from_what_both_sides_can(self, io, can, config, asked, proven):
        async def scene(world: World):
            firmware = prepare(world, io=io, **config)
            client = await world.connect()
            await client.pair(agent=PairingAgent(can, passkey=123456))
            await asyncio.sleep(0.5)
            return [action for action, _ in firmware.actions], updates(world)

        # connection, encrypted, authenticated, bonded, key size
        assert play(scene) == (asked, [(0, 1, proven, 1, 16)])

    def test_without_a_wish_for_protection_there_is_no_passkey(self):
        async def scene(world: World):
            firmware = prepare(world, mitm=0)
            client = await world.connect()
            await client.pair(agent=Careless(KEYS, passkey=123456))
            return firmware.actions

        assert play(scene) == []

    @pytest.mark.parametrize("passkey", [0, 7, 999_999])
    def test_any_passkey_of_six_digits(self, passkey):
        async def scene(world: World):
            prepare(world, passkey)
            client = await world.connect()
            await client.pair(passkey=passkey)
            await asyncio.sleep(0.5)
            return updates(world)

        assert play(scene) == [(0, 1, 1, 1, 16)]

    def test_both_sides_show_the_same_number_to_compare(self):
        async def scene(world: World):
            firmware = prepare(world, passkey=1, io=1)
            agent = PairingAgent(BUTTONS)
            client = await world.connect()
            await client.pair(agent=agent)
            return agent.shown, [number for _, number in firmware.actions]

        central, board = play(scene)
        assert central == board
        assert 0 <= board[0] <= 999_999

    def test_a_central_that_shows_a_passkey_may_draw_one(self):
        async def scene(world: World):
            firmware = prepare(world, passkey=None, io=2)
            agent = PairingAgent(SCREEN)
            client = await world.connect()
            pairing = asyncio.ensure_future(client.pair(agent=agent))
            await asyncio.sleep(1)
            assert firmware.actions == [(TYPES, 0)]
            world.board.gap_passkey(0, TYPES, agent.shown[0])
            await pairing

        play(scene)


class Careless(PairingAgent):
    """It has keys and wants no protection."""

    @property
    def proves(self):
        return False


class Slow(PairingAgent):
    """It needs 40 s to type."""

    async def get_number(self):
        await asyncio.sleep(40)
        return await super().get_number()


class TestFailure:
    @pytest.mark.parametrize(
        ("io", "passkey", "agent", "le_secure"),
        [
            pytest.param(0, 123456, PairingAgent(KEYS, passkey=1), 1, id="mistyped"),
            pytest.param(0, 123456, PairingAgent(KEYS, passkey=1), 0, id="mistyped, legacy"),
            pytest.param(0, 123456, PairingAgent(KEYS), 1, id="given up"),
            pytest.param(0, 123456, PairingAgent(KEYS), 0, id="given up, legacy"),
            pytest.param(2, 1, PairingAgent(SCREEN, passkey=2), 1, id="board mistypes"),
            pytest.param(2, 1, PairingAgent(SCREEN, passkey=2), 0, id="board mistypes, legacy"),
            pytest.param(1, 0, PairingAgent(BUTTONS), 1, id="board disagrees"),
            pytest.param(1, 1, PairingAgent(BUTTONS, agrees=False), 1, id="central disagrees"),
        ],
    )
    def test_both_sides_hear_of_it(self, io, passkey, agent, le_secure):
        async def scene(world: World):
            firmware = prepare(world, passkey, io=io, le_secure=le_secure)
            client = await world.connect()
            with pytest.raises(BleakError):
                await client.pair(agent=agent)
            await asyncio.sleep(0.5)
            assert client.is_connected
            assert all(kind == nimble.SECRET_IDENTITY for kind, _ in firmware.secrets)
            return updates(world)

        assert play(scene) == [FAILED]

    def test_the_next_attempt_on_the_same_connection_may_succeed(self):
        async def scene(world: World):
            prepare(world)
            client = await world.connect()
            for wrong in (1, 2):
                with pytest.raises(BleakError):
                    await client.pair(passkey=wrong)
            await client.pair(passkey=123456)
            await asyncio.sleep(0.5)
            return updates(world)

        assert play(scene) == [FAILED, FAILED, (0, 1, 1, 1, 16)]

    def test_a_program_that_gives_no_passkey_has_thirty_seconds(self):
        async def scene(world: World):
            prepare(world, passkey=None)
            client = await world.connect()
            start = world.loop.now_us
            with pytest.raises(TimeoutError):
                await client.pair(passkey=123456)
            await asyncio.sleep(1)
            assert errno_of(lambda: world.board.gap_passkey(0, SHOWS, 1)) == nimble.ENOENT
            return world.loop.now_us - start, updates(world), client.is_connected

        took_us, told, connected = play(scene)
        assert 30_000_000 <= took_us <= 31_500_000
        assert (told, connected) == ([FAILED], False)

    def test_afterwards_it_is_too_late(self, monkeypatch):
        monkeypatch.setattr(central_security, "TIMEOUT_S", 60.0)

        async def scene(world: World):
            prepare(world)
            client = await world.connect()
            with pytest.raises(TimeoutError):
                await client.pair(agent=Slow(KEYS, passkey=123456))
            return updates(world)

        assert play(scene) == [FAILED]

    def test_a_link_that_goes_in_the_middle_ends_the_pairing_first(self):
        async def scene(world: World):
            prepare(world)
            client = await world.connect()
            pairing = asyncio.ensure_future(client.pair(passkey=123456))
            await asyncio.sleep(1)
            await client.disconnect()
            with pytest.raises(BleakError, match="disconnected"):
                await pairing
            return [(event, ints) for _, event, ints, _ in world.events][-2:]

        lost = nimble.IRQ_CENTRAL_DISCONNECT
        assert play(scene) == [(nimble.IRQ_ENCRYPTION_UPDATE, FAILED), (lost, (0, 0))]

    @pytest.mark.parametrize("after_us", range(10_000, 3_000_000, 270_000))
    def test_the_link_may_go_at_any_moment(self, after_us):
        async def scene(world: World):
            firmware = prepare(world)
            client = await world.connect()
            pairing = asyncio.ensure_future(client.pair(passkey=123456))
            await world.sleep_us(after_us)
            world.board.go_dark()
            await asyncio.sleep(5)
            world.board.come_back()
            await asyncio.wait([pairing])
            told = [event for _, event, _, _ in world.events if event in (2, 28)]
            bonds = [kind for kind, _ in firmware.secrets if kind != nimble.SECRET_IDENTITY]
            if pairing.exception() is None:
                assert (told, sorted(bonds)) == ([28, 2], [1, 2])
            else:
                assert isinstance(pairing.exception(), BleakError)
                assert told in ([28, 2], [2])  # before the request has come there is no pairing
            # Whatever happened, they can pair again.
            await client.unpair()
            await world.advertise()
            await client.connect()
            await client.pair(passkey=123456)
            await asyncio.sleep(0.5)
            return updates(world)[-1]

        assert play(scene) == (0, 1, 1, 1, 16)


@pytest.mark.parametrize("passkey", [None, 123456])
def test_when_things_happen_does_not_depend_on_the_random_keys(passkey):
    async def scene(world: World):
        prepare(world, passkey)
        client = await world.connect()
        await client.pair(passkey=passkey)
        await client.disconnect()
        await world.advertise()
        await client.connect()
        traffic = [(packet.time_us, packet.to_controller, packet.data) for packet in world.hci]
        return [(at_us, out, len(data)) for at_us, out, data in traffic], traffic

    shapes, contents = zip(play(scene), play(scene), strict=True)
    assert shapes[0] == shapes[1]
    assert contents[0] != contents[1]
