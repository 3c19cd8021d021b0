"""The shell.

Brings the parts up in order, then runs the sampling loop and the link side by side.
"""

import asyncio
import gc
import time

import machine

from dowel import VERSION
from dowel.core import pipeline
from dowel.drivers import bus, lsm6ds
from dowel.drivers.battery import Battery
from dowel.drivers.button import held_at_start
from dowel.drivers.led import CONNECTED, FAULT, ONE_SENSOR, WAITING, Led
from dowel.drivers.motor import Motor
from dowel.link import wire
from dowel.link.ble import FREE, BlePeripheral
from dowel.link.link import Link
from dowel.sampler import Sampler
from dowel.uptime import Uptime

# Period of the sampling loop. Short: the cue is earlier; long: less of the bus and of the CPU,
# since a burst costs 0.43 ms however small. The scheduler's tick is 10 ms: nothing shorter can be
# had. Source: design, "10 or 20 ms".
TURN_MS = 10
# How often commands are obeyed, reps sent and the LED set.
LINK_PERIOD_MS = 50
# A flash erase stops everything for up to 0.4 s: the watchdog must not take that for a crash.
WATCHDOG_MS = 8000
# |acceleration| at rest must be 1 g within this much: +-20 mg offset, 1 % scale, and some
# movement.
ONE_G_TOLERANCE_MG = 50

_ADDRESSES = (0x6B, 0x6A)  # by role: upper, lower
_NAMES = ("upper", "lower")
_MISSING = (wire.FAULT_UPPER_MISSING, wire.FAULT_LOWER_MISSING)
_NOT_1G = (wire.FAULT_UPPER_NOT_1G, wire.FAULT_LOWER_NOT_1G)


class App:
    """All parts of a running device."""

    def __init__(self, board):
        # Bluetooth first: it wants large blocks of the ESP-IDF's heap (micropython#14293).
        self.peripheral = BlePeripheral(_name())
        self.motor = Motor(board.MOTOR)
        self.led = Led(board.LED)
        self.battery = Battery(board.BATTERY, board.BATTERY_DIVIDER)
        self.faults = 0
        self.late_turns = 0
        self.boot_cause = machine.reset_cause()
        i2c, free = bus.open_bus(board)
        if not free:
            self._fault(wire.FAULT_BUS_STUCK, "the I2C data line is held low; check the wiring")
        self.sensors = [self._find(i2c, role) for role in range(2)]
        self._check_one_g()
        self.link = Link(self.peripheral, self)
        self.sampler = Sampler(self.sensors, self.motor, self.link, Uptime())
        self._say_mode()

    def _find(self, i2c, role):
        """Return the configured sensor of a role, or None, said so."""
        sensor = lsm6ds.Lsm6ds(i2c, _ADDRESSES[role], _NAMES[role])
        try:
            sensor.start()
        except lsm6ds.SensorError as error:
            self._fault(_MISSING[role], error)
            return None
        return sensor

    def _check_one_g(self):
        """A chip of another range, or a broken one, shows in what it reads at rest."""
        lsm6ds.settle()
        for role, sensor in enumerate(self.sensors):
            if sensor is None:
                continue
            try:
                off_mg = sensor.measure_one_g() - 1000
            except OSError as error:
                self._fault(
                    _MISSING[role], "%s sensor was lost at start (%s)" % (sensor.role, error)
                )
                self.sensors[role] = None
                continue
            if abs(off_mg) > ONE_G_TOLERANCE_MG:
                self._fault(
                    _NOT_1G[role],
                    "%s sensor reads %d mg at start, expected 1000: it moved, or it is another chip"
                    % (sensor.role, sensor.one_g_mg),
                )

    def _fault(self, bit, text):
        self.faults |= bit
        print("dowel: %s" % text)

    def _say_mode(self):
        missing = [_NAMES[role] for role in range(2) if self.sensors[role] is None]
        if len(missing) == 1:
            print("dowel: one sensor, the %s one is missing: no lumbar flexion" % missing[0])
        elif missing:
            print("dowel: no sensor at 0x6A or 0x6B; check power and wiring, then restart")

    def info(self):
        """Values of wire.INFO_BODY."""
        version = [int(part) for part in VERSION.split(".")]
        upper, lower = self.sensors
        return (
            version[0],
            version[1],
            version[2],
            (wire.UPPER_BIT if upper else 0) | (wire.LOWER_BIT if lower else 0),
            upper.freq_fine if upper else 0,
            lower.freq_fine if lower else 0,
            upper.one_g_mg if upper else 0,
            lower.one_g_mg if lower else 0,
            self.faults,
            self.boot_cause,
        )

    def counters(self):
        """Values of wire.COUNTERS_BODY."""
        core = self.sampler.pipeline
        present = [sensor for sensor in self.sensors if sensor]
        return (
            sum([sensor.samples for sensor in present]),
            self.sampler.samples_out,
            core.samples_in[pipeline.UPPER] + core.samples_in[pipeline.LOWER],
            self.sampler.messages,
            self.link.taken,
            self.link.sent,
            self.link.dropped,
            core.gaps,
            sum([sensor.overruns for sensor in present]),
            sum([sensor.bad_words for sensor in present]),
            core.saturated,
            sum([sensor.bus_errors for sensor in present]),
            self.peripheral.handler_faults,
            self.late_turns,
            self.motor.starts,
        )

    async def sample(self, watchdog):
        """The sampling loop, on deadlines.

        A sleep of a fixed length would add the turn's own time.
        """
        self.sampler.start()
        deadline_ms = time.ticks_ms()
        while True:
            deadline_ms = time.ticks_add(deadline_ms, TURN_MS)
            wait_ms = time.ticks_diff(deadline_ms, time.ticks_ms())
            if wait_ms < 0:
                self.late_turns += 1
                deadline_ms = time.ticks_ms()
                wait_ms = 0
            await asyncio.sleep_ms(wait_ms)
            self.sampler.turn()
            watchdog.feed()

    async def serve(self):
        """The link's slower half, and the LED."""
        self.peripheral.advertise()
        while True:
            self.link.service()
            self.led.state = self._led_state()
            self.led.show(time.ticks_ms())
            await asyncio.sleep_ms(LINK_PERIOD_MS)

    def _led_state(self):
        found = [sensor for sensor in self.sensors if sensor]
        if not found:
            return FAULT
        if len(found) == 1:
            return ONE_SENSOR
        for connection in self.peripheral.connections:
            if connection != FREE:
                return CONNECTED
        return WAITING

    async def run(self):
        """Everything, for ever."""
        watchdog = machine.WDT(timeout=WATCHDOG_MS)
        gc.collect()
        if any(self.sensors):
            await asyncio.gather(self.sample(watchdog), self.serve())
        else:
            await asyncio.gather(self._feed(watchdog), self.serve())

    async def _feed(self, watchdog):
        while True:
            watchdog.feed()
            await asyncio.sleep_ms(LINK_PERIOD_MS)


def _name():
    """Bluetooth name: 'Dowel-' and the last four hex digits of the chip's id."""
    return "Dowel-%s" % machine.unique_id()[-2:].hex().upper()


def main(board):
    """Run the device on board (a module of dowel.boards); returns only when the button is held at
    start.
    """
    if held_at_start(board.BUTTON):
        print("dowel: button held, main.py left out")
        return
    app = App(board)
    try:
        asyncio.run(app.run())
    finally:
        app.motor.stop()
