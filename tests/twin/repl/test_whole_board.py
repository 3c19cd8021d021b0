"""main.py on a whole board, with its clock and its radio, behind the same serial line."""

import asyncio
import threading

import pytest

from dowel_host.twin.board import Board
from dowel_host.twin.clock import BoardLoop
from dowel_host.twin.devices import BLUETOOTH_MAC, Devices
from dowel_host.twin.i2c_bus import I2cBus
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.peripheral import Peripheral
from dowel_host.twin.repl import SerialRepl
from dowel_host.twin.repl_main import BoardMain
from twin.programs import run_program
from twin.repl.wire import Wire


@pytest.fixture
def whole(flash):
    main = (
        "import bluetooth, os, time\n"
        "bluetooth.BLE().active(True)\n"
        "print('main', len(os.listdir('/')))\n"
        "try:\n"
        "    while True: time.sleep_ms(20)\n"
        "except KeyboardInterrupt:\n"
        "    print('main ends')\n"
    )
    run_program(f"with open('main.py', 'w') as f: f.write({main!r})", flash=flash)
    loop = BoardLoop(realtime=True)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def make():
        return Board(Devices(I2cBus(), flash, Peripheral(PacedLink(), BLUETOOTH_MAC)))

    board = asyncio.run_coroutine_threadsafe(make(), loop).result(10)
    with SerialRepl(flash, main=BoardMain(board)) as repl:
        yield repl
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_its_output_its_end_its_files_and_its_next_life(whole):
    wire = Wire(whole.port)
    wire.send(b"", b"main 1\r\n")
    assert b"main ends\r\n" in wire.send(b"\r\x03", b">>> ")
    wire.raw().execute("with open('more', 'w') as f: f.write('x')")
    wire.send(b"\x02", b">>> ")
    assert b"soft reboot" in wire.send(b"\x04", b"main 2\r\n")
