"""Pins of the ESP32-DevKitC, GPIO numbers; hardware/README.md has the wiring table.

None is a strapping pin (0, 2, 5, 12, 15), none belongs to flash (6 to 11), to PSRAM (16, 17) or
to the console (1, 3). 34 to 39 are inputs only, without pulls.
"""

NAME = "ESP32-DevKitC"
CHIP = "ESP32"

I2C_ID = 0
SDA = 21
SCL = 22
MOTOR = 25  # gate of the motor's MOSFET; a pull-down there keeps it off in reset and deep sleep
LED = 26  # high: lit
BUTTON = 27  # to ground, internal pull-up: pressed reads 0
BATTERY = 34  # ADC1: half of the battery's voltage
BATTERY_DIVIDER = 2
