"""main.py on a whole board, with its clock and its radio, behind the same serial line."""

from twin.programs import run_program
from twin.repl.whole import whole_board
from twin.repl.wire import Wire

MAIN = """
import bluetooth, os, sys, time
bluetooth.BLE().active(True)
print('main', len(os.listdir('/')))
try:
    while True:
        time.sleep_ms(20)
except KeyboardInterrupt:
    sys.stdout.buffer.write(b'main ends\\n')
"""


def test_its_output_its_end_its_files_and_its_next_life(flash):
    run_program(f"with open('main.py', 'w') as f: f.write({MAIN!r})", flash=flash)
    with whole_board(flash) as board:
        wire = Wire(board.port)
        wire.send(b"", b"main 1\r\n")
        # What is printed has its line ends changed, what is written as bytes has not.
        assert b"main ends\n" in wire.send(b"\r\x03", b">>> ")
        wire.raw().execute("with open('more', 'w') as f: f.write('x')")
        wire.send(b"\x02", b">>> ")
        assert b"soft reboot" in wire.send(b"\x04", b"main 2\r\n")


def test_what_comes_behind_control_c_is_the_prompts(flash):
    run_program(f"with open('main.py', 'w') as f: f.write({MAIN!r})", flash=flash)
    with whole_board(flash) as board:
        wire = Wire(board.port)
        wire.send(b"", b"main 1\r\n")
        assert b"3\r\n>>> " in wire.send(b"\r\x031 + 2\r", b"3\r\n>>> ")
