"""The LED: one blink pattern for each state of the device."""

from machine import Pin

# State: (period in ms, time lit in ms). Told apart at a glance: dark mostly, half, mostly lit,
# frantic.
WAITING = (2000, 50)  # running, no host connected
CONNECTED = (2000, 1900)  # a host is connected
ONE_SENSOR = (1000, 500)  # running on one sensor: no lumbar flexion
FAULT = (200, 100)  # no sensor: see the message on the serial port


class Led:
    """An LED on one pin, high is lit. Call show() some times a second."""

    def __init__(self, pin):
        self._pin = Pin(pin, Pin.OUT, value=0)
        self.state: tuple[int, int] = WAITING
        self._lit = False

    def show(self, now_ms):
        """Light or darken it as its state asks at now_ms."""
        period_ms, lit_ms = self.state
        lit = now_ms % period_ms < lit_ms
        if lit != self._lit:
            self._lit = lit
            self._pin.value(1 if lit else 0)
