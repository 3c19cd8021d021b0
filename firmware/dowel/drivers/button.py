"""The button: to ground, pressed reads 0."""

import time

from machine import Pin

_DEBOUNCE_MS = 20
_SAMPLES = 4


def held_at_start(pin):
    """True when the button is held down for 80 ms: then main.py leaves the board to the REPL."""
    button = Pin(pin, Pin.IN, Pin.PULL_UP)
    for _ in range(_SAMPLES):
        if button.value():
            return False
        time.sleep_ms(_DEBOUNCE_MS)
    return True
