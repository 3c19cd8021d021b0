"""Madgwick's filter for six axes as one writes it in MicroPython: floats, and a class.

After Madgwick, Harwin, Vaidyanathan 2011, doi 10.1109/ICORR.2011.5975346, in the form with the
normalised gradient (equations 25, 26, 33, 34 of the report that came before it).
"""

from math import sqrt


class Madgwick:
    """q: attitude, sensor to earth with z up, w x y z."""

    def __init__(self, rate_hz, gain=0.033):
        self.q = [1.0, 0.0, 0.0, 0.0]
        self.dt = 1.0 / rate_hz
        self.gain = gain

    def update(self, gx, gy, gz, ax, ay, az):
        """Take a sample: turn rate in rad/s, specific force in any unit."""
        w, x, y, z = self.q
        dw = 0.5 * (-x * gx - y * gy - z * gz)
        dx = 0.5 * (w * gx + y * gz - z * gy)
        dy = 0.5 * (w * gy - x * gz + z * gx)
        dz = 0.5 * (w * gz + x * gy - y * gx)
        norm = sqrt(ax * ax + ay * ay + az * az)
        if norm > 0.0:
            f1 = 2.0 * (x * z - w * y) - ax / norm
            f2 = 2.0 * (w * x + y * z) - ay / norm
            f3 = 1.0 - 2.0 * (x * x + y * y) - az / norm
            sw = -2.0 * y * f1 + 2.0 * x * f2
            sx = 2.0 * z * f1 + 2.0 * w * f2 - 4.0 * x * f3
            sy = -2.0 * w * f1 + 2.0 * z * f2 - 4.0 * y * f3
            sz = 2.0 * x * f1 + 2.0 * y * f2
            norm = sqrt(sw * sw + sx * sx + sy * sy + sz * sz)
            if norm > 0.0:
                gain = self.gain / norm
                dw -= gain * sw
                dx -= gain * sx
                dy -= gain * sy
                dz -= gain * sz
        w += dw * self.dt
        x += dx * self.dt
        y += dy * self.dt
        z += dz * self.dt
        norm = sqrt(w * w + x * x + y * y + z * z)
        self.q = [w / norm, x / norm, y / norm, z / norm]
