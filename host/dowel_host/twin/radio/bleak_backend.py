"""A backend for bleak on the virtual air: code written for bleak runs on it unchanged.

    scanner, client = backend_for(radio)
    device = await BleakScanner.find_device_by_name("Dowel-3C4D", backend=scanner)
    async with BleakClient(device, backend=client) as connected: ...

bleak keeps the interface of backends out of its promise of semantic versions: its minor version is
pinned.
"""

from __future__ import annotations

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner

from dowel_host.twin.radio.bleak_client import BumbleClient
from dowel_host.twin.radio.bleak_scanner import BumbleScanner
from dowel_host.twin.radio.central import Adapter


def backend_for(
    radio: Adapter | None,
) -> tuple[type[BaseBleakScanner], type[BaseBleakClient]]:
    """Make bleak's two backend classes for one adapter; None: a machine without Bluetooth."""
    # bleak wants classes and makes the objects itself: the adapter goes into the class.

    class Scanner(BumbleScanner):
        adapter = radio

    class Client(BumbleClient):
        adapter = radio
        scanner = Scanner

    return Scanner, Client
