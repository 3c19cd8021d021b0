"""The chip below the REPL: what outlives a soft reset of its interpreter."""

import time
from dataclasses import dataclass, field

from dowel_host.twin.flash import Flash

# machine.reset_cause
POWER_ON_RESET = 1
HARD_RESET = 2
WATCHDOG_RESET = 3
SOFT_RESET = 5


class ResetRequestedError(Exception):
    """The program, or its watchdog, resets the board."""

    def __init__(self, cause: int) -> None:
        super().__init__(f"reset, cause {cause}")
        self.cause = cause


@dataclass(frozen=True)
class Identity:
    """What the board says it is.

    version (three numbers) and mpy (sys.implementation._mpy): the VM's own unless given.
    """

    machine: str = "Generic ESP32S3 module with ESP32S3"
    platform: str = "esp32"
    name: str = "micropython"
    version: tuple[int, int, int] | None = None
    mpy: int | None = None


@dataclass
class Chip:
    """What outlives a soft reset. own: modules that the MicroPython build brings itself."""

    flash: Flash
    identity: Identity = field(default_factory=Identity)
    own: tuple[str, ...] = ()
    unique_id: bytes = b"\x24\x6f\x28\xab\x3c\x4d"
    reset_cause: int = POWER_ON_RESET
    watchdog_period_s: float = 0.0
    watchdog_until_s: float | None = None  # a hard reset stops it, a soft one does not

    def feed(self) -> None:
        """The watchdog's period begins anew."""
        if self.watchdog_period_s:
            self.watchdog_until_s = time.monotonic() + self.watchdog_period_s

    def stop_watchdog(self) -> None:
        """A hard reset, or another VM with a watchdog of its own."""
        self.watchdog_period_s, self.watchdog_until_s = 0.0, None

    def check_watchdog(self) -> None:
        """Raise ResetRequestedError when it has not been fed in time."""
        if self.watchdog_until_s is not None and time.monotonic() > self.watchdog_until_s:
            raise ResetRequestedError(WATCHDOG_RESET)


class ReplTimers:
    """machine.Timer on the wall's clock."""

    def __init__(self) -> None:
        # By number: when it runs out, and its period, 0: only once. In seconds.
        self._running: dict[int, tuple[float, float]] = {}

    def start(self, number: int, period_ms: int, *, again: bool) -> None:
        """Run out after period_ms, once or again and again."""
        period_s = period_ms / 1000
        self._running[number] = time.monotonic() + period_s, period_s if again else 0.0

    def stop(self, number: int) -> None:
        """Stop one."""
        self._running.pop(number, None)

    def due(self) -> bool:
        """Whether one has run out."""
        now_s = time.monotonic()
        return any(until_s <= now_s for until_s, _ in self._running.values())

    def take(self) -> int | None:
        """Return one that has run out, None: none has."""
        now_s = time.monotonic()
        for number, (until_s, period_s) in self._running.items():
            if until_s <= now_s:
                del self._running[number]
                if period_s:
                    self._running[number] = now_s + period_s, period_s
                return number
        return None
