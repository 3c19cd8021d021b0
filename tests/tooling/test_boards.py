"""The pins of every board: none is spoken for, each can do its work, the README has the same."""

import re
import runpy

import pytest

# Sources: ESP32 data sheet (strapping pins, pin overview) and ESP-IDF's GPIO tables; the same of
# the ESP32-S3 and the ESP32-C3; user guides of the three boards for what their headers bring out.
CHIPS = {
    "ESP32": {
        "strapping": {0, 2, 5, 12, 15},
        "flash and PSRAM": {*range(6, 12), 16, 17},
        "console": {1, 3},
        "USB": set(),
        "not on a header": {20, 24, 28, 29, 30, 31, 37, 38},
        "input only": set(range(34, 40)),
        "ADC1": set(range(32, 40)),
        "wakes from deep sleep": {0, 2, 4, *range(12, 16), 25, 26, 27, *range(32, 40)},
        "pins": set(range(40)),
        "I2C controllers": {0, 1},
    },
    "ESP32S3": {
        "strapping": {0, 3, 45, 46},
        "flash and PSRAM": set(range(26, 38)),
        "console": {43, 44},
        "USB": {19, 20},
        # 38 or 48 is the board's own light, by its version.
        "not on a header": {22, 23, 24, 25, 38, 48},
        "input only": set(),
        "ADC1": set(range(1, 11)),
        "wakes from deep sleep": set(range(22)),
        "pins": set(range(49)),
        "I2C controllers": {0, 1},
    },
    "ESP32C3": {
        "strapping": {2, 8, 9},
        "flash and PSRAM": set(range(11, 18)),
        "console": {20, 21},
        "USB": {18, 19},
        # 0 and 1 are on the DevKitM-1's headers, not on the XIAO's.
        "not on a header": {0, 1},
        "input only": set(),
        "ADC1": set(range(5)),
        "wakes from deep sleep": set(range(6)),
        "pins": set(range(22)),
        "I2C controllers": {0},
    },
}
SPOKEN_FOR = ("strapping", "flash and PSRAM", "console", "USB", "not on a header")
PINS = ("SDA", "SCL", "MOTOR", "LED", "BUTTON", "BATTERY")
DRIVEN = ("SDA", "SCL", "MOTOR", "LED")
OTHERS = ("NAME", "CHIP", "I2C_ID", "BATTERY_DIVIDER")
# In the README's words.
WORDS = {
    "SDA": "I2C data",
    "SCL": "I2C clock",
    "MOTOR": "motor",
    "LED": "light",
    "BUTTON": "button",
    "BATTERY": "battery's voltage",
}
MODULES = ("esp32_s3_devkitc", "esp32_devkitc", "esp32_c3_devkitm")


@pytest.fixture(scope="module")
def folder(root):
    return root / "firmware" / "dowel" / "boards"


@pytest.fixture(params=MODULES)
def board(request, folder):
    return runpy.run_path(str(folder / f"{request.param}.py"))


@pytest.fixture
def chip(board):
    return CHIPS[board["CHIP"]]


def names(module):
    return {name for name in module if name.isupper()}


def test_these_are_all_the_boards(folder):
    assert {path.stem for path in folder.glob("*.py")} == {"__init__", *MODULES}


def test_every_board_has_the_same_names_and_no_other(board):
    assert names(board) == {*PINS, *OTHERS}


def test_every_name_has_its_sentence(board, folder):
    package = (folder / "__init__.py").read_text(encoding="utf-8").split('"""')[1]
    for name in names(board):
        assert re.search(rf"\b{name}\b", package), name


def test_each_has_a_pin_of_its_own(board, chip):
    pins = [board[name] for name in PINS]
    assert len(set(pins)) == len(PINS)
    assert set(pins) <= chip["pins"]


@pytest.mark.parametrize("taken", SPOKEN_FOR)
def test_none_is_spoken_for(board, chip, taken):
    assert {name: board[name] for name in PINS if board[name] in chip[taken]} == {}


def test_what_is_driven_can_drive(board, chip):
    assert {name for name in DRIVEN if board[name] in chip["input only"]} == set()


def test_the_button_has_a_pull_up_and_can_wake_the_chip(board, chip):
    # The ESP32's inputs-only have no pulls.
    assert board["BUTTON"] not in chip["input only"]
    assert board["BUTTON"] in chip["wakes from deep sleep"]


def test_the_battery_is_on_the_converter_that_works_beside_the_radio(board, chip):
    assert board["BATTERY"] in chip["ADC1"]
    # 4.2 V of a full cell must come within the 2.45 V that the ESP32 reads at 11 dB.
    assert 4.2 / board["BATTERY_DIVIDER"] < 2.45


def test_the_bus_is_one_that_the_chip_has(board, chip):
    assert board["I2C_ID"] in chip["I2C controllers"]


def test_the_readme_has_the_same_pins(root, folder):
    text = (root / "hardware" / "README.md").read_text(encoding="utf-8")
    section = text.split("## Pins of the three boards\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines()]
    table = {row[0]: row[1:] for row in rows if len(row) == 1 + len(MODULES)}
    for column, name in enumerate(MODULES):
        module = runpy.run_path(str(folder / f"{name}.py"))
        assert table["module"][column] == f"`{name}`"
        assert module["NAME"] in table["board"][column]
        for pin, words in WORDS.items():
            assert table[words][column] == f"GPIO{module[pin]}", (name, pin)


class TestChoice:
    @pytest.fixture
    def chooser(self, folder):
        return runpy.run_path(str(folder / "__init__.py"))

    @pytest.mark.parametrize(
        ("machine", "name"),
        [
            ("Generic ESP32 module with ESP32", "esp32_devkitc"),
            ("Generic ESP32 module with SPIRAM with ESP32", "esp32_devkitc"),
            ("Generic ESP32S3 module with ESP32S3", "esp32_s3_devkitc"),
            ("Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "esp32_s3_devkitc"),
            ("ESP32C3 module with ESP32C3", "esp32_c3_devkitm"),
            ("Seeed Studio XIAO ESP32C3 with ESP32C3", "esp32_c3_devkitm"),
        ],
    )
    def test_by_the_chip(self, chooser, machine, name):
        assert chooser["module_name"](machine) == name

    @pytest.mark.parametrize(
        "machine", ["Generic ESP32C6 module with ESP32C6", "linux [GCC 14.2.0] version", ""]
    )
    def test_a_chip_that_is_not_known_is_said_to_be_so(self, chooser, machine):
        with pytest.raises(chooser["UnknownBoardError"], match=re.escape(repr(machine))) as raised:
            chooser["module_name"](machine)
        assert raised.value.machine == machine

    def test_every_board_is_the_choice_for_its_chip(self, chooser, folder):
        modules = chooser["MODULES"]
        assert sorted(modules.values()) == sorted(MODULES)
        for chip, name in modules.items():
            assert runpy.run_path(str(folder / f"{name}.py"))["CHIP"] == chip
