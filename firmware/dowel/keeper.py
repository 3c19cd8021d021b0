"""The watchdog, and who feeds it when the program has ended."""

import machine

# A flash erase stops everything for up to 0.4 s: that must not be taken for a crash.
TIMEOUT_MS = 8000
_TIMER_ID = 0
_TIMER_PERIOD_MS = 2000


def start():
    """Start the watchdog; from now on feed() is due every 8 s.

    A timer that fed it so far stops.
    """
    machine.Timer(_TIMER_ID).deinit()
    return machine.WDT(timeout=TIMEOUT_MS)


def feed_by_timer():
    """Feed it by a timer: the console is in use, and the watchdog cannot be stopped."""
    watchdog = machine.WDT(timeout=TIMEOUT_MS)
    machine.Timer(_TIMER_ID).init(
        period=_TIMER_PERIOD_MS,
        mode=machine.Timer.PERIODIC,
        callback=lambda _timer: watchdog.feed(),
    )
