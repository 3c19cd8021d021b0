"""Pins, PWM, ADC of the board, seen from outside: what drives them and what they drive."""

from collections.abc import Callable
from dataclasses import dataclass, field

_PULL_UP = 2
_FALLING = 2
_RISING = 1


@dataclass
class Edge:
    """A change of an output: board time in us, level 0..65535."""

    t_us: int
    level: int


@dataclass
class _Line:
    driven: int | None = None  # by the firmware
    outside: int | None = None  # by a button or a stuck chip
    pulled: int = 0
    trigger: int = 0
    edges: list[Edge] = field(default_factory=list[Edge])


class Pins:
    """GPIO lines by number. post(pin) delivers an interrupt to the firmware."""

    def __init__(self, post: Callable[[int], None]) -> None:
        self._lines: dict[int, _Line] = {}
        self._post = post
        self._microvolts: dict[int, int] = {}

    def _line(self, pin: int) -> _Line:
        return self._lines.setdefault(pin, _Line())

    def configure(self, pin: int, pull: int) -> None:
        """The firmware chose a mode and a pull."""
        self._line(pin).pulled = 1 if pull == _PULL_UP else 0

    def drive(self, pin: int, level: int, now_us: int) -> None:
        """The firmware drives a level: 0, 1, or a PWM duty."""
        line = self._line(pin)
        if line.driven != level:
            line.driven = level
            line.edges.append(Edge(now_us, level))

    def read(self, pin: int) -> int:
        """Level on the line: whoever pulls it low wins."""
        line = self._line(pin)
        if line.outside is not None:
            return line.outside
        return line.pulled if line.driven is None else int(line.driven > 0)

    def watch(self, pin: int, trigger: int) -> None:
        """The firmware wants an interrupt: bits 1 rising, 2 falling."""
        self._line(pin).trigger = trigger

    def set_outside(self, pin: int, level: int | None) -> None:
        """A button (or None: let go) sets the line from outside."""
        before = self.read(pin)
        self._line(pin).outside = level
        after = self.read(pin)
        edge = 0 if before == after else (_RISING if after else _FALLING)
        if edge & self._line(pin).trigger:
            self._post(pin)

    def release(self, now_us: int) -> None:
        """A reset: every pin floats; the pull-downs on the board win."""
        for pin, line in self._lines.items():
            if line.driven:
                self.drive(pin, 0, now_us)
            line.driven, line.pulled, line.trigger = None, 0, 0

    def edges(self, pin: int) -> list[Edge]:
        """Every change the firmware made on a pin."""
        return self._line(pin).edges

    def set_voltage(self, pin: int, microvolts: int) -> None:
        """Voltage at an ADC pin."""
        self._microvolts[pin] = microvolts

    def voltage(self, pin: int) -> int:
        """Microvolts at an ADC pin; 1.9 V (half of a full cell) unless set."""
        return self._microvolts.get(pin, 1_900_000)
