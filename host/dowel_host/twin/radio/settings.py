"""What can be set on the virtual radio link, and what a board's radio counts."""

from __future__ import annotations

from dataclasses import dataclass

from dowel_host.errors import DowelError

INTERVAL_UNIT_US = 1_250  # of connection intervals (Core Specification, Vol 6, Part B, 4.5.1)
TIMEOUT_UNIT_US = 10_000  # of supervision timeouts
ADVERTISING_UNIT_US = 625  # of advertising intervals

# Numbers of the ATT protocol that the link and the peripheral both look at.
ATT_CHANNEL = 4
ATT_NOTIFICATION = 0x1B
ATT_INDICATION = 0x1D
ATT_HEADER_BYTES = 3  # opcode and handle, of a notification, an indication or a write
L2CAP_HEADER_BYTES = 4


class LinkSettingError(DowelError):
    """A setting of the virtual radio is outside what Bluetooth allows. Carries name and value."""

    def __init__(self, name: str, value: int, allowed: str) -> None:
        super().__init__(f"The radio's {name} cannot be {value}; use {allowed}.")
        self.name = name
        self.value = value


@dataclass(frozen=True)
class LinkSettings:
    """How the air behaves: times in microseconds, sizes in bytes. Raises LinkSettingError.

    interval_us: from one connection event to the next; 7.5 to 100 ms in steps of 1.25 ms. Small:
        low latency, much airtime and battery. Large: ENOMEM as soon as the board sends more than
        pdus_per_event in it. Phones and PCs pick 15 to 50 ms.
    pdus_per_event: link-layer PDUs that an event carries at most, for each connection and
        direction; 1 to 8. A PDU is one fragment, of at most data_length bytes, of an L2CAP packet,
        or one control message of the link layer. Empty PDUs, with which a real link polls and
        acknowledges, do not count. Small: notifications queue up. Large: bursts pass.
    data_length: bytes of L2CAP in a PDU; 27 without, 251 with data length extension. With 251
        a notification of up to 244 bytes is one PDU, with 27 one of up to 20 bytes.
    supervision_timeout_us: silence after which both sides give a connection up; 0.1 to 32 s.
    tx_buffers: packets of up to 251 bytes that the board's radio holds, for all its connections
        together, until they have been on the air; a notification that finds none is refused.
        24 on the ESP32 (ESP-IDF, BT_NIMBLE_ACL_BUF_COUNT).
    max_connections: of the stock ESP32 build (MicroPython, ports/esp32/boards/sdkconfig.ble).
    """

    interval_us: int = 30_000
    pdus_per_event: int = 4
    data_length: int = 251
    supervision_timeout_us: int = 4_000_000
    tx_buffers: int = 24
    max_connections: int = 4

    def __post_init__(self) -> None:
        self._check("interval", self.interval_us, 7_500, 100_000, INTERVAL_UNIT_US, "us")
        self._check("PDUs per event", self.pdus_per_event, 1, 8)
        self._check("data length", self.data_length, 27, 251)
        timeout_us = self.supervision_timeout_us
        self._check("timeout", timeout_us, 100_000, 32_000_000, TIMEOUT_UNIT_US, "us")
        self._check("number of buffers", self.tx_buffers, 1, 255)
        self._check("number of connections", self.max_connections, 1, 9)

    @staticmethod
    def _check(name: str, value: int, low: int, high: int, step: int = 1, unit: str = "") -> None:
        if not low <= value <= high or value % step:
            steps = f" in steps of {step}" if step > 1 else ""
            allowed = f"{low} to {high}{' ' if unit else ''}{unit}{steps}"
            raise LinkSettingError(name, value, allowed)


@dataclass
class RadioStation:
    """What one board's radio handled. drop: that many notifications yet to vanish on the way in.

    notifications_in: given to the radio and accepted. notifications_out: all of their PDUs have
    reached the controller of the central. What came in is either out, or waits, or was discarded.
    """

    notifications_in: int = 0
    notifications_out: int = 0
    dropped: int = 0  # vanished on purpose; not in notifications_in
    discarded: int = 0  # waited when their connection ended
    refused: int = 0  # no buffer: the caller was told, ENOMEM
    updates_lost: int = 0  # gatts_write(send_update=True) without a buffer: nobody is told
    cut_to_mtu: int = 0  # notifications and indications sent shorter than given
    writes_cut: int = 0  # writes of a central, longer than the attribute's buffer
    other_discarded: int = 0  # packets that are no notifications, as `discarded`
    drop: int = 0
