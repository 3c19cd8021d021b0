"""Which pins the firmware takes, decided on the board itself."""

import pytest

from dowel_host.twin.flash import Flash
from dowel_host.twin.provision import provision
from twin.programs import run_program

CHOOSE = "from dowel import boards; print(boards.choose({}).NAME)"


@pytest.fixture
def flash(micropython):
    flash = Flash(None)
    provision(flash)
    return flash


def chosen(flash, machine=""):
    return run_program(CHOOSE.format(machine), flash=flash).lines[-1]


def test_those_of_its_chip(flash):
    assert chosen(flash) == "ESP32-S3-DevKitC-1"
    assert chosen(flash, "'Generic ESP32 module with ESP32'") == "ESP32-DevKitC"


def test_those_that_the_board_was_told(flash):
    run_program("with open('/board.txt', 'w') as f: f.write('esp32_c3_devkitm\\n')", flash=flash)
    assert chosen(flash) == "ESP32-C3-DevKitM-1"


def test_only_the_chosen_module_is_loaded(flash):
    text = (
        "from dowel import boards; boards.choose(); import sys;"
        " print([name for name in sys.modules if 'devkit' in name])"
    )
    assert run_program(text, flash=flash).lines == ["['dowel.boards.esp32_s3_devkitc']"]


@pytest.mark.parametrize("told", ["nothing_like_it", "../app"])
def test_a_name_that_is_no_board_is_said_to_be_none(flash, told):
    run_program(f"with open('/board.txt', 'w') as f: f.write('{told}')", flash=flash)
    text = (
        "from dowel import boards\n"
        "try:\n"
        "    boards.choose()\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    assert told in run_program(text, flash=flash).lines[-1]
