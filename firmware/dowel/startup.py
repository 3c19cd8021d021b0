"""Start of the sensors.

Bus freed, chips identified and configured, 1 g checked; all faults said.
"""

from dowel.drivers import bus, lsm6ds
from dowel.link import wire

# |acceleration| at rest must be 1 g within this much: +-20 mg offset, 1 % scale, and some
# movement. Small: a person who fidgets is called a fault. Large: another chip's scale passes.
ONE_G_TOLERANCE_MG = 50

# By role: upper, lower.
_ADDRESSES = (0x6B, 0x6A)
_NAMES = ("upper", "lower")
_MISSING = (wire.FAULT_UPPER_MISSING, wire.FAULT_LOWER_MISSING)
_NOT_1G = (wire.FAULT_UPPER_NOT_1G, wire.FAULT_LOWER_NOT_1G)


class Startup:
    """sensors: by role, None where absent. faults: bits of wire.FAULT_*."""

    def __init__(self, board):
        self.faults = 0
        i2c, free = bus.open_bus(board)
        if not free:
            self._fault(wire.FAULT_BUS_STUCK, "the I2C data line is held low; check the wiring")
        self.sensors = [self._find(i2c, role) for role in range(2)]
        self._check_one_g()
        self._say_mode()

    def _find(self, i2c, role):
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
                self._fault(_MISSING[role], "%s sensor: lost at start (%s)" % (sensor.role, error))
                self.sensors[role] = None
                continue
            if abs(off_mg) > ONE_G_TOLERANCE_MG:
                self._fault(
                    _NOT_1G[role],
                    "%s sensor reads %d mg at start, not 1000: it moved, or it is another chip"
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
