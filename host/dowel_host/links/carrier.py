"""What every way to a device can do, and how it fails."""

from collections.abc import Callable
from typing import Protocol

from dowel_host.errors import DowelError


class LinkError(DowelError):
    """The device cannot be reached, was lost, or gives no answer."""


class Carrier(Protocol):
    """A way to one device. open() once, then send() until close(), or until it is lost."""

    @property
    def name(self) -> str:
        """The device's name, for people."""
        ...

    async def open(self, on_message: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        """Connect; on_message gets each message, on_lost is called once. LinkError."""
        ...

    async def send(self, message: bytes) -> None:
        """Send a command. LinkError."""
        ...

    async def close(self) -> None:
        """End the connection; never fails."""
        ...
