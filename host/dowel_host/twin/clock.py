"""The board's clock as an asyncio event loop: integer microseconds, fast or in real time.

Board, radio and the host's own tasks run on this one loop, so the board's time is the only time.
Two speeds, one result: in fast mode a timeout is added to the clock; in real time the loop sleeps
until the wall clock has caught up, and then adds the same timeout. What is due at the same
microsecond runs in the order in which it was scheduled.
"""

from __future__ import annotations

import asyncio
import heapq
import selectors
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

US_PER_S = 1_000_000

# How far, in microseconds, the clock may run ahead of the wall in real time while the board works
# without giving way to the loop. Small: many short sleeps, each late by the kernel's 50-100 us.
# Large: what happens on the host (a key, a packet from another process) is noticed late.
# 5 ms is half a tick of the board (costs.TICK_US); nobody sees it.
LEAD_US = 5_000

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class BoardDeadlockError(RuntimeError):
    """Nothing is scheduled and nothing outside can wake the loop: it would wait for ever.

    Carries `now_us` and `waiting`, the names of the tasks that wait.
    """

    def __init__(self, now_us: int, waiting: tuple[str, ...]) -> None:
        tasks = ", ".join(waiting) or "none"
        super().__init__(f"nothing will ever happen after {now_us} us; tasks that wait: {tasks}")
        self.now_us = now_us
        self.waiting = waiting


class ClockError(RuntimeError):
    """The clock was to be moved back, or past something due: now_us, target_us, due_us tell."""

    def __init__(self, now_us: int, target_us: int, due_us: int | None) -> None:
        why = "back" if due_us is None else f"past what is due at {due_us} us"
        super().__init__(f"the clock at {now_us} us cannot go to {target_us} us: {why}")
        self.now_us = now_us
        self.target_us = target_us
        self.due_us = due_us


class _Timer(asyncio.TimerHandle):
    """A timed callback; its place among those of the same microsecond is that of its scheduling.

    asyncio's own compare by time alone, and a heap gives equals back in any order.
    """

    __slots__ = ("due_us", "order")

    _scheduled: bool

    def __init__(
        self,
        due_us: int,
        order: int,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
    ) -> None:
        super().__init__(due_us / US_PER_S, callback, args, loop, context)
        self.due_us = due_us
        self.order = order

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, _Timer):
            return NotImplemented
        return (self.due_us, self.order) < (other.due_us, other.order)

    def in_heap(self, value: bool) -> None:
        """Tell asyncio whether the handle is in the heap: cancel() counts those that are."""
        self._scheduled = value


class _Selector(selectors.DefaultSelector):
    """Where asyncio would wait for files or time: moves the board's clock instead.

    now_us: the clock. due_us: gives the earliest timer. threads: jobs that run outside the loop.
    """

    def __init__(self, *, realtime: bool) -> None:
        super().__init__()
        self.now_us = 0
        self.realtime = realtime
        self.threads = 0
        self.due_us: Callable[[], int | None] = lambda: None
        self._origin_ns: int | None = None

    def wall_us(self) -> int:
        """Time since the first wait, on the wall, in microseconds of the board's clock."""
        now_ns = time.monotonic_ns()
        if self._origin_ns is None:
            self._origin_ns = now_ns - self.now_us * 1000
        return (now_ns - self._origin_ns) // 1000

    def watches_files(self) -> bool:
        """Whether anything but the loop's own pipe is registered."""
        return len(self.get_map()) > 1

    def poll(self) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now."""
        return super().select(0)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Move the clock to the next timer, or return the files that became ready before it."""
        if timeout is not None and timeout <= 0:
            return self.poll()
        due_us = self.due_us()
        return self._sleep(due_us) if self.realtime else self._leap(due_us)

    def _leap(self, due_us: int | None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self.poll()
        if ready:
            return ready
        if due_us is None:
            if self.threads or self.watches_files():
                return super().select(None)
            raise BoardDeadlockError(self.now_us, _names_of_waiting_tasks())
        self.now_us = max(self.now_us, due_us)
        return []

    def _sleep(self, due_us: int | None) -> list[tuple[selectors.SelectorKey, int]]:
        if due_us is None:
            self.wall_us()  # the wall's origin, should this be the first wait
            ready = super().select(None)
            self.now_us = max(self.now_us, self.wall_us())
            return ready
        while True:
            ahead_us = due_us - self.wall_us()
            ready = super().select(max(ahead_us, 0) / US_PER_S)
            if ready:
                # Something outside the board happened: it happens at the wall's time.
                self.now_us = min(max(self.now_us, self.wall_us()), max(self.now_us, due_us))
                return ready
            if ahead_us <= 0:
                self.now_us = max(self.now_us, due_us)
                return ready


class BoardLoop(asyncio.SelectorEventLoop):
    """An event loop on the board's clock, from 0 us on. time() is that clock in seconds."""

    # Parts of asyncio's own loop that a clock has to reach; the same from Python 3.11 to 3.13.
    _ready: deque[asyncio.Handle]
    _scheduled: list[_Timer]
    _clock_resolution: float
    _timer_cancelled_count: int

    def __init__(self, *, realtime: bool = False) -> None:
        self._clock = _Selector(realtime=realtime)
        self._order = 0
        super().__init__(self._clock)
        self._clock.due_us = self._first_timer_us
        # A timer is due when it is less than this ahead: half a microsecond, so never a wrong one.
        self._clock_resolution = 0.5 / US_PER_S

    @property
    def realtime(self) -> bool:
        """Whether the clock waits for the wall's."""
        return self._clock.realtime

    @property
    def now_us(self) -> int:
        """The board's clock, microseconds since the loop was made."""
        return self._clock.now_us

    def time(self) -> float:
        """The board's clock in seconds."""
        return self._clock.now_us / US_PER_S

    def call_at_us(
        self, due_us: int, callback: Callable[[*Ts], object], *args: *Ts
    ) -> asyncio.TimerHandle:
        """Call callback(*args) at due_us, microseconds of the clock; at once if that is past."""
        return self._schedule(due_us, callback, args, None)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """asyncio's call_at: when is in seconds, rounded to the microsecond."""
        return self._schedule(round(when * US_PER_S), callback, args, context)

    def _schedule(
        self,
        due_us: int,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: Context | None,
    ) -> asyncio.TimerHandle:
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        self._order += 1
        timer = _Timer(due_us, self._order, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer.in_heap(True)
        return timer

    def next_due_us(self) -> int | None:
        """Time in microseconds at which something is next to run: now if it is ready, or None."""
        if self._ready or (self._clock.realtime and self._clock.poll()):
            return self.now_us
        due_us = self._first_timer_us()
        return None if due_us is None else max(due_us, self.now_us)

    def advance_to_us(self, target_us: int) -> None:
        """Move the clock to target_us at once, from inside a callback.

        In real time this sleeps where the clock would be more than LEAD_US ahead of the wall.
        Raises ClockError if target_us is past, or something is due before it.
        """
        if target_us < self.now_us:
            raise ClockError(self.now_us, target_us, None)
        # In real time another thread may have added to what is ready since the caller looked: that
        # belongs to no microsecond of the clock.
        ready = self._ready and not self._clock.realtime
        due_us = self.now_us if ready else self._first_timer_us()
        if due_us is not None and due_us < target_us:
            raise ClockError(self.now_us, target_us, due_us)
        if self._clock.realtime:
            ahead_us = target_us - self._clock.wall_us()
            if ahead_us > LEAD_US:
                time.sleep(ahead_us / US_PER_S)
        self._clock.now_us = target_us

    def run_in_executor(  # pyright: ignore[reportIncompatibleMethodOverride] - typeshed names it func
        self,
        executor: Executor | None,
        func: Callable[[*Ts], T],
        *args: *Ts,
    ) -> asyncio.Future[T]:
        """asyncio's run_in_executor; while such a job runs, an empty schedule is no deadlock."""
        future = super().run_in_executor(executor, func, *args)
        self._clock.threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        """asyncio's; without its time limit, which the clock would leap over."""
        self._clock.threads += 1
        try:
            await super().shutdown_default_executor()
        finally:
            self._clock.threads -= 1

    def _thread_ended(self, _future: asyncio.Future[Any]) -> None:
        self._clock.threads -= 1

    def _first_timer_us(self) -> int | None:
        # As asyncio's _run_once does; a cancelled timer must not hold the clock up.
        while self._scheduled and self._scheduled[0].cancelled():
            self._timer_cancelled_count -= 1
            heapq.heappop(self._scheduled).in_heap(False)
        return self._scheduled[0].due_us if self._scheduled else None


def _names_of_waiting_tasks() -> tuple[str, ...]:
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # the loop waits while it is being closed
        return ()
    return tuple(sorted(f"{task.get_name()} ({_coroutine_name(task)})" for task in tasks))


def _coroutine_name(task: asyncio.Task[Any]) -> str:
    return getattr(task.get_coro(), "__qualname__", "?")


def run(main: Coroutine[Any, Any, T], *, realtime: bool) -> T:
    """Run main on a new BoardLoop; return its result.

    realtime: keep pace with the wall clock. Tasks that main leaves behind are cancelled.
    """
    with asyncio.Runner(loop_factory=lambda: BoardLoop(realtime=realtime)) as runner:
        return runner.run(main)
