"""The board's attributes: MicroPython's buffers behind bumble's GATT server."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from bumble import att, gatt
from bumble.core import UUID
from bumble.device import Connection
from bumble.gatt_server import Server
from bumble.profiles.gap import GenericAccessService
from bumble.profiles.gatt_service import GenericAttributeProfileService
from bumble.utils import AsyncRunner

from dowel_host.twin.radio import nimble

Descriptor = tuple[bytes, int]
Characteristic = tuple[bytes, int, list[Descriptor]]
Service = tuple[bytes, list[Characteristic]]

_WRITABLE = nimble.FLAG_WRITE | nimble.FLAG_WRITE_NO_RESPONSE
_SUBSCRIBABLE = nimble.FLAG_NOTIFY | nimble.FLAG_INDICATE
_PROPERTIES = 0x00FF  # the lower byte of the flags is what the declaration says


@dataclass(frozen=True)
class _Needs:
    """Flags that allow an access, and those that ask more of who wants it."""

    allowing: int
    encrypted: int
    authenticated: int
    authorized: int
    refusal: int  # where it is not allowed at all


_READING = _Needs(
    nimble.FLAG_READ,
    nimble.FLAG_READ_ENCRYPTED,
    nimble.FLAG_READ_AUTHENTICATED,
    nimble.FLAG_READ_AUTHORIZED,
    att.ATT_READ_NOT_PERMITTED_ERROR,
)
_WRITING = _Needs(
    _WRITABLE,
    nimble.FLAG_WRITE_ENCRYPTED,
    nimble.FLAG_WRITE_AUTHENTICATED,
    nimble.FLAG_WRITE_AUTHORIZED,
    att.ATT_WRITE_NOT_PERMITTED_ERROR,
)


class Program(Protocol):
    """Who decides, and who is told."""

    async def check(self, connection: Connection, *, authenticated: bool) -> None:
        """Check that a central may have what needs encryption. ATT_Error."""
        ...

    async def may_be_read(self, connection: Connection, handle: int) -> None:
        """Ask whether a value may be read. ATT_Error."""
        ...

    def written(self, connection: Connection, handle: int, *, cut: bool) -> None:
        """A central wrote; cut: more than the buffer holds."""
        ...


class AttributeBuffer:
    """What MicroPython keeps for one attribute: 20 bytes until the program asks for more."""

    def __init__(self) -> None:
        self._data = b""
        self._size = nimble.DEFAULT_BUFFER_BYTES
        self._append = False

    def take(self) -> bytes:
        """gatts_read: the value; an appending buffer is empty afterwards."""
        data = self._data
        if self._append:
            self._data = b""
        return data

    def value(self) -> bytes:
        """What a central reads."""
        return self._data

    def put(self, data: bytes) -> None:
        """gatts_write: the value; the buffer grows."""
        self._size = max(self._size, len(data))
        self._data = data

    def resize(self, size: int, *, append: bool) -> None:
        """gatts_set_buffer: also empties it."""
        self._size = size
        self._append = append
        self._data = b""

    def receive(self, data: bytes) -> bool:
        """A central's write. False: it was cut, which nobody is told on the board."""
        whole = self._data + data if self._append else data
        self._data = whole[: self._size]
        return len(whole) <= self._size


class GattTable:
    """Registers services with a server as NimBLE would, and keeps their values."""

    def __init__(self, server: Server, program: Program, name: bytes) -> None:
        self._server = server
        self._program = program
        untyped: Any = server
        in_task: Any = AsyncRunner
        # bumble's own puts a traceback into the log for each that is refused.
        untyped.on_att_write_command = in_task.run_in_task()(self._obey_command)
        self._buffers: dict[int, AttributeBuffer] = {}
        self._gap = GenericAccessService("")
        self.set_name(name)
        self._clear()

    def set_name(self, name: bytes) -> None:
        """Device name, characteristic 0x2A00."""
        self._gap.device_name_characteristic.value = name

    def buffer(self, handle: int) -> AttributeBuffer | None:
        """The buffer of an attribute that the program registered."""
        return self._buffers.get(handle)

    def register(self, services: list[Service]) -> tuple[int, ...]:
        """Replace all services; handles of values and descriptors, in order, services joined."""
        self._clear()
        handles: list[int] = []
        for uuid, characteristics in services:
            attributes: list[gatt.Characteristic[bytes]] = []
            ours: list[tuple[AttributeBuffer, att.Attribute[bytes]]] = []
            for characteristic in characteristics:
                made, parts = self._characteristic(characteristic)
                attributes.append(made)
                ours += parts
            self._server.add_service(gatt.Service(UUID.from_bytes(uuid), attributes))
            for buffer, attribute in ours:
                self._buffers[attribute.handle] = buffer
                handles.append(attribute.handle)
        return tuple(handles)

    def subscription(self, connection: Connection, handle: int) -> int:
        """What a central asked for: bit 0 notifications, bit 1 indications."""
        bits = self._server.subscribers.get(connection, {}).get(handle, b"")
        return bits[0] if bits else 0

    async def _obey_command(self, connection: Connection, command: att.ATT_Write_Command) -> None:
        server: Any = self._server
        attribute = server.get_attribute(command.attribute_handle)
        value = command.attribute_value
        if attribute is None or len(value) > gatt.GATT_MAX_ATTRIBUTE_VALUE_SIZE:
            return
        with suppress(att.ATT_Error):  # a command has no answer
            await attribute.write_value(connection, value)

    def _clear(self) -> None:
        server: Any = self._server  # its collections are of attributes of an unknown type
        server.attributes.clear()
        server.services.clear()
        server.attributes_by_handle.clear()
        self._buffers.clear()
        # Handles 1 to 13; the program's first value is then 16, as with ESP-IDF 5.
        self._server.add_service(self._gap)
        self._server.add_service(GenericAttributeProfileService())

    def _characteristic(
        self, layout: Characteristic
    ) -> tuple[gatt.Characteristic[bytes], list[tuple[AttributeBuffer, att.Attribute[bytes]]]]:
        uuid, flags, descriptors = layout
        buffer = AttributeBuffer()
        made: gatt.Characteristic[bytes] = gatt.Characteristic(
            UUID.from_bytes(uuid),
            gatt.Characteristic.Properties(flags & _PROPERTIES),
            _permissions(flags),
        )
        made.value = self._access(buffer, flags, made)
        parts: list[tuple[AttributeBuffer, att.Attribute[bytes]]] = [(buffer, made)]
        children: list[gatt.Descriptor] = []
        if flags & _SUBSCRIBABLE:
            # NimBLE puts it before the program's own descriptors, bumble after them.
            server: Any = self._server  # generic in an unknown type
            children.append(
                gatt.Descriptor(
                    gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
                    _permissions(nimble.FLAG_READ | nimble.FLAG_WRITE),
                    server.make_descriptor_value(made),
                )
            )
        for descriptor_uuid, descriptor_flags in descriptors:
            descriptor_buffer = AttributeBuffer()
            child = gatt.Descriptor(
                UUID.from_bytes(descriptor_uuid), _permissions(descriptor_flags)
            )
            # NimBLE knows no security for descriptors.
            child.value = self._access(descriptor_buffer, descriptor_flags & _PROPERTIES, child)
            children.append(child)
            parts.append((descriptor_buffer, child))
        made.descriptors = children
        return made, parts

    def _access(
        self, buffer: AttributeBuffer, flags: int, attribute: att.Attribute[bytes]
    ) -> gatt.CharacteristicValue[bytes]:
        async def read(connection: Connection) -> bytes:
            await self._check(connection, flags, _READING)
            await self._program.may_be_read(connection, attribute.handle)
            return buffer.value()

        async def write(connection: Connection, value: bytes) -> None:
            await self._check(connection, flags, _WRITING)
            whole = buffer.receive(value)
            self._program.written(connection, attribute.handle, cut=not whole)

        return gatt.CharacteristicValue(read=read, write=write)

    async def _check(self, connection: Connection, flags: int, needs: _Needs) -> None:
        """As NimBLE's ble_att_svr_check_perms; bumble checks neither readable nor writable."""
        if not flags & needs.allowing:
            raise att.ATT_Error(needs.refusal)
        if flags & (needs.encrypted | needs.authenticated):
            authenticated = bool(flags & needs.authenticated)
            await self._program.check(connection, authenticated=authenticated)
        if flags & needs.authorized:
            # NimBLE would ask the program, but MicroPython passes that on to nobody.
            raise att.ATT_Error(att.ATT_INSUFFICIENT_AUTHORIZATION_ERROR)


def _permissions(flags: int) -> att.Attribute.Permissions:
    allowed = att.Attribute.Permissions
    permissions = allowed(0)
    if flags & nimble.FLAG_READ:
        permissions |= allowed.READABLE
    if flags & _WRITABLE:
        permissions |= allowed.WRITEABLE
    return permissions
