"""Advertising data, as bumble hands it on, in bleak's terms."""

from __future__ import annotations

from bleak.backends.scanner import AdvertisementData
from bleak.uuids import normalize_uuid_16, normalize_uuid_32
from bumble.device import Advertisement

# Assigned Numbers, 2.3: types of advertising data, by the bytes of a UUID in them.
_UUID_LISTS = {0x02: 2, 0x03: 2, 0x04: 4, 0x05: 4, 0x06: 16, 0x07: 16}
_SERVICE_DATA = {0x16: 2, 0x20: 4, 0x21: 16}
_SHORT_NAME, _NAME, _TX_POWER, _MANUFACTURER = 0x08, 0x09, 0x0A, 0xFF


def uuid_text(uuid: bytes) -> str:
    """Write a UUID of 2, 4 or 16 bytes, least significant first, as 36 characters."""
    number = int.from_bytes(uuid, "little")
    if len(uuid) == 2:
        return normalize_uuid_16(number)
    if len(uuid) == 4:
        return normalize_uuid_32(number)
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def parse(advertisement: Advertisement) -> AdvertisementData:
    """Sort the parts of an advertisement and its scan response; what is cut short is left out."""
    names: dict[int, str] = {}
    uuids: list[str] = []
    manufacturer: dict[int, bytes] = {}
    service_data: dict[str, bytes] = {}
    tx_power: int | None = None
    for kind, data in advertisement.data.ad_structures:
        if kind in (_SHORT_NAME, _NAME):
            names[kind] = data.decode("utf-8", "replace")
        elif size := _UUID_LISTS.get(kind):
            whole = len(data) - len(data) % size
            uuids += [uuid_text(data[at : at + size]) for at in range(0, whole, size)]
        elif (size := _SERVICE_DATA.get(kind)) and len(data) >= size:
            service_data[uuid_text(data[:size])] = data[size:]
        elif kind == _MANUFACTURER and len(data) >= 2:
            manufacturer[int.from_bytes(data[:2], "little")] = data[2:]
        elif kind == _TX_POWER and data:
            tx_power = int.from_bytes(data[:1], "little", signed=True)
    return AdvertisementData(
        local_name=names.get(_NAME, names.get(_SHORT_NAME)),
        manufacturer_data=manufacturer,
        service_data=service_data,
        service_uuids=list(dict.fromkeys(uuids)),
        tx_power=tx_power,
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )
