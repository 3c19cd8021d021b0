"""The pins of each board, one module a board, all with the same names.

    NAME             the board, as its maker calls it
    CHIP             as MicroPython names it
    I2C_ID           of the hardware's I2C controllers
    SDA, SCL         both sensors' bus
    MOTOR, LED       outputs
    BUTTON           input with the chip's pull-up, able to wake it from deep sleep
    BATTERY          input of ADC1: ADC2 is at the mercy of the radio
    BATTERY_DIVIDER  the battery's voltage is this many times the pin's

Which one it is follows from the chip; another wiring of the same chip gets a module of its own and
its name, without .py, in /board.txt.
"""

import sys

# Its first line is the name of a module here. `dowel flash --board NAME` writes it.
CHOICE_FILE = "/board.txt"
# Chip -> module.
MODULES = {
    "ESP32": "esp32_devkitc",
    "ESP32S3": "esp32_s3_devkitc",
    "ESP32C3": "esp32_c3_devkitm",
}


class UnknownBoardError(Exception):
    """Nobody wrote down this board's pins: machine is how it calls itself."""

    def __init__(self, machine):
        super().__init__("no pins known for %r; see dowel.boards" % machine)
        self.machine = machine


def module_name(machine):
    """Return the module for a machine as sys.implementation._machine names it.

    Such a name ends in the chip: 'Generic ESP32S3 module with ESP32S3'. Raises UnknownBoardError.
    """
    name = MODULES.get(machine.split(" with ")[-1])
    if name is None:
        raise UnknownBoardError(machine)
    return name


def choose(machine=None):
    """Return the module of the board that this runs on, or of the machine that is named.

    What CHOICE_FILE says counts before that. Raises UnknownBoardError, and ImportError where
    CHOICE_FILE names no module.
    """
    # _machine is documented, underscore and all.
    machine = machine or sys.implementation._machine  # noqa: SLF001
    name = chosen_name() or module_name(machine)
    return __import__("dowel.boards." + name, None, None, (name,))


def chosen_name():
    """Return what CHOICE_FILE names, or an empty string."""
    try:
        with open(CHOICE_FILE) as file:
            return file.readline().strip()
    except OSError:
        return ""
