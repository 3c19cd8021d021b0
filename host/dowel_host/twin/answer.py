"""What the board answers to a call of the firmware."""

from dataclasses import dataclass
from errno import ENODEV


@dataclass
class Answer:
    """A number, bytes, or an errno."""

    value: int = 0
    payload: bytes = b""
    error: int = 0
    waited: bool = False  # the VM slept: events reach it now

    @classmethod
    def refusal(cls, error: OSError) -> "Answer":
        """The call raises error in the firmware."""
        return cls(error=error.errno or ENODEV)
