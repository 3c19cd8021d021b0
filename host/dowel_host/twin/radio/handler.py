"""The firmware's event handler as the radio sees it: told of events, asked where NimBLE waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Blob = bytes | None
# What the handler answers: None as well when there is no handler.
Reply = int | bytes | None

# Called with event, numbers, bytes.
Post = Callable[[int, tuple[int, ...], tuple[Blob, ...]], None]
Ask = Callable[[int, tuple[int, ...], tuple[Blob, ...]], Awaitable[Reply]]


class HandlerError(RuntimeError):
    """The handler's answer would hang or crash the ESP32. Carries event and why."""

    def __init__(self, event: int, why: str) -> None:
        super().__init__(f"the handler's answer to event {event}: {why}")
        self.event = event
        self.why = why


def tell_nobody(_event: int, _ints: tuple[int, ...], _blobs: tuple[Blob, ...]) -> None:
    """Post where there is no program."""


async def ask_nobody(_event: int, _ints: tuple[int, ...], _blobs: tuple[Blob, ...]) -> Reply:
    """Ask where there is no program: as without a handler."""
    return None
