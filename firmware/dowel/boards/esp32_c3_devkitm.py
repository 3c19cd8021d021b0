"""Pins of the ESP32-C3-DevKitM-1, GPIO numbers; hardware/README.md has the wiring table.

The XIAO ESP32C3 brings out the same ones. None is a strapping pin (2, 8, 9), none belongs to flash
(11 to 17), to USB (18, 19) or to the console (20, 21).
"""

NAME = "ESP32-C3-DevKitM-1"
CHIP = "ESP32C3"

I2C_ID = 0  # the only one
SDA = 6
SCL = 7
MOTOR = 10  # gate of the motor's MOSFET; a pull-down there keeps it off in reset and deep sleep
LED = 4  # high: lit
BUTTON = 5  # to ground, internal pull-up: pressed reads 0
BATTERY = 3  # ADC1: half of the battery's voltage
BATTERY_DIVIDER = 2
