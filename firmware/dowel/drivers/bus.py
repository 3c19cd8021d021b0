"""The sensors' I2C bus: freed from a chip that holds it, then opened.

A chip cut off in mid-byte holds SDA low, also through a reset of the ESP32
(espressif/esp-idf#1133): only clocks or its power free it. MicroPython has no call for that, so
nine clocks and a STOP are made by hand at every boot.
"""

import time

from machine import I2C, Pin

FREQ_HZ = 400_000  # highest documented rate of the LSM6DSOX on I2C
# The ESP32 port divides by its 10 ms tick: anything below 10 ms would time out at once
# (machine_i2c.c).
TIMEOUT_US = 50_000
_HALF_CLOCK_US = 5  # 100 kHz
_CLOCKS = 9  # eight bits and an acknowledge: the longest a chip can hold the line for one byte


def recover(sda_pin, scl_pin):
    """Clock a stuck chip free. Return True when SDA is high afterwards."""
    sda = Pin(sda_pin, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
    scl = Pin(scl_pin, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
    for _ in range(_CLOCKS):
        scl.value(0)
        time.sleep_us(_HALF_CLOCK_US)
        scl.value(1)
        time.sleep_us(_HALF_CLOCK_US)
    # STOP: SDA rises while SCL is high.
    sda.value(0)
    time.sleep_us(_HALF_CLOCK_US)
    sda.value(1)
    time.sleep_us(_HALF_CLOCK_US)
    return sda.value() == 1


def open_bus(board):
    """Return the I2C bus of board (a module of dowel.boards), and whether its data line is
    free.
    """
    free = recover(board.SDA, board.SCL)
    i2c = I2C(
        board.I2C_ID,
        sda=Pin(board.SDA),
        scl=Pin(board.SCL),
        freq=FREQ_HZ,
        timeout=TIMEOUT_US,
    )
    return i2c, free
