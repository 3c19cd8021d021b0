"""A harder start: no rest before the movement, and a bias that nobody has seen.

The trials of BROAD begin with a long rest, in which any filter learns the gyro's bias. A wearer
who switches on and lifts gives none.
"""

import numpy as np

from bench.trial import Sensor, Trial
from dowel_host.recording import GYR_DPS_PER_LSB

# Added to each axis, degrees/s; both signs, since the trials' own bias is on one side. ST gives
# +-1 as typical.
BIASES_DPS = (0.1, -0.1, 0.2, -0.2, 0.5, -0.5)
# Judged from here on: the first seconds show the start, not the filter.
JUDGED_FROM_S = 30.0


def without_rest(trial: Trial, bias_dps: float) -> Trial | None:
    """Cut off what comes before the movement and add a bias; None: too little is left to judge."""
    begin = int(np.argmax(trial.judged))
    old = trial.sensor
    t_us = old.t_us[begin:] - old.t_us[begin]
    judged = trial.judged[begin:] & (t_us >= JUDGED_FROM_S * 1e6)
    if not judged.any():
        return None
    added = round(bias_dps / GYR_DPS_PER_LSB)
    gyr = np.clip(old.gyr[begin:].astype(np.int32) + added, -32768, 32767).astype(np.int16)
    sensor = Sensor(old.name, old.site, old.rate_hz, t_us, gyr, old.acc[begin:])
    return Trial(sensor, trial.up[begin:], judged)
