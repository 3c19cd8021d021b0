"""MicroPython's Bluetooth as firmware meets it on an ESP32: numbers and errors.

Sources: MicroPython, extmod/modbluetooth.c and extmod/nimble/modbluetooth_nimble.c; NimBLE's host.
Numbers of errors are those of the ESP32's C library.
"""

from __future__ import annotations

# Characteristic flags.
FLAG_READ = 0x0002
FLAG_WRITE_NO_RESPONSE = 0x0004
FLAG_WRITE = 0x0008
FLAG_NOTIFY = 0x0010
FLAG_INDICATE = 0x0020
FLAG_READ_ENCRYPTED = 0x0200
FLAG_READ_AUTHENTICATED = 0x0400
FLAG_READ_AUTHORIZED = 0x0800
FLAG_WRITE_ENCRYPTED = 0x1000
FLAG_WRITE_AUTHENTICATED = 0x2000
FLAG_WRITE_AUTHORIZED = 0x4000

# Events.
IRQ_CENTRAL_CONNECT = 1
IRQ_CENTRAL_DISCONNECT = 2
IRQ_GATTS_WRITE = 3
IRQ_GATTS_READ_REQUEST = 4
IRQ_GATTS_INDICATE_DONE = 20
IRQ_MTU_EXCHANGED = 21
IRQ_CONNECTION_UPDATE = 27
IRQ_ENCRYPTION_UPDATE = 28
IRQ_GET_SECRET = 29
IRQ_SET_SECRET = 30
IRQ_PASSKEY_ACTION = 31

# Kinds of secret.
SECRET_OUR = 1  # the key that the board handed out
SECRET_PEER = 2  # what the peer handed out
SECRET_IDENTITY = 10  # the board's own identity key

# What gap_passkey is to do.
PASSKEY_INPUT = 2
PASSKEY_DISPLAY = 3
PASSKEY_COMPARE = 4
MAX_PASSKEY = 999_999

# Errors.
ENOENT = 2
E2BIG = 7
ENOMEM = 12
EBUSY = 16
ENODEV = 19
EINVAL = 22
EALREADY = 120
# A connection that is not there. The table from NimBLE's errors to errno is of int8_t, where
# ENOTCONN, 128, is negative.
NOT_CONNECTED = -128
# NimBLE's own numbers pass through negated where the table has no entry.
NO_SUCH_ATTRIBUTE = -9  # BLE_HS_EAPP: the value to be notified cannot be read
ADVERTISING_TOO_LONG = -18  # BLE_ERR_INV_HCI_CMD_PARMS: more than 31 bytes
ADVERTISING_INTERVAL = -530  # the same from the controller: not 20 ms to 10.24 s

# Status of an indication that was not confirmed.
STATUS_NOT_CONNECTED = 7  # BLE_HS_ENOTCONN
STATUS_TIMEOUT = 13  # BLE_HS_ETIMEOUT
INDICATION_TIMEOUT_S = 30.0  # of every ATT transaction

DEFAULT_BUFFER_BYTES = 20  # extmod/modbluetooth.h, MP_BLUETOOTH_DEFAULT_ATTR_LEN
MAX_SERVICES = 8  # extmod/nimble/modbluetooth_nimble.h
MAX_ADVERTISING_BYTES = 31
MIN_ADVERTISING_US = 20_000
MAX_ADVERTISING_US = 10_240_000
PREFERRED_MTU = 256  # ESP-IDF, BT_NIMBLE_ATT_PREFERRED_MTU
MIN_MTU = 23
MAX_MTU = 527  # ble_att.h, BLE_ATT_MTU_MAX
DEFAULT_NAME = b"MPY ESP32"  # ports/esp32/boards/sdkconfig.ble
MAX_NAME_BYTES = 31  # BT_NIMBLE_GAP_DEVICE_NAME_MAX_LEN
IO_NO_INPUT_OUTPUT = 3
IO_KEYBOARD_DISPLAY = 4  # the greatest
KEY_BYTES = 16
# NimBLE's, for firmware that keeps no secrets (host/src/ble_hs_pvcy.c).
DEFAULT_IDENTITY_KEY = bytes.fromhex("ef8de2164fec430dbf5bdd34c0531eb8")
ADDRESS_PUBLIC = 0
ADDRESS_RANDOM = 1


class NotModelledError(RuntimeError):
    """The firmware asks the virtual radio for what it does not model. Carries `what`."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the virtual radio does not model {what}")
        self.what = what


def os_error(number: int, why: str) -> OSError:
    """Make the OSError(number) that MicroPython raises; why is for people who read a log."""
    return OSError(number, why)
