"""Pins of the ESP32-S3-DevKitC-1, GPIO numbers; hardware/README.md has the wiring table.

None is a strapping pin (0, 3, 45, 46), none belongs to USB (19, 20), to flash and PSRAM (26 to
37) or to the console (43, 44).
"""

NAME = "ESP32-S3-DevKitC-1"
CHIP = "ESP32S3"

I2C_ID = 0
SDA = 8
SCL = 9
MOTOR = 4  # gate of the motor's MOSFET; a pull-down there keeps it off in reset and deep sleep
LED = 5  # high: lit
BUTTON = 6  # to ground, internal pull-up: pressed reads 0
BATTERY = 1  # ADC1: half of the battery's voltage
BATTERY_DIVIDER = 2
