"""The board's clock: integer microseconds, one order of events, the same at any speed."""

import asyncio
import os
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowel_host.twin.clock import BoardDeadlockError, BoardLoop, ClockError, run


def loop() -> BoardLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, BoardLoop)
    return running


async def turns(count: int) -> None:
    """Let everything that is ready run, count times."""
    for _ in range(count):
        await asyncio.sleep(0)


class TestFast:
    def test_a_sleep_takes_board_time_and_no_wall_time(self):
        async def main():
            await asyncio.sleep(3600)
            return loop().now_us

        started = time.perf_counter()
        assert run(main(), realtime=False) == 3_600_000_000
        assert time.perf_counter() - started < 1

    def test_the_clock_starts_at_zero_and_time_is_the_same_clock_in_seconds(self):
        async def main():
            before = loop().now_us, loop().time()
            await asyncio.sleep(1.25)
            return before, loop().now_us, loop().time()

        assert run(main(), realtime=False) == ((0, 0.0), 1_250_000, 1.25)

    def test_a_microsecond_is_told_from_the_next_after_a_day(self):
        async def main():
            seen = []
            start = 86_400_000_000
            for us in (start + 2, start, start + 1):
                loop().call_at_us(us, lambda us=us: seen.append((us, loop().now_us)))
            await asyncio.sleep(86_401)
            return seen

        day = 86_400_000_000
        assert run(main(), realtime=False) == [(day + n, day + n) for n in range(3)]

    def test_timeouts_are_exact(self):
        async def main():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.0337):
                    await asyncio.Event().wait()
            return loop().now_us

        assert run(main(), realtime=False) == 33_700

    @pytest.mark.parametrize("us", [1_001, 57, 999_999, 2_500_003])
    def test_seconds_are_rounded_to_the_microsecond(self, us):
        """0.001001 s is 1000.9999999999999 us to a computer."""

        async def main():
            await asyncio.sleep(us / 1e6)
            first = loop().now_us
            await asyncio.sleep(us / 1e6)
            return first, loop().now_us

        assert run(main(), realtime=False) == (us, 2 * us)

    def test_what_is_past_runs_at_once_and_the_clock_does_not_go_back(self):
        async def main():
            await asyncio.sleep(1)
            done = loop().create_future()
            loop().call_at_us(10, lambda: done.set_result(loop().now_us))
            return await done

        assert run(main(), realtime=False) == 1_000_000


class TestOrder:
    @given(st.lists(st.integers(0, 5), min_size=2, max_size=60))
    @settings(max_examples=50)
    def test_equal_times_run_in_the_order_of_scheduling(self, times):
        async def main():
            seen: list[tuple[int, int]] = []
            for index, due_us in enumerate(times):
                loop().call_at_us(due_us, lambda *item: seen.append(item), due_us, index)
            await asyncio.sleep(1)
            return seen

        assert run(main(), realtime=False) == sorted(
            (due, index) for index, due in enumerate(times)
        )

    def test_the_order_survives_cancelled_timers(self):
        """asyncio rebuilds its heap once many timers have been cancelled."""

        async def main():
            seen = []
            picks = random.Random(5)
            for index in range(400):
                handle = loop().call_at_us(100, seen.append, index)
                if picks.random() < 0.7:
                    handle.cancel()
            await asyncio.sleep(1)
            return seen

        order = run(main(), realtime=False)
        assert len(order) > 50
        assert order == sorted(order)

    def test_call_later_and_call_at_us_share_one_order(self):
        async def main():
            seen = []
            loop().call_later(0.03, seen.append, "later")
            loop().call_at_us(30_000, seen.append, "at us")
            loop().call_at(0.03, seen.append, "at")
            await asyncio.sleep(0.1)
            return seen

        assert run(main(), realtime=False) == ["later", "at us", "at"]


class TestInlineAdvance:
    def test_next_due_is_now_while_something_is_ready(self):
        async def main():
            await turns(2)
            empty = loop().next_due_us()
            loop().call_soon(lambda: None)
            return empty, loop().next_due_us()

        assert run(main(), realtime=False) == (None, 0)

    def test_next_due_is_the_earliest_timer_that_was_not_cancelled(self):
        async def main():
            loop().call_at_us(50, lambda: None).cancel()
            loop().call_at_us(900, lambda: None)
            loop().call_at_us(70, lambda: None)
            return loop().next_due_us()

        assert run(main(), realtime=False) == 70

    def test_an_overdue_timer_is_due_now(self):
        async def main():
            loop().advance_to_us(500)
            loop().call_at_us(20, lambda: None)
            return loop().next_due_us()

        assert run(main(), realtime=False) == 500

    def test_the_clock_moves_up_to_what_is_due_and_not_past_it(self):
        async def main():
            seen = []
            loop().call_at_us(400, lambda: seen.append(loop().now_us))
            loop().advance_to_us(399)
            loop().advance_to_us(400)
            with pytest.raises(ClockError) as error:
                loop().advance_to_us(401)
            assert (error.value.now_us, error.value.target_us, error.value.due_us) == (
                400,
                401,
                400,
            )
            await turns(2)
            return seen

        assert run(main(), realtime=False) == [400]

    def test_the_clock_does_not_move_while_something_is_ready_or_backwards(self):
        async def main():
            loop().advance_to_us(10)
            with pytest.raises(ClockError, match="back"):
                loop().advance_to_us(9)
            loop().call_soon(lambda: None)
            with pytest.raises(ClockError, match="due at 10 us"):
                loop().advance_to_us(11)

        run(main(), realtime=False)


class TestDeadlock:
    def test_a_wait_that_nothing_can_end_is_an_error_that_names_the_task(self):
        async def receiver():
            await asyncio.sleep(2)
            await asyncio.Event().wait()

        async def main():
            await asyncio.create_task(receiver(), name="the receiver")

        with pytest.raises(BoardDeadlockError, match="the receiver") as error:
            run(main(), realtime=False)
        assert error.value.now_us == 2_000_000
        assert len(error.value.waiting) == 2

    def test_a_thread_at_work_is_no_deadlock(self):
        async def main():
            return await loop().run_in_executor(None, lambda: time.sleep(0.05) or "done")

        assert run(main(), realtime=False) == "done"

    def test_a_file_that_may_become_ready_is_no_deadlock(self):
        async def main():
            reader, writer = os.pipe()
            got = loop().create_future()
            loop().add_reader(reader, lambda: got.set_result(os.read(reader, 1)))
            loop().run_in_executor(None, lambda: time.sleep(0.05) or os.write(writer, b"x"))
            try:
                return await got
            finally:
                loop().remove_reader(reader)
                os.close(reader)
                os.close(writer)

        assert run(main(), realtime=False) == b"x"


class TestRun:
    def test_leftovers_are_cancelled(self):
        ended = []

        async def leftover():
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(1)
                ended.append(loop().now_us)

        async def main():
            task = asyncio.create_task(leftover())
            await asyncio.sleep(0.5)
            return task

        task = run(main(), realtime=False)
        assert task.cancelled()
        assert ended == [1_500_000]

    def test_an_error_in_main_comes_out(self):
        async def main():
            await asyncio.sleep(0.1)
            raise LookupError("lost")

        with pytest.raises(LookupError, match="lost"):
            run(main(), realtime=False)
