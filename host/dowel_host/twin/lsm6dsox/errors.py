"""What the chip model refuses, each kind with its data.

The real chip ignores such accesses or answers with something nobody has written down. The model
stops instead: a test then shows the firmware's mistake, or what the model still lacks.
"""

from __future__ import annotations


class ChipError(Exception):
    """Base of every refusal; `register` is the address of the register in question."""

    def __init__(self, register: int, message: str) -> None:
        """Keep the register's address beside the message."""
        super().__init__(f"LSM6DSOX register 0x{register:02X}: {message}")
        self.register = register


class UnknownRegisterError(ChipError):
    """The address is reserved, or holds a function that the model does not have."""

    def __init__(self, register: int) -> None:
        """Keep the address."""
        super().__init__(register, "reserved, or not part of this model")


class ReadOnlyRegisterError(ChipError):
    """A write of `value` to a register that can only be read."""

    def __init__(self, register: int, name: str, value: int) -> None:
        """Keep what was written where."""
        super().__init__(register, f"{name} can only be read, 0x{value:02X} was written")
        self.value = value


class UnsupportedSettingError(ChipError):
    """A setting the chip has and the model lacks, or one that ST does not allow."""

    def __init__(self, register: int, name: str, value: int, why: str) -> None:
        """Keep what was written where, and why it was refused."""
        super().__init__(register, f"{name} = 0x{value:02X}: {why}")
        self.value = value
        self.why = why


class ChipBusyError(ChipError):
    """An access while the chip resets or boots, `remaining_us` before it is done."""

    def __init__(self, register: int, remaining_us: int) -> None:
        """Keep how long the chip would still have needed."""
        super().__init__(register, f"accessed {remaining_us} us before reset or boot was done")
        self.remaining_us = remaining_us


class TimeWentBackError(Exception):
    """The board's time decreased from one access to the next."""

    def __init__(self, before_us: int, now_us: int) -> None:
        """Keep both times, us."""
        super().__init__(f"board time went back from {before_us} to {now_us} us")
        self.before_us = before_us
        self.now_us = now_us
