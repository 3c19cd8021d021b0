"""A whole board in real time, on a loop and a thread of its own, behind its serial line."""

import asyncio
import threading
from contextlib import contextmanager

from dowel_host.twin.board import Board
from dowel_host.twin.clock import BoardLoop
from dowel_host.twin.devices import BLUETOOTH_MAC, Devices
from dowel_host.twin.i2c_bus import I2cBus
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.peripheral import Peripheral
from dowel_host.twin.repl import SerialRepl
from dowel_host.twin.repl_main import BoardMain


@contextmanager
def whole_board(flash):
    """Yield its SerialRepl. It has no sensors."""
    loop = BoardLoop(realtime=True)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def make():
        return Board(Devices(I2cBus(), flash, Peripheral(PacedLink(), BLUETOOTH_MAC)))

    board = asyncio.run_coroutine_threadsafe(make(), loop).result(10)
    try:
        with SerialRepl(flash, main=BoardMain(board)) as repl:
            yield repl
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
