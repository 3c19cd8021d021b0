"""Flags of a sample, of a step and of a rep: one meaning, one bit. Values as in the wire format.

Viper folds only constants of its own file, so its modules repeat the ones they use as _NAME.
"""

GAP = 1  # samples are missing just before this one; the filter bridged them or began anew
SATURATED = 2  # an axis of gyro or accelerometer was at the end of its range
NO_ZERO = 4  # no upright standing seen yet: no angles
CUE = 8  # the cue is on
ONE_SENSOR = 16  # no partner in time from the other sensor: no lumbar flexion
OVERRUN = 32  # the sensor's FIFO overflowed just before this one
RESTART = 64  # the filter began anew here: unwrapped angles begin anew too
REST = 128  # the sensor (of a step: each of them) has been at rest for 1.6 s or more
