"""The raw and the friendly REPL, byte by byte as MicroPython's pyexec.c has them."""

from dowel_host.twin.flash import Flash
from dowel_host.twin.repl import SerialRepl
from twin.programs import run_program
from twin.repl.wire import GREETING, Wire


class TestRawRepl:
    def test_the_same_bytes_as_pyexec(self, wire):
        assert wire.friendly().endswith(b'help()" for more information.\r\n>>> ')
        assert wire.send(b"\x01", b">") == b"\r\n" + GREETING
        assert wire.send(b"print(1)\x04", b"\x04>") == b"OK1\r\n\x04\x04>"
        assert wire.send(b"1/0\x04", b"\x04>").startswith(b"OK\x04Traceback (most recent call")
        assert wire.send(b"half a line\x03print(2)\x04", b"\x04>") == b"OK2\r\n\x04\x04>"
        assert wire.send(b"\x01", b">") == GREETING
        assert wire.send(b"\x04", b">") == b"OK\r\nMPY: soft reboot\r\n" + GREETING
        assert wire.send(b"\x02", b">>> ").startswith(b"\r\nMicroPython v1.")

    def test_raw_paste_in_windows(self, wire):
        code = b"x = '" + b"." * 3000 + b"'\nprint(len(x))"
        wire.raw()
        assert wire.send(b"\x05A\x01", b"\x01\x80\x00\x01") == b"R\x01\x80\x00\x01"
        windows = 2
        for at in range(0, len(code), 128):
            piece = code[at : at + 128]
            assert windows > 0
            assert wire.send(piece, b"\x01" if len(piece) == 128 else b"") in (b"\x01", b"")
        assert wire.send(b"\x04", b"\x04>") == b"\x043000\r\n\x04\x04>"

    def test_raw_paste_given_up(self, wire):
        wire.raw().send(b"\x05A\x01", b"\x01\x80\x00\x01")
        assert b"KeyboardInterrupt" in wire.send(b"print(1)\x03", b"\x04>")
        assert wire.execute("print(2)") == (b"2\r\n", b"")

    def test_an_unknown_command_is_refused_properly(self, wire):
        wire.raw()
        assert wire.send(b"\x05B\x01", b">") == b"R\x00>"
        assert wire.execute("print(2)") == (b"2\r\n", b"")

    def test_a_syntax_error(self, wire):
        assert b"SyntaxError" in wire.raw().execute("def :")[1]

    def test_exit_is_a_soft_reset(self, wire):
        wire.raw().execute("kept = 5")
        assert wire.send(b"raise SystemExit\x04", GREETING) == (
            b"OK\x04\x04MPY: soft reboot\r\n" + GREETING
        )
        assert b"NameError" in wire.execute("kept")[1]
        soft = b"import machine; machine.soft_reset()\x04"
        assert wire.send(soft, GREETING).startswith(b"OK\x04\x04MPY: soft reboot")

    def test_a_fault_of_the_cpu_resets_the_board(self, board, wire):
        wire.raw()
        wire.serial.write(
            b"@micropython.viper\ndef f(x: int) -> int:\n    return 1 // x\nf(0)\x04"
        )
        assert b"rst:0x1" in wire.send(b"", b">>> ")
        assert board.crashes == 1


class TestFriendlyRepl:
    def test_what_is_typed_is_echoed_and_its_value_shown(self, wire):
        wire.friendly()
        assert wire.send(b"6 * 7\r", b">>> ") == b"6 * 7\r\n42\r\n>>> "
        assert wire.send(b"6x\x7f * 8\r", b">>> ").endswith(b" * 8\r\n48\r\n>>> ")
        lines = b"for i in range(2):\r    print(i)\r\r"
        assert wire.send(lines, b">>> ").endswith(b"... \r\n0\r\n1\r\n>>> ")
        assert wire.send(b"print(1,\r2)\r", b">>> ").endswith(b"1 2\r\n>>> ")
        assert b"ZeroDivisionError" in wire.send(b"1/0\r", b">>> ")

    def test_paste_mode(self, wire):
        wire.friendly()
        wire.send(b"\x05", b"=== ")
        wire.send(b"x = 3\r", b"=== ")
        assert wire.send(b"print(x)\x04", b">>> ").endswith(b"\r\n3\r\n>>> ")

    def test_main_runs_after_a_soft_reset_from_here_and_not_from_the_raw_one(self, wire):
        wire.raw()
        wire.execute("with open('main.py', 'w') as f: f.write('print(\"I am main\")')")
        wire.execute("with open('boot.py', 'w') as f: f.write('print(\"I am boot\")')")
        assert (
            wire.send(b"\x04", GREETING) == b"OK\r\nMPY: soft reboot\r\nI am boot\r\n" + GREETING
        )
        wire.send(b"\x02", b">>> ")
        started = wire.send(b"\x04", b">>> ")
        assert started.startswith(b"\r\nMPY: soft reboot\r\nI am boot\r\nI am main\r\nMicroPython")

    def test_main_at_power_on_its_end_and_its_names(self, micropython):
        flash = Flash(None)
        run_program("with open('main.py', 'w') as f: f.write('x = 7')", flash=flash)
        with SerialRepl(flash) as board:
            assert b"\r\n7\r\n" in Wire(board.port).send(b"\rx\r", b"7\r\n>>> ")
