"""Encryption and pairing on the board, as NimBLE does them under MicroPython.

bumble pairs and the controller encrypts; here is when the program hears of it, what it is asked,
and who may read what.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from bumble import att, smp
from bumble.device import Connection, Device
from bumble.keys import PairingKeys
from bumble.pairing import PairingConfig

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.bonds import BondStore, records
from dowel_host.twin.radio.pairing import BoardDelegate, BoardSession, Link, Procedure
from dowel_host.twin.radio.preferences import Preferences


class Emit(Protocol):
    """Posts an event."""

    def __call__(self, event: int, *ints: int) -> None:
        """Post event with these numbers."""
        ...


class Security:
    """Of one powered stack. spawn(coroutine) runs a task that ends with the stack."""

    def __init__(
        self,
        device: Device,
        preferences: Preferences,
        bonds: BondStore,
        emit: Emit,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._manager: smp.Manager = device.smp_manager
        self._preferences = preferences
        self._bonds = bonds
        self._emit = emit
        self._spawn = spawn
        self._links: dict[int, Link] = {}
        device.pairing_config_factory = self._configure
        device.smp_session_proxy = BoardSession
        device.host.long_term_key_provider = self._long_term_key

    # -- connections --------------------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        """Follow a new connection."""
        link = self._links[connection.handle] = Link(connection)
        connection.on(
            Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, lambda: self._encryption_changed(link)
        )

        def paired(keys: PairingKeys) -> None:
            self._paired(link, keys)

        connection.on(Connection.EVENT_PAIRING, paired)

    def disconnected(self, connection: Connection) -> None:
        """A connection has ended; a pairing under way has failed with it."""
        self.failed(self._links.pop(connection.handle))

    def cut(self) -> None:
        """Power off."""
        for link in self._links.values():
            link.end_procedure()

    # -- MicroPython's calls ------------------------------------------------------------------

    def pair(self, connection: Connection) -> None:
        """gap_pair: ask the central to encrypt, or to pair. OSError 120: that is under way."""
        link = self._links[connection.handle]
        if link.procedure is not None:
            raise nimble.os_error(nimble.EALREADY, "pairing is under way")
        self._begin(link)
        self._manager.request_pairing(connection)

    def passkey(self, handle: int, action: int, number: int) -> None:
        """gap_passkey: the answer to PASSKEY_ACTION."""
        if action not in (nimble.PASSKEY_INPUT, nimble.PASSKEY_DISPLAY, nimble.PASSKEY_COMPARE):
            raise nimble.os_error(nimble.EINVAL, f"no action {action}")
        link = self._links.get(handle)
        if link is None or link.procedure is None:
            raise nimble.os_error(nimble.ENOENT, "nobody pairs")
        procedure = link.procedure
        if procedure.answered:
            raise nimble.os_error(nimble.EALREADY, "the passkey was given")
        if procedure.answer is None or procedure.action != action:
            raise nimble.os_error(nimble.EINVAL, "another action, or none, is due")
        if action != nimble.PASSKEY_COMPARE and not 0 <= number <= nimble.MAX_PASSKEY:
            raise nimble.os_error(nimble.EINVAL, "a passkey has six digits")
        procedure.answered = True
        procedure.answer.set_result(number)

    # -- who may read and write ---------------------------------------------------------------

    async def check(self, connection: Connection, *, authenticated: bool) -> None:
        """Check that a central may have what needs encryption. ATT_Error as NimBLE answers."""
        link = self._links.get(connection.handle)
        if link is None:
            raise asyncio.CancelledError  # nobody is there to be answered
        if not link.encrypted:
            if await connection.cancel_on_disconnection(self._bonds.knows(link.peer)):
                raise att.ATT_Error(att.ATT_INSUFFICIENT_ENCRYPTION_ERROR)
            raise att.ATT_Error(att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR)
        if authenticated and not link.authenticated:
            raise att.ATT_Error(att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR)

    # -- encryption ---------------------------------------------------------------------------

    async def _long_term_key(self, handle: int, rand: bytes, ediv: int) -> bytes | None:
        link = self._links.get(handle)
        if link is None:
            return None
        session = self._manager.sessions.get(handle)
        if session is not None and not session.completed:
            return session.get_long_term_key(rand, ediv)
        bond = await link.connection.cancel_on_disconnection(self._bonds.ours(link.peer))
        if bond is None or (bond.rand.to_bytes(8, "little"), bond.ediv) != (rand, ediv):
            return None
        link.restoring = bond
        return bond.ltk

    def _encryption_changed(self, link: Link) -> None:
        link.encrypted = link.connection.is_encrypted
        session = self._manager.sessions.get(link.connection.handle)
        if session is not None and not session.completed:
            # Keys are still to be exchanged: the program hears of it afterwards.
            link.key_bytes = nimble.KEY_BYTES
            link.authenticated |= session.pairing_method != smp.PairingMethod.JUST_WORKS
            return
        if link.restoring is not None:
            # Never taken back while the connection lasts.
            link.authenticated |= link.restoring.authenticated
            link.bonded = True
            link.key_bytes = link.restoring.key_bytes
            link.restoring = None
        link.end_procedure()
        self._tell(link)

    def _tell(self, link: Link) -> None:
        self._emit(
            nimble.IRQ_ENCRYPTION_UPDATE,
            link.connection.handle,
            int(link.encrypted),
            int(link.authenticated),
            int(link.bonded),
            link.key_bytes,
        )

    # -- pairing ------------------------------------------------------------------------------

    def _configure(self, connection: Connection) -> PairingConfig:
        preferences = self._preferences
        kind = PairingConfig.AddressType
        return PairingConfig(
            sc=preferences.le_secure,
            mitm=preferences.mitm,
            bonding=preferences.bond,
            delegate=BoardDelegate(self, self._links[connection.handle], preferences.io),
            identity_address_type=kind(int(connection.self_address.is_random)),
        )

    def _begin(self, link: Link) -> None:
        link.end_procedure()
        link.procedure = Procedure(lambda: self._expired(link))

    def _expired(self, link: Link) -> None:
        session = self._manager.sessions.get(link.connection.handle)
        if session is not None:
            session.completed = True  # what still comes is not listened to
        self.failed(link)

    async def accept(self, link: Link) -> None:
        """A central begins to pair; an older bond goes first."""
        self._begin(link)
        await self._bonds.make_way(link.peer)

    async def passkey_from_program(self, link: Link, action: int, number: int = 0) -> int:
        """Have the program do something about a passkey, and wait for its gap_passkey."""
        procedure = link.procedure
        if procedure is None:  # given up meanwhile
            raise asyncio.CancelledError
        procedure.action = action
        procedure.answer = asyncio.get_running_loop().create_future()
        self._emit(nimble.IRQ_PASSKEY_ACTION, link.connection.handle, action, number)
        return await procedure.answer

    def failed(self, link: Link) -> None:
        """Pairing has failed: the program is told what the connection still has."""
        if link.procedure is None:
            return
        link.end_procedure()
        self._tell(link)

    def _paired(self, link: Link, keys: PairingKeys) -> None:
        session = self._manager.sessions[link.connection.handle]
        link.bonded |= session.bonding
        link.end_procedure()
        self._spawn(self._finish(link, keys, sc=session.sc, keep=session.bonding))

    async def _finish(self, link: Link, keys: PairingKeys, *, sc: bool, keep: bool) -> None:
        if keep:
            await self._bonds.keep(*records(link.peer, keys, sc=sc))
        if self._links.get(link.connection.handle) is link:
            self._tell(link)
