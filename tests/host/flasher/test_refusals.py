"""What keeps the firmware from a board: one sentence with the remedy, and nothing changed."""

import fcntl
import os
from pathlib import Path

import pytest

from dowel_host.errors import DowelError
from dowel_host.flasher import errors, install, link
from dowel_host.flasher.board import write_file
from dowel_host.flasher.install import Watcher, flash
from dowel_host.flasher.link import BoardLink
from dowel_host.twin.flash import Flash
from dowel_host.twin.repl import SerialRepl
from dowel_host.twin.repl_chip import Identity

from .conftest import Running, files_on, of_firmware

CORTEX_M7 = 0x306 | 6 << 10
OLD_FILES = 0x205 | 1 << 10


def sentence(raised):
    """The message, found to be one sentence with a remedy."""
    text = str(raised.value)
    assert isinstance(raised.value, DowelError)
    assert text.endswith(".")
    assert "\n" not in text
    assert ": " in text or "; " in text
    return text


def refuse(identity, few, error):
    """Flash a board that says it is identity; return the sentence."""
    chip = Flash(None)
    with SerialRepl(chip, identity=identity) as board:
        with BoardLink(board.port, watch_s=0.1) as opened, pytest.raises(error) as raised:
            flash(opened, sources=few)
        assert board.chip.flash.programmed < 4096, "only the empty file system was made"
    assert files_on(chip) == {}
    return sentence(raised)


class TestTheBoard:
    def test_too_old_a_micropython(self, micropython, few):
        said = refuse(Identity(version=(1, 24, 1)), few, errors.OldMicroPythonError)
        assert "has MicroPython 1.24.1, and 1.25 is the oldest" in said
        assert "https://micropython.org/download" in said

    def test_no_esp32(self, micropython, few):
        pico = Identity(machine="Raspberry Pi Pico with RP2040", platform="rp2")
        assert "is no ESP32 (Raspberry Pi Pico" in refuse(pico, few, errors.WrongFirmwareError)

    def test_no_micropython(self, micropython, few):
        other = Identity(name="circuitpython", version=(9, 2, 1))
        said = refuse(other, few, errors.WrongFirmwareError)
        assert "runs circuitpython, not MicroPython" in said

    def test_a_chip_that_the_compiler_is_not_asked_for(self, micropython, few):
        said = refuse(Identity(mpy=CORTEX_M7), few, errors.WrongFirmwareError)
        assert "(armv7em)" in said

    def test_compiled_files_of_another_version(self, micropython, few):
        said = refuse(Identity(mpy=OLD_FILES), few, errors.WrongFirmwareError)
        assert "version 5.2, not 6.3" in said

    def test_a_board_without_known_pins(self, micropython, few):
        c6 = Identity(machine="Generic ESP32C6 module with ESP32C6")
        said = refuse(c6, few, errors.NoBoardError)
        assert "The pins of this board (Generic ESP32C6 module with ESP32C6) are not known" in said
        assert "esp32_c3_devkitm, esp32_s3_devkitc with --board" in said

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("esp32_c3_devkitm", "has another chip than this board"),
            ("feather", "no board 'feather'"),
        ],
    )
    def test_a_board_that_it_cannot_be(self, connect, few, name, why):
        with connect() as opened, pytest.raises(errors.NoBoardError) as raised:
            flash(opened, sources=few, board=name)
        assert why in sentence(raised)

    def test_one_that_it_was_told_and_that_is_no_more(self, connect, few):
        with connect() as opened:
            opened.run("with open('/board.txt', 'w') as f: f.write('former')")
            with pytest.raises(errors.NoBoardError, match="told to be 'former'"):
                flash(opened, sources=few)
            assert flash(opened, sources=few, board="auto").board == "ESP32-S3-DevKitC-1"

    def test_no_room(self, micropython, few):
        chip = Flash(None, blocks=16)
        with SerialRepl(chip) as board, BoardLink(board.port, watch_s=0.1) as opened:
            with pytest.raises(errors.NoRoomError) as raised:
                flash(opened, sources=few)
            assert raised.value.needed_bytes > raised.value.free_bytes > 0
            assert f"mpremote connect {board.port} fs rm FILE" in sentence(raised)
        assert files_on(chip) == {}

    def test_room_that_ends_before_the_file_does(self, micropython):
        with (
            SerialRepl(Flash(None, blocks=16)) as board,
            BoardLink(board.port, watch_s=0.1) as opened,
            pytest.raises(errors.NoRoomError),
        ):
            write_file(opened, "/large", os.urandom(80_000))

    def test_a_file_that_does_not_compile(self, connect, few):
        broken = {**few, "dowel/keeper.py": b"def :"}
        with (
            connect() as opened,
            pytest.raises(errors.CompileError, match=r"keeper\.py") as raised,
        ):
            flash(opened, sources=broken)
        assert "SyntaxError" in sentence(raised)

    def test_a_refused_board_goes_on_with_what_it_has(self, flash_with_older, few):
        board, firmware = flash_with_older
        broken = {**few, "dowel/keeper.py": b"def :"}
        with BoardLink(board.port, watch_s=0.1) as opened, pytest.raises(errors.CompileError):
            flash(opened, sources=broken)
        assert "/dowel/former.mpy" in firmware.started_on()
        assert len(firmware.images) == 2


@pytest.fixture
def flash_with_older(micropython, older):
    chip = Flash(None)
    firmware = Running(chip)
    with SerialRepl(chip, main=firmware) as board:
        with BoardLink(board.port, watch_s=0.1) as opened:
            flash(opened, sources=older)
        firmware.started_on()
        yield board, firmware


class TestThePort:
    def test_none_there(self):
        with pytest.raises(errors.PortError, match="is not there: plug the board in") as raised:
            BoardLink("/dev/ttyNONE").__enter__()
        sentence(raised)

    def test_a_file(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(errors.PortError, match="as a serial port") as raised:
            BoardLink(str(tmp_path / "file")).__enter__()
        sentence(raised)

    def test_in_use(self, board):
        with Path(board.port).open("rb") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            with pytest.raises(errors.PortError, match="is in use: close the other") as raised:
                BoardLink(board.port).__enter__()
        sentence(raised)

    def test_nothing_behind_it(self):
        ours, theirs = os.openpty()
        try:
            with pytest.raises(
                errors.NoMicroPythonError, match="press the board's reset"
            ) as raised:
                BoardLink(os.ttyname(theirs), enter_timeout_s=0.1).__enter__()
            sentence(raised)
        finally:
            os.close(ours)
            os.close(theirs)


class TestMidway:
    def test_unplugged(self, micropython, few):
        chip = Flash(None)
        board = SerialRepl(chip)
        board.start()
        unplugged = []

        def unplug(share):
            if share > 0.5 and not unplugged:
                unplugged.append(share)
                board.stop()

        with (
            pytest.raises(errors.UnpluggedError, match="it goes on where it was") as raised,
            BoardLink(board.port, watch_s=0.1) as opened,
        ):
            flash(opened, sources=few, watcher=Watcher(on_share=unplug))
        sentence(raised)
        files = of_firmware(files_on(chip))
        assert 0 < len(files) < len(few)
        assert "/main.py" not in files

    @pytest.mark.parametrize("name", ["boot.py", "main.py"])
    def test_half_of_a_start_file_is_never_started(self, flash_with_older, few, monkeypatch, name):
        board, _ = flash_with_older

        def half(link, path, content, on_bytes=lambda _: None):
            if name in path:
                write_file(link, path, content[: len(content) // 2])
                raise errors.UnpluggedError(link.port)
            write_file(link, path, content, on_bytes)

        monkeypatch.setattr(install, "write_file", half)
        with pytest.raises(errors.UnpluggedError), BoardLink(board.port, watch_s=0.1) as opened:
            flash(opened, sources=few)
        files = files_on(board.chip.flash)
        assert f"/{name}" not in files
        assert "/main.py" not in files

    def test_silent(self, board, monkeypatch):
        monkeypatch.setattr(link, "RUN_TIMEOUT_S", 0.3)
        with (
            BoardLink(board.port, watch_s=0.1) as opened,
            pytest.raises(errors.SilentBoardError, match="press its reset button") as raised,
        ):
            opened.run("import time; time.sleep(60)")
        sentence(raised)

    def test_an_exception_on_the_board(self, connect):
        with connect() as opened, pytest.raises(errors.BoardFailedError) as raised:
            opened.run("def f(): raise OSError(5)\nf()")
        assert raised.value.said == "OSError: [Errno 5] EIO"
        sentence(raised)

    def test_what_was_written_is_not_what_is_there(self, connect, few, monkeypatch):
        def forgetful(link, path, content, on_bytes=lambda _: None):
            write_file(link, path, content[:-1] if path.endswith("app.mpy") else content, on_bytes)

        monkeypatch.setattr(install, "write_file", forgetful)
        with (
            connect() as opened,
            pytest.raises(errors.NotVerifiedError) as raised,
        ):
            flash(opened, sources=few)
        assert sentence(raised).startswith("/dowel/app.mpy on the board")
