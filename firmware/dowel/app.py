"""The shell: brings the parts up in order, runs the sampling loop and the link side by side."""

import asyncio
import gc
import time

import machine

# Deep parts first: each import within an import takes some of the stack, 16 KB on an ESP32.
import dowel.core.tilt

# isort: split
import dowel.core.pipeline  # noqa: F401 - for the order

# isort: split
from dowel import VERSION, keeper
from dowel.drivers.battery import Battery
from dowel.drivers.button import held_at_start
from dowel.drivers.led import CONNECTED, FAULT, ONE_SENSOR, WAITING, Led
from dowel.drivers.motor import Motor
from dowel.gyros import Gyros
from dowel.link import wire
from dowel.link.ble import BlePeripheral
from dowel.link.link import Link, ReplWanted
from dowel.link.usb import SerialInterrupt, UsbSerial
from dowel.report import Report
from dowel.sampler import Sampler
from dowel.startup import Startup
from dowel.store import boots
from dowel.store.settings import Settings
from dowel.uptime import Uptime

# Period of the sampling loop. Short: the cue is earlier; long: less of the bus and of the CPU,
# since a burst costs 0.43 ms however small. The scheduler's tick is 10 ms: nothing shorter can be
# had. Source: design, "10 or 20 ms".
TURN_MS = 10
# How often commands are obeyed, what waits is sent again and the LED set. Short: the CPU; long:
# an answer takes as long.
LINK_PERIOD_MS = 50
# How often the battery is measured: it changes in minutes.
BATTERY_PERIOD_MS = 30_000


class App:
    """All parts of a running device."""

    def __init__(self, board):
        self.late_turns = 0
        self.worst_turn_us = 0
        # Bluetooth first: it wants large blocks of the ESP-IDF's heap (micropython#14293).
        self.peripheral = BlePeripheral(_identity(board))
        self.serial = UsbSerial()
        self.report = Report(self)
        self.boot = _number_boot()
        self.link = Link((self.peripheral, self.serial), self.report)
        self.motor = Motor(board.MOTOR)
        self.led = Led(board.LED)
        self.battery = Battery(board.BATTERY, board.BATTERY_DIVIDER)
        started = Startup(board)
        self.sensors = started.sensors
        self.faults = started.faults
        self.uptime = Uptime()
        self.settings = Settings()
        if self.settings.problem:
            self.faults |= wire.FAULT_SETTINGS_BROKEN
            print("dowel: %s" % self.settings.problem)
        self.sampler = None
        self.gyros = None
        if any(self.sensors):
            self.sampler = Sampler(self.sensors, self.motor, self.link, self.uptime)
            self.gyros = Gyros(
                self.sampler.pipeline, self.sensors, self.settings, self.boot, self.report
            )

    async def run(self):
        """Everything, until a host on the serial line wants the console."""
        watchdog = keeper.start()
        # From here on nothing is compiled, and the sampling loop allocates nothing.
        gc.collect()
        gc.threshold(-1)
        sampling = self._sample(watchdog, self.sampler) if self.sampler else self._idle(watchdog)
        await asyncio.gather(sampling, self._serve(), self._measure_battery())

    async def _idle(self, watchdog):
        """Without a sensor there is only the link, to say so."""
        while True:
            watchdog.feed()
            await asyncio.sleep_ms(LINK_PERIOD_MS)

    async def _sample(self, watchdog, sampler):
        """Turn on deadlines: a sleep of a fixed length would add the turn's own time."""
        sampler.start()
        deadline_ms = time.ticks_ms()
        last_us = time.ticks_us()
        while True:
            deadline_ms = time.ticks_add(deadline_ms, TURN_MS)
            wait_ms = time.ticks_diff(deadline_ms, time.ticks_ms())
            if wait_ms < 0:
                self.late_turns += 1
                deadline_ms = time.ticks_ms()
                wait_ms = 0
            await asyncio.sleep_ms(wait_ms)
            now_us = time.ticks_us()
            self.worst_turn_us = max(self.worst_turn_us, time.ticks_diff(now_us, last_us))
            last_us = now_us
            sampler.turn()
            watchdog.feed()

    async def _serve(self):
        """The link's slower half, and the LED."""
        while True:
            self.link.service()
            if self.gyros:
                self.gyros.service(self.uptime.now_ms())
            self.led.state = self._led_state()
            self.led.show(time.ticks_ms())
            await asyncio.sleep_ms(LINK_PERIOD_MS)

    async def _measure_battery(self):
        while True:
            self.peripheral.set_battery(self.battery.percent())
            await asyncio.sleep_ms(BATTERY_PERIOD_MS)

    def _led_state(self):
        found = [sensor for sensor in self.sensors if sensor]
        if not found:
            return FAULT
        if len(found) == 1:
            return ONE_SENSOR
        return CONNECTED if self.peripheral.connections() else WAITING

    def stop(self):
        """Leave the board to the console: motor and radio off, the watchdog fed by a timer."""
        self.motor.stop()
        self.serial.release()
        self.peripheral.stop()
        keeper.feed_by_timer()


def _number_boot():
    try:
        return boots.next_boot()
    except OSError as error:
        print("dowel: start not numbered (%s): the flash is full" % error)
        return 0


def _identity(board):
    chip = machine.unique_id().hex().upper()
    return ("Dowel-%s" % chip[-4:], board.NAME, chip, VERSION)


def main(board):
    """Run the device on board (a module of dowel.boards).

    Returns when the button is held at start, or when a host wants the console. Any other exception
    stops the motor and goes on to the console; the watchdog then resets the board.
    """
    if held_at_start(board.BUTTON):
        print("dowel: button held, main.py left out")
        return
    app = App(board)
    try:
        asyncio.run(app.run())
    except (KeyboardInterrupt, ReplWanted, SerialInterrupt):
        app.stop()
        print("dowel: stopped, the console is yours; reset to start again")
    finally:
        app.motor.stop()
