"""Runs a MicroPython program on a board, and a central that visits it, on one air."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from bleak import BleakClient, BleakScanner

from dowel_host.twin.board import Board
from dowel_host.twin.clock import run
from dowel_host.twin.devices import BLUETOOTH_MAC, Devices
from dowel_host.twin.flash import Flash
from dowel_host.twin.i2c_bus import I2cBus
from dowel_host.twin.program import Program
from dowel_host.twin.radio.bleak_backend import backend_for
from dowel_host.twin.radio.central import CentralRadio
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.peripheral import Peripheral

ADDRESS = ":".join(f"{byte:02X}" for byte in BLUETOOTH_MAC)

# What every program begins with; `silent` are events that it does not print.
EVENTS = """
import asyncio, bluetooth, machine, os
ble = bluetooth.BLE()
READ, COMMAND, WRITE, ENC, AUTH = 0x02, 0x04, 0x08, 0x200, 0x400
silent = (1, 2, 21)
def show(event, data):
    if event not in silent:
        print(event, *[bytes(x).hex() if isinstance(x, memoryview) else x for x in data])
def register(*flags):
    u = bluetooth.UUID
    chars = tuple([(u(0xAA00 + n), flags[n]) for n in range(len(flags))])
    (handles,) = ble.gatts_register_services(((u(0xAAAA), chars),))
    return handles
def advertise():
    ble.gap_advertise(100_000, b'\\x02\\x01\\x06')
async def stay():
    while True:
        await asyncio.sleep_ms(100)
"""


class Visit:
    """A central on the board's air."""

    def __init__(self, board: Board, radio: CentralRadio) -> None:
        self.board = board
        self.radio = radio

    def lines(self) -> list[str]:
        """What the program has printed so far."""
        return self.board.output().splitlines()

    async def connect(self) -> BleakClient:
        """A connected client."""
        scanner, backend = backend_for(self.radio)
        device = await BleakScanner.find_device_by_address(ADDRESS, 20, backend=scanner)
        assert device is not None
        client = BleakClient(device, backend=backend)
        await client.connect()
        return client


def visit(text: str, scene: Callable[[Visit], Awaitable[Any]]) -> list[str]:
    """Run text, after EVENTS, until the scene is over; what it printed since its last reset."""

    async def main() -> list[str]:
        peripheral = Peripheral(PacedLink(), BLUETOOTH_MAC)
        devices = Devices(I2cBus(), Flash(None), peripheral)
        board = Board(devices, program=Program(EVENTS + text))
        radio = await CentralRadio.open(peripheral.link)
        board.start()
        visiting = asyncio.ensure_future(scene(Visit(board, radio)))
        try:
            await asyncio.wait((visiting, board.ended), return_when=asyncio.FIRST_COMPLETED)
            if board.ended.done():
                board.ended.result()
            await visiting
            return board.output().splitlines()
        finally:
            visiting.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await visiting
            board.stop()
            await radio.close()
            await peripheral.active(False)

    return run(main(), realtime=False)
