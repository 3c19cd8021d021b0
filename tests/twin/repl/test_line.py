"""What a line does besides carrying code: Ctrl-C, losses, resets, power."""

import random
import time

import pytest

from dowel_host.twin import repl_vm
from dowel_host.twin.flash import Flash
from dowel_host.twin.repl import SerialRepl
from twin.programs import run_program
from twin.repl.wire import GREETING, Wire


class TestInterrupt:
    @pytest.mark.parametrize(
        "code",
        [
            "import time; time.sleep(60)",
            "while True: pass",
            "import time\nwhile True: time.ticks_ms()",
            "import asyncio\nasync def f(): await asyncio.sleep(60)\nasyncio.run(f())",
            "import asyncio as a\nasync def f():\n    while True: await a.sleep_ms(1)\na.run(f())",
            "while True: print('.', end='')",
        ],
    )
    def test_control_c_ends_it(self, wire, code):
        wire.raw()
        wire.serial.write(code.encode() + b"\x04")
        time.sleep(0.3)
        ended = wire.send(b"\x03", b"\x04>")
        assert ended.endswith(b"KeyboardInterrupt: \r\n\x04>")
        assert wire.execute("print(2)") == (b"2\r\n", b"")

    def test_at_any_moment(self, board, wire):
        # Half the time in a call to the board, half between two: none may be taken for another.
        code = (
            "import time, os\n"
            "while True:\n"
            "    for i in range(2000): pass\n"
            "    with open('f', 'w') as f: f.write('x' * 600)\n"
            "    assert os.stat('f')[6] == 600\n"
            "    time.ticks_us()\n"
        )
        random.seed(1)
        wire.raw()
        for _ in range(15):
            wire.send(code.encode() + b"\x04", b"OK")
            time.sleep(random.uniform(0.01, 0.06))
            assert b"KeyboardInterrupt" in wire.send(b"\x03", b"\x04>")
        assert wire.execute("print(len(open('f').read()) in (0, 600))") == (b"True\r\n", b"")
        assert board.crashes == 0

    def test_in_the_middle_of_a_call(self, board, wire, monkeypatch):
        # A signal at once, not only to a program that has long been silent: many hit the VM
        # between a call and its answer.
        monkeypatch.setattr(repl_vm, "_LOOK_S", 0.0)
        monkeypatch.setattr(repl_vm, "_COMPUTING_S", 0.0)
        code = "import machine\np = machine.Pin(7)\nwhile True: p.value()\n"
        random.seed(1)
        wire.raw()
        for _ in range(40):
            wire.send(code.encode() + b"\x04", b"OK")
            time.sleep(random.uniform(0.01, 0.02))
            assert b"KeyboardInterrupt" in wire.send(b"\x03", b"\x04>")
            assert wire.execute("print(p.value())") == (b"1\r\n", b"")
        assert board.crashes == 0

    def test_it_waits_until_the_file_system_has_done(self, wire):
        code = (
            "import time\n"
            "f = open('f', 'w')\n"
            "for i in range(200):\n"
            "    f.write('x' * 100)\n"
            "    f.flush()\n"
            "while True:\n"
            "    time.sleep_ms(1)\n"
        )
        wire.raw()
        wire.send(code.encode() + b"\x04", b"OK")
        time.sleep(0.02)
        assert b"line 7, in <module>" in wire.send(b"\x03", b"\x04>")
        assert wire.execute("f.close()\nprint(len(open('f').read()))") == (b"20000\r\n", b"")

    def test_it_can_be_caught(self, wire):
        wire.raw()
        code = b"try:\n    while True: pass\nexcept KeyboardInterrupt: print('caught')\x04"
        wire.serial.write(code)
        time.sleep(0.2)
        assert wire.send(b"\x03", b"\x04>").endswith(b"caught\r\n\x04\x04>")

    def test_it_ends_main(self, micropython):
        flash = Flash(None)
        main = "import time\\nwhile True: time.sleep(1)"
        run_program(f"with open('main.py', 'w') as f: f.write('{main}')", flash=flash)
        with SerialRepl(flash) as board:
            time.sleep(0.2)
            assert b"KeyboardInterrupt" in Wire(board.port).send(b"\r\x03", b">>> ")


class TestLine:
    def test_input_that_does_not_fit_while_a_program_runs_is_lost_and_counted(self, board, wire):
        wire.raw()
        wire.send(b"import time; time.sleep_ms(400)\x04", b"OK")
        time.sleep(0.1)
        wire.serial.write(b"#" * 300)  # the port has room for 260
        wire.send(b"", b"\x04>")
        assert board.line.dropped_in == 40

    def test_output_that_nobody_reads_is_lost_and_counted(self, board, wire):
        wire.raw()
        wire.serial.write(b"for i in range(4000): print('no one reads this line')\x04")
        deadline = time.monotonic() + 10
        while not board.line.dropped_out and time.monotonic() < deadline:
            time.sleep(0.05)
        assert board.line.dropped_out > 0

    def test_a_watchdog_resets_the_board_and_outlives_a_soft_reset(self, wire):
        wire.raw().execute("import machine; w = machine.WDT(timeout=400)")
        wire.send(b"\x04", GREETING)
        assert b"rst:0x3" in wire.send(b"", b">>> ", seconds=3)
        assert wire.raw().execute("print(machine.reset_cause())")[1]  # another life: no import
        time.sleep(0.5)
        assert wire.execute("print(1)") == (b"1\r\n", b""), "a hard reset stops the watchdog"

    def test_a_watchdog_can_be_fed_and_given_more_time(self, wire):
        wire.raw().execute("import machine; w = machine.WDT(timeout=1500)")
        for _ in range(3):
            time.sleep(0.6)
            assert wire.execute("w.feed()") == (b"", b"")
        wire.execute("machine.WDT(timeout=60000)")
        time.sleep(1.6)
        assert wire.execute("print(1)") == (b"1\r\n", b"")

    def test_without_radio_and_sensors_a_program_is_told_so(self, wire):
        wire.raw()
        assert b"OSError" in wire.execute("import bluetooth; bluetooth.BLE().active(True)")[1]
        scan = "from machine import I2C, Pin; print(I2C(0, scl=Pin(9), sda=Pin(8)).scan())"
        assert wire.execute(scan) == (b"[]\r\n", b"")

    def test_power_off_is_an_unplugged_cable(self, flash):
        board = SerialRepl(flash)
        board.start()
        wire = Wire(board.port)
        wire.send(b"\x02", b">>> ")
        board.stop()
        with pytest.raises(OSError, match=r"(?i)device|error"):
            wire.send(b"\x02", b">>> ")

    def test_bytes_in_and_out(self, wire):
        wire.raw()
        code = (
            "import sys, micropython\n"
            "micropython.kbd_intr(-1)\n"
            "print('ready')\n"
            "data = bytearray(5)\n"
            "got = b''\n"
            "while len(got) < 5:\n"
            "    got += data[:sys.stdin.buffer.readinto(data)]\n"
            "n = sys.stdout.buffer.write(bytes(reversed(got)))\n"
        )
        wire.send(code.encode() + b"\x04", b"ready\r\n")
        assert wire.send(b"\x00\x03\n\xffx", b"\x04>") == b"x\xff\n\x03\x00\x04\x04>"

    def test_a_timer_runs_out_under_a_program_and_under_the_prompt(self, wire):
        wire.raw()
        wire.execute(
            "import machine, time\ncount = 0\n"
            "def tick(_):\n    global count\n    count += 1\n"
            "t = machine.Timer(0)\n"
            "t.init(period=50, mode=machine.Timer.PERIODIC, callback=tick)\n"
        )
        time.sleep(0.4)
        before = int(wire.execute("print(count)")[0])
        assert before >= 3
        code = "for _ in range(30): time.sleep_ms(10)\nprint(count)"
        assert int(wire.execute(code)[0]) >= before + 3
        wire.execute("t.deinit()")
        stopped = wire.execute("print(count)")
        time.sleep(0.2)
        assert wire.execute("print(count)") == stopped
