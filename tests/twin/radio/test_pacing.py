"""The link keeps time: connection events, throughput, settings."""

import asyncio
import random
from itertools import pairwise

import pytest

from dowel_host.errors import DowelError
from dowel_host.twin.clock import run
from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.settings import LinkSettingError, LinkSettings
from twin.radio.world import World, play


def times(heard: list[tuple[int, bytes]]) -> list[int]:
    return [time_us for time_us, _ in heard]


class TestConnectionEvents:
    @pytest.mark.parametrize("interval_us", [7_500, 15_000, 30_000, 47_500, 100_000])
    def test_everything_arrives_at_the_events_of_its_connection(self, interval_us):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            picks = random.Random(1)
            start = world.loop.now_us
            for number in range(100):
                at = start + picks.randrange(2_000_000)
                world.loop.call_at_us(
                    at, world.board.gatts_notify, 0, world.handles.live, bytes((number,))
                )
            await asyncio.sleep(5)
            return heard

        heard = play(scene, interval_us=interval_us, pdus_per_event=8)
        assert len(heard) == 100
        assert {(time_us - heard[0][0]) % interval_us for time_us in times(heard)} == {0}

    def test_the_anchor_is_that_of_the_connect_request(self):
        """Advertised at 250 ms steps, answered at once, 1.25 ms to the first event."""

        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            world.board.gatts_notify(0, world.handles.live, b"x")
            await asyncio.sleep(1)
            return heard

        [(time_us, _)] = play(scene)
        assert (time_us - 500_000 - 1_250) % 30_000 == 0

    @pytest.mark.parametrize("first", ["the event", "the notification"])
    def test_queued_in_the_microsecond_of_an_event_waits_for_the_next(self, first):
        """Whichever of the two the loop happens to run first."""

        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            await asyncio.sleep(0.2)
            (air,) = world.link.airs
            event_us = air.next_event_us(world.loop.now_us)

            stack = world.board._stack
            assert stack is not None
            # From host to controller without a turn of the loop.
            stack.device.host.set_packet_sink(stack.controller)

            def notify(data: bytes) -> None:
                world.board.gatts_notify(0, world.handles.live, data)

            if first == "the notification":
                world.loop.call_at_us(event_us, notify, b"late")
                await world.sleep_us(1)
            notify(b"in time")
            if first == "the event":
                await world.sleep_us(1)
                world.loop.call_at_us(event_us, notify, b"late")
            await asyncio.sleep(1)
            return event_us, heard

        event_us, heard = play(scene)
        assert heard == [(event_us, b"in time"), (event_us + 30_000, b"late")]

    def test_a_request_and_its_answer_take_two_events(self):
        async def scene(world: World):
            client = await world.connect()
            world.board.gatts_write(world.handles.info, b"hello")
            await asyncio.sleep(0.1)
            before = world.loop.now_us
            assert await client.read_gatt_char(world.handles.info) == b"hello"
            return world.loop.now_us - before

        assert 30_000 < play(scene) <= 60_000

    def test_controllers_do_not_answer_each_other_within_an_event(self):
        async def scene(world: World):
            await world.connect()
            (connection,) = world.radios[0].device.connections.values()
            (air,) = world.link.airs
            request_us = air.next_event_us(world.loop.now_us)
            await connection.get_remote_le_features()
            return world.loop.now_us - request_us

        assert play(scene) == 30_000

    def test_two_centrals_have_events_of_their_own(self):
        async def scene(world: World):
            first = await world.connect()
            await world.sleep_us(11_000)
            await world.advertise()
            second = await world.connect(await world.radio(2))
            heard = [await world.listen(client, world.handles.live) for client in (first, second)]
            for number in range(20):
                for connection in (0, 1):
                    data = bytes((connection, number))
                    world.board.gatts_notify(connection, world.handles.live, data)
                await asyncio.sleep(0.1)
            return heard

        first, second = play(scene)
        assert [data for _, data in first] == [bytes((0, number)) for number in range(20)]
        assert [data for _, data in second] == [bytes((1, number)) for number in range(20)]
        phases = [{time_us % 30_000 for time_us in times(heard)} for heard in (first, second)]
        assert len(phases[0]) == len(phases[1]) == 1
        assert phases[0] != phases[1]

    def test_a_central_may_change_the_interval_and_the_board_is_told(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            (connection,) = world.radios[0].device.connections.values()
            await connection.update_parameters(70.0, 70.0, 0, 2000.0)
            world.keep_full(world.handles.live, b"x", 2, step_us=100_000)
            await asyncio.sleep(4)
            (changed_us,) = [
                at for at, code, *_ in world.events if code == nimble.IRQ_CONNECTION_UPDATE
            ]
            assert {(time_us - changed_us) % 70_000 for time_us in times(heard)} == {0}
            return heard, world.events_of(nimble.IRQ_CONNECTION_UPDATE)

        heard, updates = play(scene, pdus_per_event=1)
        gaps = {later - earlier for earlier, later in pairwise(times(heard))}
        assert gaps == {70_000}
        # Interval in 1.25 ms, latency, timeout in 10 ms, status.
        assert updates == [(0, 56, 0, 200, 0)]


class TestThroughput:
    @pytest.mark.parametrize(
        ("interval_us", "pdus"), [(30_000, 4), (30_000, 1), (7_500, 8), (100_000, 1), (50_000, 3)]
    )
    def test_a_full_queue_empties_at_the_rate_of_the_events(self, interval_us, pdus):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            await asyncio.sleep(1)
            (air,) = world.link.airs
            world.keep_full(world.handles.live, bytes(244), 6)
            await asyncio.sleep(5)
            first = air.next_event_us(heard[0][0])
            return [t for t in times(heard) if first <= t < first + 30 * interval_us]

        arrived = play(scene, interval_us=interval_us, pdus_per_event=pdus)
        assert len(arrived) == 30 * pdus

    def test_a_hundred_ms_and_one_pdu_carry_ten_of_thirteen_a_second(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            refused: list[tuple[int, int | None]] = []

            def notify(number: int) -> None:
                try:
                    world.board.gatts_notify(0, world.handles.live, number.to_bytes(2))
                except OSError as error:
                    refused.append((world.loop.now_us, error.errno))

            (air,) = world.link.airs
            start = world.loop.now_us
            sent_at = [start + number * 1_000_000 // 13 for number in range(20 * 13)]
            for number, at in enumerate(sent_at):
                world.loop.call_at_us(at, notify, number)
            first_us = air.next_event_us(start)
            await asyncio.sleep(25)
            return sent_at, first_us, heard, refused, world.board.station

        sent_at, first_us, heard, refused, station = play(
            scene, interval_us=100_000, pdus_per_event=1
        )
        # The same with a queue of 24 on paper.
        waiting, expected, event_us = 0, [], first_us
        for at in sent_at:
            while event_us < at:
                waiting = max(0, waiting - 1)
                event_us += 100_000
            if waiting == 24:
                expected.append(at)
            else:
                waiting += 1
        assert refused == [(at, nimble.ENOMEM) for at in expected]
        assert expected[0] - sent_at[0] == pytest.approx(24 / (13 - 10) * 1e6, abs=400_000)
        assert len([t for t in times(heard) if t <= sent_at[0] + 20_000_000]) == 200
        assert station.refused == len(refused)
        assert station.notifications_in == station.notifications_out == len(heard)
        assert len(heard) + len(refused) == 260
        assert heard == sorted(heard), "what was taken arrives in order"

    def test_live_frames_and_reps_pass_at_thirty_ms_without_a_refusal(self):
        async def scene(world: World):
            client = await world.connect()
            heard = await world.listen(client, world.handles.live)
            start = world.loop.now_us
            for number in range(600):
                at = start + number * 1_000_000 // 13
                data = number.to_bytes(2) * 20
                world.loop.call_at_us(at, world.board.gatts_notify, 0, world.handles.live, data)
            await asyncio.sleep(50)
            return start, heard

        start, heard = play(scene)
        assert len(heard) == 600
        late = [time_us - (start + n * 1_000_000 // 13) for n, time_us in enumerate(times(heard))]
        assert max(late) <= 30_000


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("interval_us", 6_250),
            ("interval_us", 101_250),
            ("interval_us", 30_001),
            ("pdus_per_event", 0),
            ("pdus_per_event", 9),
            ("data_length", 26),
            ("data_length", 252),
            ("supervision_timeout_us", 95_000),
            ("supervision_timeout_us", 4_005_000),
            ("tx_buffers", 0),
            ("max_connections", 0),
        ],
    )
    def test_what_bluetooth_does_not_allow_is_one_sentence(self, name, value):
        with pytest.raises(LinkSettingError) as error:
            LinkSettings(**{name: value})
        assert isinstance(error.value, DowelError)
        assert str(value) in str(error.value)
        assert error.value.value == value

    def test_the_limits_are_allowed(self):
        LinkSettings(interval_us=7_500, pdus_per_event=8, data_length=27, tx_buffers=1)
        LinkSettings(interval_us=100_000, supervision_timeout_us=32_000_000)

    def test_two_radios_cannot_have_one_address(self):
        async def scene(world: World):
            await world.radio(1)
            with pytest.raises(ValueError, match="F0:F0:F0:00:00:01"):
                await world.radio(1)

        play(scene)

    def test_a_link_needs_the_boards_clock(self):
        async def main():
            PacedLink()

        with pytest.raises(TypeError, match="BoardLoop"):
            asyncio.run(main())

    def test_a_link_on_the_boards_clock_needs_nothing_else(self):
        async def main():
            return PacedLink().settings

        assert run(main(), realtime=False) == LinkSettings()
