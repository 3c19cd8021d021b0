"""The cost of Madgwick's filter in floats, a call a sample: cost_madgwick.py count|heap|time."""

import struct

from madgwick import Madgwick
from marks import measure

SAMPLES = 512
RAD_S = 0.035 * 3.14159265 / 180
with open("movement", "rb") as file:
    movement = file.read(16 * SAMPLES)
samples = []
for i in range(SAMPLES):
    gx, gy, gz, ax, ay, az = struct.unpack_from("<6h", movement, 16 * i)
    samples.append((gx * RAD_S, gy * RAD_S, gz * RAD_S, float(ax), float(ay), float(az)))
madgwick = Madgwick(208.0)


def with_filter(_):
    for gx, gy, gz, ax, ay, az in samples:
        madgwick.update(gx, gy, gz, ax, ay, az)


def without_filter(_):
    for _gx, _gy, _gz, _ax, _ay, _az in samples:
        pass


measure(with_filter, without_filter)
