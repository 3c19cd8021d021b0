"""The haptic motor: on or off, and off again whatever happens."""

from machine import PWM, Pin

PWM_FREQ_HZ = 20_000  # above hearing; the motor's inductance smooths it
DUTY_FULL = 65535


class Motor:
    """A vibration motor behind a MOSFET on one PWM pin."""

    def __init__(self, pin):
        # The pin is low before PWM takes it over, so that the motor does not twitch at start.
        self._pwm = PWM(Pin(pin, Pin.OUT, value=0), freq=PWM_FREQ_HZ, duty_u16=0)
        self.on = False
        self.starts = 0  # times it was switched on

    def start(self):
        """Drive at full duty."""
        self._pwm.duty_u16(DUTY_FULL)
        if not self.on:
            self.on = True
            self.starts += 1

    def stop(self):
        """Stop driving."""
        self._pwm.duty_u16(0)
        self.on = False
