"""The filters to compare with: what people install when they need a tilt.

Each takes turn rate in rad/s and specific force in m/s^2, (n, 3) each, and the rate in Hz, and
returns unit up in sensor axes, (n, 3). Settings are each one's own defaults for six axes, but for
two: Mahony's gains are those with the least mean error on the 17 open trials of BROAD, and
imufusion comes twice, as it is and with the gain and bias that do best there.
"""

from collections.abc import Callable

import imufusion
import numpy as np
import vqf
from ahrs.filters import Madgwick, Mahony  # pyright: ignore[reportMissingTypeStubs]

from bench.trial import G_M_S2, Floats

Filter = Callable[[Floats, Floats, float], Floats]

# Of ahrs, rad/s: the default.
MADGWICK_GAIN = 0.033
# 1/s and 1/s^2. ahrs's defaults (1.0 and 0.3) have five times the error.
MAHONY_KP = 0.2
MAHONY_KI = 0.001
# Default 0.5.
IMUFUSION_GAIN = 0.2


def up_from_quaternion(q: Floats) -> Floats:
    """Up in sensor axes from quaternions w x y z, sensor to earth with z up; (n, 4)."""
    w, x, y, z = q.T
    return np.stack(
        [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z], axis=1
    )


def run_vqf(gyr: Floats, acc: Floats, rate_hz: float) -> Floats:
    """VQF 6D in real time, default parameters."""
    result = vqf.VQF(1 / rate_hz).updateBatch(np.ascontiguousarray(gyr), np.ascontiguousarray(acc))
    return up_from_quaternion(result["quat6D"])


def run_madgwick(gyr: Floats, acc: Floats, rate_hz: float) -> Floats:
    """Madgwick's filter of ahrs."""
    return up_from_quaternion(Madgwick(gyr=gyr, acc=acc, frequency=rate_hz, gain=MADGWICK_GAIN).Q)


def run_mahony(gyr: Floats, acc: Floats, rate_hz: float) -> Floats:
    """Mahony's filter of ahrs, tuned."""
    return up_from_quaternion(
        Mahony(gyr=gyr, acc=acc, frequency=rate_hz, k_P=MAHONY_KP, k_I=MAHONY_KI).Q
    )


def run_imufusion(gyr: Floats, acc: Floats, rate_hz: float) -> Floats:
    """x-io's Fusion with gain 0.2 and its bias estimate."""
    bias = imufusion.Bias()
    settings = imufusion.BiasSettings()
    settings.sample_rate = rate_hz
    bias.set_settings(settings)
    return _imufusion(gyr, acc, rate_hz, IMUFUSION_GAIN, bias.update)


def run_imufusion_default(gyr: Floats, acc: Floats, rate_hz: float) -> Floats:
    """x-io's Fusion as it comes."""
    return _imufusion(gyr, acc, rate_hz, None, lambda rate: rate)


def _imufusion(
    gyr: Floats,
    acc: Floats,
    rate_hz: float,
    gain: float | None,
    correct: Callable[[Floats], Floats],
) -> Floats:
    filter_ = imufusion.Ahrs()
    settings = imufusion.AhrsSettings()
    settings.sample_rate = rate_hz
    if gain is not None:
        settings.gain = gain
    filter_.set_settings(settings)
    q = np.empty((len(gyr), 4))
    for i, (rate, force) in enumerate(zip(np.degrees(gyr), acc / G_M_S2, strict=True)):
        filter_.update_no_magnetometer(correct(rate), force)
        q[i] = filter_.get_quaternion()
    return up_from_quaternion(q)


PEERS: dict[str, Filter] = {
    "vqf": run_vqf,
    "madgwick": run_madgwick,
    "mahony": run_mahony,
    "imufusion": run_imufusion,
    "imufusion_default": run_imufusion_default,
}
