"""machine.Timer: callbacks by the board's clock."""

import asyncio
from collections.abc import Callable

from dowel_host.twin.clock import BoardLoop


class Timers:
    """Timers by number. post(number) tells the firmware that one has run out."""

    def __init__(self, loop: BoardLoop, post: Callable[[int], None]) -> None:
        self._loop = loop
        self._post = post
        self._running: dict[int, asyncio.Handle] = {}

    def start(self, number: int, period_ms: int, *, again: bool) -> None:
        """Run out after period_ms, once or again and again."""
        self.stop(number)
        due_us = self._loop.now_us + period_ms * 1000
        self._running[number] = self._loop.call_at_us(due_us, self._over, number, period_ms, again)

    def _over(self, number: int, period_ms: int, again: bool) -> None:
        del self._running[number]
        if again:
            self.start(number, period_ms, again=True)
        self._post(number)

    def stop(self, number: int) -> None:
        """Stop one."""
        handle = self._running.pop(number, None)
        if handle is not None:
            handle.cancel()

    def stop_all(self) -> None:
        """The board is reset."""
        for number in list(self._running):
            self.stop(number)
