"""mpremote, as it comes, on the board's serial line: files, programs, resets."""

import subprocess
import sys
import time

from dowel_host.twin.flash import Flash
from dowel_host.twin.repl import SerialRepl
from dowel_host.twin.repl_chip import Identity
from twin.programs import run_program
from twin.repl.wire import Wire


class TestMpremote:
    def test_exec_eval_and_run(self, mpremote, tmp_path):
        assert mpremote("exec", "import os; print(os.listdir('/'))") == "[]\n"
        assert mpremote("eval", "6 * 7") == "42\n"
        script = tmp_path / "script.py"
        script.write_text("for i in range(3):\n    print('turn', i)\n")
        assert mpremote("run", str(script)) == "turn 0\nturn 1\nturn 2\n"

    def test_an_exception_shows_the_programs_own_frames_and_no_other(self, mpremote):
        said = mpremote("exec", "import time\ndef f():\n    time.sleep('long')\nf()", status=1)
        *traceback, error = said.splitlines()
        assert traceback == [
            "Traceback (most recent call last):",
            '  File "<stdin>", line 4, in <module>',
            '  File "<stdin>", line 3, in f',
        ]
        assert error.startswith("TypeError: ")

    def test_output_comes_while_the_program_runs(self, board):
        code = "import time\nfor i in range(3):\n    print(i)\n    time.sleep_ms(200)\n"
        command = [sys.executable, "-um", "mpremote", "connect", board.port, "exec", code]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
            assert program.stdout
            times = [time.monotonic() for _ in program.stdout]
        assert 0.1 < times[2] - times[1] < 0.5
        assert 0.1 < times[1] - times[0] < 0.5

    def test_files_there_and_back(self, mpremote, tmp_path):
        tree = tmp_path / "tree"
        (tree / "inner").mkdir(parents=True)
        (tree / "inner" / "bytes").write_bytes(bytes(range(256)) * 20)
        (tree / "text.txt").write_text("über\n\r\n\x04\x01")
        mpremote("fs", "cp", "-r", str(tree), ":")
        assert "Up to date" in mpremote("fs", "cp", "-r", str(tree), ":")
        back = tmp_path / "back"
        mpremote("fs", "cp", "-r", ":tree", str(back))
        for name in ("inner/bytes", "text.txt"):
            assert (back / name).read_bytes() == (tree / name).read_bytes()

    def test_folders_listings_and_hashes(self, mpremote, tmp_path):
        mpremote("fs", "mkdir", ":lib")
        file = tmp_path / "a.py"
        file.write_bytes(b"x = 1\n")
        mpremote("fs", "cp", str(file), ":lib/a.py")
        assert "6 a.py" in mpremote("fs", "ls", ":lib")
        assert "└── a.py" in mpremote("fs", "tree", ":")
        digest = subprocess.run(
            ["sha256sum", file], capture_output=True, text=True, check=True
        ).stdout.split()[0]
        assert digest in mpremote("fs", "sha256sum", ":lib/a.py")
        assert (
            mpremote("exec", "import sys; sys.path.append('/lib'); import a; print(a.x)") == "1\n"
        )
        mpremote("fs", "rm", "-r", ":lib")
        assert mpremote("exec", "import os; print(os.listdir('/'))") == "[]\n"
        assert "lib" not in mpremote("df")

    def test_a_missing_file_is_missed_by_name(self, mpremote):
        assert "No such file or directory" in mpremote("fs", "rm", ":none", status=1)

    def test_a_soft_reset_forgets_what_resume_keeps(self, mpremote):
        mpremote("exec", "kept = 5")
        assert mpremote("resume", "eval", "kept") == "5\n"
        mpremote("soft-reset")
        assert "NameError" in mpremote("resume", "eval", "kept", status=1)

    def test_a_hard_reset_too(self, mpremote):
        mpremote("exec", "kept = 5")
        mpremote("reset")
        time.sleep(0.6)
        assert mpremote("eval", "__import__('machine').reset_cause()") == "5\n"
        assert "NameError" in mpremote("eval", "kept", status=1)

    def test_the_clock_can_be_set(self, mpremote):
        mpremote("rtc", "--set")
        assert f"({time.localtime().tm_year}, " in mpremote("resume", "rtc")


class TestWhoItIs:
    ASK = (
        "import sys, os; print(sys.platform, sys.implementation._machine, os.uname().machine,"
        " sys.implementation[1][:2], sep='|')"
    )

    def test_an_esp32(self, mpremote):
        platform, machine, uname, version = mpremote("exec", self.ASK).strip().split("|")
        assert platform == "esp32"
        assert machine == uname == "Generic ESP32S3 module with ESP32S3"
        assert version >= "(1, 25)"

    def test_another_one(self, flash):
        other = Identity(machine="ESP32C3 module with ESP32C3", version=(1, 26, 1))
        with SerialRepl(flash, identity=other) as board:
            greeting = Wire(board.port).friendly()
        assert b"MicroPython v1.26.1; ESP32C3 module with ESP32C3\r\n" in greeting

    def test_the_board_itself_says_the_same(self, micropython):
        (line,) = run_program(self.ASK).lines
        assert line.startswith("esp32|Generic ESP32S3 module with ESP32S3|Generic ESP32S3")


class TestOneFlash:
    def test_what_mpremote_puts_there_the_board_reads(self, board, flash, mpremote, tmp_path):
        file = tmp_path / "note.txt"
        file.write_text("from outside")
        mpremote("fs", "cp", str(file), ":note.txt")
        board.line.stop()
        board._thread.join()
        ran = run_program("print(open('/note.txt').read())", flash=flash)
        assert ran.lines == ["from outside"]

    def test_what_the_board_wrote_mpremote_reads(self, micropython):
        flash = Flash(None)
        run_program("with open('/note.txt', 'w') as f: f.write('from inside')", flash=flash)
        with SerialRepl(flash) as board:
            wire = Wire(board.port).raw()
            assert wire.execute("print(open('note.txt').read())") == (b"from inside\r\n", b"")

    def test_it_is_kept_in_its_file(self, tmp_path, micropython):
        image = tmp_path / "flash.bin"
        with SerialRepl(Flash(image)) as board:
            Wire(board.port).raw().execute("with open('x', 'w') as f: f.write('y')")
        assert run_program("print(open('/x').read())", flash=Flash(image)).lines == ["y"]
