"""Events that wait for the firmware, from Bluetooth and pins, in the order in which they came."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from dowel_host.twin.standins import ops

# An event waits for at most this many calls of the firmware: on the chip it comes between any two
# instructions.
_LATEST_CALL = 8


@dataclass
class Event:
    """wakes: it ends the main task's sleep. calls_left: calls that it still lets pass."""

    kind: int
    payload: bytes
    wakes: bool
    calls_left: int

    @property
    def why(self) -> int:
        """What a wait says that it ends."""
        return ops.WAIT_WOKEN if self.wakes else ops.WAIT_EVENT


class EventQueue:
    """Bounded by what the host sends. on_event is called for each that comes."""

    def __init__(self, seed: int, on_event: Callable[[Event], None]) -> None:
        self._random = random.Random(seed ^ 0xE7E17)
        self._on_event = on_event
        self._events: deque[Event] = deque()

    def post_ble(self, code: int, ints: tuple[int, ...], blobs: tuple[bytes | None, ...]) -> None:
        """Bluetooth has an event for the firmware's handler."""
        payload = bytearray((code, len(ints), len(blobs)))
        for number in ints:
            payload += number.to_bytes(4, "little", signed=True)
        for blob in blobs:
            size = ops.NO_BLOB if blob is None else len(blob)
            payload += size.to_bytes(2, "little") + (blob or b"")
        self._post(ops.EVENT_BLE, bytes(payload), wakes=False)

    def post_pin(self, pin: int) -> None:
        """A pin that the firmware watches has changed."""
        self._post(ops.EVENT_PIN, bytes((pin,)), wakes=True)

    def post_interrupt(self) -> None:
        """Ctrl-C came on the serial line: an exception, raised before anything else happens."""
        event = Event(ops.EVENT_INTERRUPT, b"", wakes=True, calls_left=0)
        self._events.appendleft(event)
        self._on_event(event)

    def post_timer(self, timer: int) -> None:
        """A timer of the firmware has run out."""
        self._post(ops.EVENT_TIMER, bytes((timer,)), wakes=True)

    def _post(self, kind: int, payload: bytes, *, wakes: bool) -> None:
        event = Event(kind, payload, wakes, self._random.randrange(_LATEST_CALL))
        self._events.append(event)
        self._on_event(event)

    def first(self) -> Event | None:
        """The oldest, left where it is."""
        return self._events[0] if self._events else None

    def take(self) -> Event | None:
        """The oldest, taken out."""
        return self._events.popleft() if self._events else None

    def clear(self) -> None:
        """Forget all: the board is reset."""
        self._events.clear()

    def due(self, *, waited: bool) -> bool:
        """Tell whether to deliver at this call: surely after a wait, else as the seed has it."""
        if not self._events:
            return False
        first = self._events[0]
        first.calls_left -= 1
        return waited or first.calls_left < 0
