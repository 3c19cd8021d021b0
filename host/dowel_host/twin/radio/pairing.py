"""One pairing with the board: how long it may take, what bumble asks, what the program answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from bumble import smp
from bumble.device import Connection
from bumble.pairing import PairingDelegate

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bonds import Bond
from dowel_host.twin.radio.smp_session import KEYS, TIMEOUT_S, Passkey, Session


class Procedure:
    """A pairing, or the board's request for one. expired is called after 30 s of silence."""

    def __init__(self, expired: Callable[[], None]) -> None:
        self._expired = expired
        self._timer: asyncio.TimerHandle | None = None
        self.action = 0
        self.answer: asyncio.Future[int] | None = None  # what gap_passkey is to give
        self.answered = False
        self.go_on()

    def go_on(self) -> None:
        """Something was heard: the time begins anew."""
        self._stop()
        self._timer = asyncio.get_running_loop().call_later(TIMEOUT_S, self._expired)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def end(self) -> None:
        """It is over; nobody waits for gap_passkey any more."""
        self._stop()
        if self.answer is not None:
            self.answer.cancel()


@dataclass
class Link:
    """A connection's security: what ENCRYPTION_UPDATE tells, and what is under way."""

    connection: Connection
    encrypted: bool = False
    authenticated: bool = False
    bonded: bool = False
    key_bytes: int = 0
    procedure: Procedure | None = None
    restoring: Bond | None = None

    @property
    def peer(self) -> bytes:
        """NimBLE's address: type, then least significant byte first."""
        address = self.connection.peer_address
        return bytes((int(address.is_random),)) + bytes(address)

    def end_procedure(self) -> None:
        """Whatever was under way is over."""
        if self.procedure is not None:
            self.procedure.end()
        self.procedure = None


class Board(Protocol):
    """What a pairing wants of the board."""

    async def accept(self, link: Link) -> None:
        """A central begins."""
        ...

    async def passkey_from_program(self, link: Link, action: int, number: int = 0) -> int:
        """Have the program do something about a passkey."""
        ...

    def failed(self, link: Link) -> None:
        """It has failed."""
        ...


class BoardDelegate(PairingDelegate):
    """What bumble asks while it pairs on the board."""

    def __init__(self, board: Board, link: Link, io: int) -> None:
        super().__init__(
            PairingDelegate.IoCapability(io),
            local_initiator_key_distribution=KEYS,
            local_responder_key_distribution=KEYS,
        )
        self.board = board
        self.link = link

    async def accept(self) -> bool:
        """Always: MicroPython has no way to refuse."""
        await self.board.accept(self.link)
        return True

    async def generate_passkey(self) -> int:
        """Get the number that the board shows."""
        action = nimble.PASSKEY_DISPLAY
        return Passkey(await self.board.passkey_from_program(self.link, action))

    async def get_number(self) -> int | None:
        """Get the number that the central shows."""
        action = nimble.PASSKEY_INPUT
        return Passkey(await self.board.passkey_from_program(self.link, action))

    async def compare_numbers(self, number: int, digits: int) -> bool:  # noqa: ARG002 - bumble's
        """Have the program say whether both sides show the same."""
        action = nimble.PASSKEY_COMPARE
        return bool(await self.board.passkey_from_program(self.link, action, number))


class BoardSession(Session):
    """An attempt at pairing with the board."""

    @property
    def _delegate(self) -> BoardDelegate:
        return cast("BoardDelegate", self.pairing_config.delegate)

    def on_smp_command(self, command: smp.SMP_Command) -> None:
        """The central has said something."""
        if self._delegate.link.procedure is not None:
            self._delegate.link.procedure.go_on()
        super().on_smp_command(command)

    def on_pairing_failure(self, reason: smp.ErrorCode) -> None:
        """It has failed."""
        was_over = self.completed
        super().on_pairing_failure(reason)
        if not was_over:
            self._delegate.board.failed(self._delegate.link)
