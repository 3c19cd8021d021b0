"""What gravity says about a gyro: velocity over short windows, and how it hangs on each error.

In a frame that does not turn, an accelerometer reads gravity g and the change of velocity v. With
a its reading, C the attitude that the gyro w gives since the window's start:

    integral C a dt  =  g t + v(t) - v(0)

Where the gyro's scale is wrong by the shares e (one an axis) and its bias by b, C is off by the
small rotation theta, and the left side lacks what follows from it:

    theta = integral C (w e - b) dt        lacking: integral theta x (C a) dt

which is linear in e and b. So are the accelerometer's own scale and offset. A body's velocity
stays near zero; what grows beyond it is the sensors' error.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.trial import RATE_HZ, Floats, Sensor

# Length of a window, s. Short: a scale error has no time to show; long: the bias drifts within.
WINDOW_S = 15.0
# Velocity is looked at so often, Hz. Often: one swing of the arm counts many times.
LOOK_HZ = 4.0
# No window has a hole beyond this between samples: 1.5 periods.
_GAP_US = 1.5e6 / RATE_HZ
_CLIPPED = 32760  # a count at the end of its range, or nearly


@dataclass(frozen=True, eq=False)
class Window:
    """Velocity (m, 3 axes, flattened) of one window, and its derivatives by what may be wrong.

    velocity is without v(0) and g, whose derivatives are the last six columns of `own`.
    """

    velocity: Floats  # (3 m,), m/s
    scale: Floats  # (3 m, 3) by e
    shared: Floats  # (3 m, 6) by the accelerometer's scale (share), and its offset (m/s^2)
    own: Floats  # (3 m, 9) by the bias (rad/s), v(0), g


def windows(sensor: Sensor, scale_error: Floats, bias_rad_s: Floats) -> Iterator[Window]:
    """Yield the windows of a sensor that are whole: no gap, nothing clipped.

    scale_error: shares by which its gyro is corrected beforehand.
    """
    dt = np.diff(sensor.t_us, prepend=sensor.t_us[0]) / 1e6
    gyr, acc = sensor.gyr_rad_s, sensor.acc_m_s2
    attitude = _attitude((gyr * (1 + scale_error) - bias_rad_s) * dt[:, None])
    clipped = (np.abs(np.column_stack([sensor.gyr, sensor.acc]).astype(int)) > _CLIPPED).any(1)
    broken = clipped | (dt > _GAP_US / 1e6)
    length = int(WINDOW_S * sensor.rate_hz)
    looks = np.arange(1, int(WINDOW_S * LOOK_HZ) + 1) * length // int(WINDOW_S * LOOK_HZ) - 1
    for begin in range(1, len(gyr) - length + 1, length):
        part = slice(begin, begin + length)
        if broken[part].any():
            continue
        c = attitude[begin - 1].T @ attitude[part]
        yield _window(c, gyr[part], acc[part], dt[part], looks)


def _window(c: Floats, gyr: Floats, acc: Floats, dt: Floats, looks: NDArray[np.int_]) -> Window:
    force = np.einsum("nij,nj->ni", c, acc)
    step = dt[:, None, None]
    theta_by_scale = np.cumsum(c * gyr[:, None, :] * step, axis=0)
    theta_by_bias = np.cumsum(-c * step, axis=0)
    acc_scale = np.cumsum(c * acc[:, None, :] * step, axis=0)[looks]
    # A scale common to all axes cannot be told from the length of g.
    acc_scale -= acc_scale.mean(axis=2, keepdims=True)
    one = np.broadcast_to(np.eye(3), (len(looks), 3, 3))
    own = [
        _lacking(theta_by_bias, force, step)[looks],
        -one,
        -one * np.cumsum(dt)[looks, None, None],
    ]
    return Window(
        velocity=np.cumsum(force * dt[:, None], axis=0)[looks].ravel(),
        scale=_lacking(theta_by_scale, force, step)[looks].reshape(-1, 3),
        shared=np.concatenate([acc_scale, theta_by_bias[looks]], axis=2).reshape(-1, 6),
        own=np.concatenate(own, axis=2).reshape(-1, 9),
    )


def _lacking(theta: Floats, force: Floats, step: Floats) -> Floats:
    # theta: columns (n, 3, k); returns integral of theta x force, (n, 3, k)
    cross = np.cross(theta.transpose(0, 2, 1), force[:, None, :]).transpose(0, 2, 1)
    return np.cumsum(cross * step, axis=0)


def _attitude(turn_rad: Floats) -> Floats:
    """Product of all small turns up to each sample, as matrices (n, 3, 3)."""
    angle = np.linalg.norm(turn_rad, axis=1, keepdims=True)
    q = np.concatenate([np.cos(angle / 2), turn_rad * np.sinc(angle / 2 / np.pi) / 2], axis=1)
    span = 1
    while span < len(q):  # prefix products in log2(n) passes
        q[span:] = _product(q[:-span], q[span:])
        span *= 2
    w, x, y, z = (q / np.linalg.norm(q, axis=1, keepdims=True)).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.array(rows).transpose(2, 0, 1)


def _product(a: Floats, b: Floats) -> Floats:
    aw, ax, ay, az = a.T
    bw, bx, by, bz = b.T
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=1,
    )
