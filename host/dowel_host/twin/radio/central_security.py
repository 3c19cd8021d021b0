"""Pairing and encryption of a central, as an operating system does them for bleak."""

from __future__ import annotations

import asyncio
import logging

from bumble import core, hci
from bumble.device import Connection, Device
from bumble.keys import KeyStore
from bumble.pairing import PairingConfig
from bumble.smp import AuthReq

from dowel_host.twin.radio.pairing_agent import PairingAgent
from dowel_host.twin.radio.smp_session import TIMEOUT_S, Session

_log = logging.getLogger(__name__)


class KeyLostError(core.BaseBumbleError):
    """The peer has no key for this host any more, or another one."""

    def __init__(self) -> None:
        super().__init__("the peer does not know this host any more: unpair, then pair again")


class CentralSecurity:
    """Of one adapter. agent: who answers when nobody else is named; a board may ask to pair."""

    def __init__(self, device: Device) -> None:
        self.agent = PairingAgent()
        self._device = device
        self._agents: dict[int, PairingAgent] = {}
        self._busy: dict[int, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        device.pairing_config_factory = self._configure
        device.smp_session_proxy = Session

    @property
    def _keys(self) -> KeyStore:
        assert self._device.keystore is not None
        return self._device.keystore

    def connected(self, connection: Connection) -> None:
        """Follow a new connection."""
        self._busy[connection.handle] = asyncio.Lock()

        def requested(bits: int) -> None:
            self._requested(connection, bits)

        connection.on(Connection.EVENT_SECURITY_REQUEST, requested)

    async def restore(self, connection: Connection) -> None:
        """Encrypt a connection with a bonded peer, as BlueZ does at once. KeyLostError."""
        async with self._busy[connection.handle]:
            if await self._is_bonded(connection):
                await self._encrypt(connection)

    async def pair(self, connection: Connection, agent: PairingAgent | None = None) -> None:
        """Pair; with a bonded peer, encrypt. TimeoutError after 30 s, and the connection ends."""
        async with self._busy[connection.handle]:
            if not await self._is_bonded(connection):
                await self._pair(connection, agent or self.agent)
            elif not connection.is_encrypted:
                await self._encrypt(connection)

    async def forget(self, address: str) -> None:
        """Forget the keys of a peer; nothing happens if there are none."""
        for name, _ in await self._keys.get_all():
            if name.split("/")[0] == address.upper():
                await self._keys.delete(name)

    async def _is_bonded(self, connection: Connection) -> bool:
        return await self._keys.get(str(connection.peer_address)) is not None

    async def _encrypt(self, connection: Connection) -> None:
        try:
            await connection.encrypt()
        except hci.HCI_Error as error:
            raise KeyLostError from error

    async def _pair(self, connection: Connection, agent: PairingAgent) -> None:
        self._agents[connection.handle] = agent
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await connection.pair()
        except TimeoutError:
            # Nothing may be paired on this connection any more.
            await connection.disconnect()
            raise
        finally:
            self._agents.pop(connection.handle, None)
        session = self._device.smp_manager.sessions.get(connection.handle)
        if session is not None and not session.bonding:
            # bumble keeps the keys even if one side did not want to bond.
            await self._keys.delete(str(connection.peer_address))

    def _configure(self, connection: Connection) -> PairingConfig:
        agent = self._agents.get(connection.handle, self.agent)
        return PairingConfig(sc=True, mitm=agent.proves, bonding=True, delegate=agent)

    # -- the board asks -----------------------------------------------------------------------

    def _requested(self, connection: Connection, bits: int) -> None:
        task = asyncio.get_running_loop().create_task(self._obey(connection, bits))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _obey(self, connection: Connection, bits: int) -> None:
        try:
            async with self._busy[connection.handle]:
                keys = await self._keys.get(str(connection.peer_address))
                proven = keys is not None and keys.ltk is not None and keys.ltk.authenticated
                if self._device.connections.get(connection.handle) is not connection:
                    return  # it has ended meanwhile
                if keys is not None and (proven or not bits & AuthReq.MITM):
                    await self._encrypt(connection)
                else:
                    await self._pair(connection, self.agent)
        except (core.BaseBumbleError, TimeoutError) as error:
            # Nobody waits for it: the person at an operating system sees a message.
            _log.info("the board's wish to pair was not met: %s", error)
