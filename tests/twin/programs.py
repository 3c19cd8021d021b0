"""Runs a MicroPython program on a board without sensors; what the tests of the board share."""

from __future__ import annotations

from dataclasses import dataclass

from dowel_host.twin.board import Board
from dowel_host.twin.clock import run
from dowel_host.twin.costs import Costs
from dowel_host.twin.devices import BLUETOOTH_MAC, Devices
from dowel_host.twin.flash import Flash
from dowel_host.twin.i2c_bus import I2cBus
from dowel_host.twin.program import Program
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.peripheral import Peripheral
from dowel_host.twin.vm import HEAP_FREE_BYTES


@dataclass
class Ran:
    """What a program printed, line by line, and the board's time at its end."""

    lines: list[str]
    board_us: int
    board: Board


def run_program(
    text: str,
    *,
    seed: int = 1,
    costs: Costs | None = None,
    flash: Flash | None = None,
    heap_free: int = HEAP_FREE_BYTES,
    prepare=None,
    own: tuple[str, ...] = (),
) -> Ran:
    """Run text as the board's main program, to its end.

    prepare(board) is called before power-on.
    """

    async def main() -> Ran:
        program = Program(text, heap_free=heap_free, own=own)
        devices = Devices(I2cBus(), flash or Flash(None), Peripheral(PacedLink(), BLUETOOTH_MAC))
        board = Board(devices, seed=seed, costs=costs, program=program)
        if prepare is not None:
            prepare(board)
        board.start()
        try:
            await board.ended
        finally:
            board.stop()
        return Ran(board.output().splitlines(), board.loop.now_us, board)

    return run(main(), realtime=False)
