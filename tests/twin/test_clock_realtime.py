"""The board's clock in real time: the same order and the same times as at full speed."""

import asyncio
import os
import random
import threading
import time

from dowel_host.twin.clock import BoardLoop, run


def loop() -> BoardLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, BoardLoop)
    return running


async def turns(count: int) -> None:
    """Let everything that is ready run, count times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def a_busy_hour(seconds: float) -> list[tuple[int, str]]:
    """Tasks, timeouts, cancellations and inline work, for a while; what happened when."""
    seen: list[tuple[int, str]] = []
    picks = random.Random(1)

    async def worker(name: str) -> None:
        while True:
            await asyncio.sleep(picks.randrange(1, 40) / 1000)
            due_us = loop().next_due_us()
            target_us = loop().now_us + picks.randrange(0, 900)
            if due_us is None or due_us >= target_us:
                loop().advance_to_us(target_us)
            seen.append((loop().now_us, name))

    tasks = [asyncio.create_task(worker(name)) for name in "abc"]
    for beat in range(int(seconds * 100)):
        loop().call_at_us(beat * 10_000, lambda: seen.append((loop().now_us, "beat")))
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    return seen


class TestRealTime:
    def test_it_keeps_pace_with_the_wall_and_the_board_time_is_exact(self):
        async def main():
            await asyncio.sleep(0.2)
            loop().advance_to_us(300_000)
            return loop().now_us

        started = time.perf_counter()
        assert run(main(), realtime=True) == 300_000
        assert 0.29 < time.perf_counter() - started < 1

    def test_the_same_things_happen_at_the_same_times_as_in_fast_mode(self):
        fast = run(a_busy_hour(0.5), realtime=False)
        assert len(fast) > 100
        assert run(a_busy_hour(0.5), realtime=True) == fast

    def test_a_late_process_does_not_move_the_board_clock(self):
        async def main():
            await asyncio.sleep(0.01)
            time.sleep(0.1)  # noqa: ASYNC251 - the machine was busy with something else
            await asyncio.sleep(0.01)
            first = loop().now_us
            await asyncio.sleep(0.01)
            return first, loop().now_us

        assert run(main(), realtime=True) == (20_000, 30_000)

    def test_a_file_that_becomes_ready_is_seen_at_the_walls_time(self):
        async def main():
            reader, writer = os.pipe()
            got = loop().create_future()
            await asyncio.sleep(0)
            loop().add_reader(reader, lambda: got.done() or got.set_result(loop().now_us))
            loop().run_in_executor(None, lambda: time.sleep(0.1) or os.write(writer, b"x"))
            try:
                async with asyncio.timeout(5):
                    return await got
            finally:
                loop().remove_reader(reader)
                os.close(reader)
                os.close(writer)

        assert 90_000 < run(main(), realtime=True) < 2_000_000

    def test_a_ready_file_counts_as_due_so_that_the_board_gives_way(self):
        async def main():
            reader, writer = os.pipe()
            await turns(2)
            loop().add_reader(reader, lambda: None)
            quiet = loop().next_due_us()
            os.write(writer, b"x")
            ready = loop().next_due_us()
            loop().remove_reader(reader)
            os.close(reader)
            os.close(writer)
            return quiet, ready == loop().now_us

        assert run(main(), realtime=True) == (None, True)

    def test_what_another_thread_adds_meanwhile_does_not_hold_an_advance_up(self):
        async def main():
            seen = []
            due_us = loop().next_due_us()
            other = threading.Thread(target=loop().call_soon_threadsafe, args=(seen.append, 1))
            other.start()
            other.join()
            target_us = loop().now_us + 100
            loop().advance_to_us(target_us)
            assert (due_us, loop().now_us, seen) == (None, target_us, [])
            await turns(2)
            return seen

        assert run(main(), realtime=True) == [1]
