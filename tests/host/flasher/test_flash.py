"""Flashing a board over its serial line: what is copied, what is left, what runs in the end."""

import base64
import hashlib
import time

import pytest

from dowel_host.flasher.board import write_file
from dowel_host.flasher.errors import FirmwareStoppedError
from dowel_host.flasher.install import Watcher, flash
from dowel_host.flasher.link import BoardLink
from dowel_host.twin.flash import Flash
from dowel_host.twin.repl import SerialRepl
from twin.programs import run_program

from .conftest import Running, files_on, of_firmware, on_a_board


def put(flash, path, text):
    run_program(f"with open({path!r}, 'w') as f: f.write({text!r})", flash=flash)


def read(flash, path):
    return "\n".join(run_program(f"print(open({path!r}).read())", flash=flash).lines)


def test_an_empty_board_gets_every_file_and_starts(connect, firmware, sources):
    steps, shares = [], []
    with connect(watch_s=1.0) as link:
        done = flash(link, watcher=Watcher(steps.append, shares.append))
    assert (done.copied, done.same, done.removed) == (len(sources), 0, 0)
    assert (done.version, done.board) == ("0.1.0", "ESP32-S3-DevKitC-1")
    assert done.said == "dowel: ready\n"
    started_on = firmware.started_on()
    assert set(started_on) == on_a_board(sources)
    assert started_on["/main.py"] == hashlib.sha256(sources["main.py"]).hexdigest()
    assert steps[1] == f"Copying {len(sources)} of {len(sources)} files"
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_second_run_copies_nothing_and_writes_nothing(connect, board, few):
    with connect() as link:
        flash(link, sources=few)
    written = board.chip.flash.programmed
    with connect() as link:
        done = flash(link, sources=few)
    assert (done.copied, done.same, done.removed) == (0, len(few), 0)
    assert board.chip.flash.programmed == written


def test_another_version_is_brought_to_this_one(connect, firmware, few, older):
    with connect() as link:
        assert flash(link, sources=older).version == "0.0.1"
    with connect() as link:
        done = flash(link, sources=few)
    assert (done.version, done.copied, done.removed) == ("0.1.0", 3, 1)
    assert set(firmware.started_on()) == on_a_board(few)


def test_a_broken_file_is_repaired_and_a_source_that_hides_one_removed(connect, firmware, few):
    with connect() as link:
        flash(link, sources=few)
        whole = firmware.started_on()
    with connect() as link:
        link.run(
            "with open('/dowel/core/strapdown.mpy', 'r+b') as f:\n f.seek(200)\n f.write(b'?')\n"
            "with open('/dowel/app.py', 'w') as f: f.write('raise SystemExit')\n"
            "with open('/main.py.new', 'w') as f: f.write('half')"
        )
        done = flash(link, sources=few)
    assert (done.copied, done.removed) == (1, 2)
    assert firmware.started_on() == whole
    assert set(whole) == on_a_board(few)


def test_what_is_not_the_firmwares_is_left_alone(connect, firmware, few, older):
    own = {
        "/settings.json": '{"limit": 50}',
        "/dowel/calibration.bin": "upright",
        "/reps.0001": "log",
        "/lib.py": "mine",
    }
    with connect() as link:
        flash(link, sources=older)
        firmware.started_on()
        link.restart()
        for path, text in own.items():
            link.run(f"with open({path!r}, 'w') as f: f.write({text!r})")
        assert flash(link, sources=few).removed == 1
    started_on = firmware.started_on()
    for path, text in own.items():
        assert started_on[path] == hashlib.sha256(text.encode()).hexdigest()


def test_start_files_of_others_are_set_aside(micropython, few):
    chip = Flash(None)
    put(chip, "/main.py", "print('blink')")
    put(chip, "/boot.py", "# This file is executed on every boot")
    firmware = Running(chip)
    with SerialRepl(chip, main=firmware) as board, BoardLink(board.port, watch_s=0.1) as link:
        flash(link, sources=few)
        firmware.started_on()
        link.restart()
        link.run("with open('/main.py', 'w') as f: f.write('print(1)')")
        flash(link, sources=few)
    assert read(chip, "/main_before_dowel.py") == "print('blink')"
    assert read(chip, "/main_before_dowel1.py") == "print(1)"
    assert read(chip, "/boot_before_dowel.py").startswith("# This file")


def test_a_named_board_is_remembered_until_it_is_taken_back(connect, firmware, few):
    with connect() as link:
        flash(link, sources=few, board="esp32_s3_devkitc")
    named = hashlib.sha256(b"esp32_s3_devkitc\n").hexdigest()
    assert firmware.started_on()["/board.txt"] == named
    with connect() as link:
        flash(link, sources=few)
    assert firmware.started_on()["/board.txt"] == named
    with connect() as link:
        flash(link, sources=few, board="auto")
    assert "/board.txt" not in firmware.started_on()


def test_a_running_firmware_is_stopped_for_it_and_its_watchdog_does_not_bite(micropython, older):
    # The bare board runs this main.py itself, watchdog included.
    main = b"import machine, time\nfrom dowel import VERSION\nw = machine.WDT(timeout=800)\n"
    main += b"while True:\n    w.feed()\n    time.sleep_ms(50)\n"
    chip = Flash(None)
    small = {
        path: text
        for path, text in older.items()
        if path.startswith("dowel/boards/") or path == "dowel/__init__.py"
    }

    def slow(_share):
        time.sleep(0.25)

    with SerialRepl(chip) as board:
        for content in (main, main + b"# again\n"):
            with BoardLink(board.port, watch_s=0.2) as link:
                done = flash(
                    link, sources={**small, "main.py": content}, watcher=Watcher(on_share=slow)
                )
                assert done.copied >= 1
        assert board.chip.reset_cause == 5, "no reset but soft ones"


def test_a_firmware_that_ends_with_an_exception_is_reported(micropython, few):
    chip = Flash(None)
    broken = {**few, "main.py": b"from dowel import VERSION\n1 / 0\n"}
    with SerialRepl(chip) as board, BoardLink(board.port, watch_s=2.0) as link:
        with pytest.raises(
            FirmwareStoppedError, match="ZeroDivisionError: divide by zero"
        ) as raised:
            flash(link, sources=broken)
        assert "boot" not in raised.value.said
    assert "/main.py" in of_firmware(files_on(chip))


def test_a_file_goes_in_pieces_that_a_board_has_room_for():
    content = bytes(range(256)) * 40
    got, sizes, told = bytearray(), [], []

    class Link(BoardLink):
        def run(self, code, on_line=None):
            sizes.append(len(code))
            got.extend(base64.b64decode(code.split("'")[1]) if "_f.write" in code else b"")
            return []

    write_file(Link("none"), "/file", content, told.append)
    assert bytes(got) == content
    assert max(sizes) < 2200
    assert sum(told) == len(content)
