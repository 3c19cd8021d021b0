"""The pins of a board: the same in wiring table and firmware, and none that is spoken for."""

import re
import runpy

import pytest

# ESP32-S3 data sheet and ESP32-S3-DevKitC-1 user guide.
STRAPPING = {0, 3, 45, 46}
USB = {19, 20}
FLASH_AND_PSRAM = set(range(26, 38))
CONSOLE = {43, 44}
ADC1 = set(range(1, 11))
# In the wiring table's words.
NAMES = {
    "SDA": "I2C data",
    "SCL": "I2C clock",
    "MOTOR": "motor",
    "LED": "light",
    "BUTTON": "button",
    "BATTERY": "battery's voltage",
}


@pytest.fixture(scope="module")
def pins(root):
    board = runpy.run_path(str(root / "firmware" / "dowel" / "boards" / "esp32_s3_devkitc.py"))
    return {name: board[name] for name in NAMES}


def test_each_has_a_pin_of_its_own(pins):
    assert len(set(pins.values())) == len(NAMES)


def test_none_is_spoken_for(pins):
    assert not set(pins.values()) & (STRAPPING | USB | FLASH_AND_PSRAM | CONSOLE)


def test_the_battery_is_on_the_converter_that_works_beside_the_radio(pins):
    assert pins["BATTERY"] in ADC1


def test_the_wiring_table_has_the_same(pins, root):
    table = (root / "hardware" / "README.md").read_text(encoding="utf-8")
    wired = dict(re.findall(r"^\| ([^|]+) \| GPIO(\d+) \|", table, re.MULTILINE))
    assert {name: int(wired[words]) for name, words in NAMES.items()} == pins
