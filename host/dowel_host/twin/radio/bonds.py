"""Bonds and the identity key, kept by the firmware: GET_SECRET and SET_SECRET.

The order of the questions is NimBLE's (host/src/ble_sm.c, ble_store_util.c) under MicroPython
(extmod/nimble/modbluetooth_nimble.c).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Self

from bumble.keys import PairingKeys

from dowel_host.twin.radio import nimble
from dowel_host.twin.radio.handler import Ask, HandlerError

_IDENTITY_KEY = b"irk"
# Peer, size of the key, EDIV, Rand, LTK, IRK, CSRK, and which of the last two there are;
# authenticated, Secure Connections. The ESP32's own layout is another, and differs between builds.
_LAYOUT = struct.Struct("<7sBHQ16s16s16s????")
# Questions of one kind after which a handler is taken for one that never ends.
_PATIENCE = 64


@dataclass(frozen=True)
class Bond:
    """One side's keys. peer: address type and address, least significant byte first."""

    peer: bytes
    ltk: bytes
    authenticated: bool
    secure_connections: bool
    key_bytes: int = nimble.KEY_BYTES
    ediv: int = 0
    rand: int = 0
    irk: bytes | None = None
    csrk: bytes | None = None

    def pack(self) -> bytes:
        """As the firmware keeps it."""
        return _LAYOUT.pack(
            self.peer,
            self.key_bytes,
            self.ediv,
            self.rand,
            self.ltk,
            self.irk or b"",
            self.csrk or b"",
            self.irk is not None,
            self.csrk is not None,
            self.authenticated,
            self.secure_connections,
        )

    @classmethod
    def unpack(cls, data: bytes) -> Self | None:
        """None: not of the right size, which NimBLE takes for no bond at all."""
        if len(data) != _LAYOUT.size:
            return None
        peer, size, ediv, rand, ltk, irk, csrk, has_irk, has_csrk, proven, sc = _LAYOUT.unpack(
            data
        )
        return cls(
            peer=peer,
            ltk=ltk,
            authenticated=proven,
            secure_connections=sc,
            key_bytes=size,
            ediv=ediv,
            rand=rand,
            irk=irk if has_irk else None,
            csrk=csrk if has_csrk else None,
        )


class BondStore:
    """Bonds that the firmware keeps. HandlerError where the ESP32 would ask for ever."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def identity_key(self, fresh: bytes) -> bytes:
        """What happens at the start: the identity key, `fresh` if the firmware has none."""
        kind = (nimble.SECRET_IDENTITY, 0)
        key = await self._ask(nimble.IRQ_GET_SECRET, kind, (_IDENTITY_KEY,))
        if not isinstance(key, bytes) or len(key) != nimble.KEY_BYTES:
            if not await self._set(nimble.SECRET_IDENTITY, _IDENTITY_KEY, fresh):
                return nimble.DEFAULT_IDENTITY_KEY  # and no bond can be there
            key = fresh
        # NimBLE wants the keys by which it recognizes peers again.
        for index in range(_PATIENCE):
            if await self._get(nimble.SECRET_PEER, index, None) is None:
                return key
        raise HandlerError(nimble.IRQ_GET_SECRET, "a secret for every index, without end")

    async def ours(self, peer: bytes) -> Bond | None:
        """The key that a peer encrypts with."""
        return await self._get(nimble.SECRET_OUR, 0, peer)

    async def knows(self, peer: bytes) -> bool:
        """Whether a peer is bonded."""
        return await self._get(nimble.SECRET_PEER, 0, peer) is not None

    async def keep(self, ours: Bond, theirs: Bond) -> None:
        """After pairing. Where the firmware does not take them there is no bond, silently."""
        await self._set(nimble.SECRET_OUR, ours.peer, ours.pack())
        await self._set(nimble.SECRET_PEER, theirs.peer, theirs.pack())

    async def make_way(self, peer: bytes) -> None:
        """A peer wants to pair: whatever bond it had is deleted, MicroPython refuses nobody."""
        for _ in range(_PATIENCE):
            if not await self.knows(peer):
                return
            await self._delete(nimble.SECRET_OUR, peer)
            await self._delete(nimble.SECRET_PEER, peer)
        raise HandlerError(nimble.IRQ_SET_SECRET, "a deleted secret is still there")

    async def _delete(self, kind: int, peer: bytes) -> None:
        # NimBLE deletes until there is nothing left to delete.
        for _ in range(_PATIENCE):
            if not await self._set(kind, peer, None):
                return
        raise HandlerError(nimble.IRQ_SET_SECRET, "true for deleting what was already deleted")

    async def _get(self, kind: int, index: int, peer: bytes | None) -> Bond | None:
        value = await self._ask(nimble.IRQ_GET_SECRET, (kind, index), (peer,))
        return Bond.unpack(value) if isinstance(value, bytes) else None

    async def _set(self, kind: int, key: bytes, value: bytes | None) -> bool:
        return bool(await self._ask(nimble.IRQ_SET_SECRET, (kind,), (key, value)))


def records(peer: bytes, keys: PairingKeys, *, sc: bool) -> tuple[Bond, Bond]:
    """Make the two records of a pairing: what the board handed out, and what the peer did."""
    # Without Secure Connections each side hands out its own; bumble names them for who made them.
    our_key, peer_key = (keys.ltk, keys.ltk) if sc else (keys.ltk_central, keys.ltk_peripheral)
    assert our_key is not None
    assert peer_key is not None

    def record(key: PairingKeys.Key, irk: bytes | None = None, csrk: bytes | None = None) -> Bond:
        rand = int.from_bytes(key.rand or b"", "little")
        return Bond(
            peer=peer,
            ltk=key.value,
            authenticated=key.authenticated,
            secure_connections=sc,
            ediv=key.ediv or 0,
            rand=rand,
            irk=irk,
            csrk=csrk,
        )

    irk = keys.irk.value if keys.irk is not None else None
    csrk = keys.csrk.value if keys.csrk is not None else None
    return record(our_key), record(peer_key, irk, csrk)
