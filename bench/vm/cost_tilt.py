"""The tilt filter's cost in bursts, called as the firmware does.

cost_tilt.py SAMPLES_A_BURST count|heap|time.
"""

import sys

from marks import measure

from dowel.core.strapdown import burst
from dowel.core.tilt import Tilt

samples = int(sys.argv[1])
with open("movement", "rb") as file:
    movement = file.read()
total = len(movement) // 16 // samples * samples
block = bytearray(16 * samples)
tilt = Tilt()


# Copies n samples from sample `at` on. Their ticks move by `shift`: each round goes on where the
# last ended.
@micropython.viper
def load(source, target, at: int, n: int, shift: int):
    s = ptr32(source)
    t = ptr32(target)
    i = 0
    while i < n * 4:
        t[i] = s[at * 4 + i]
        i += 1
        if i & 3 == 0:
            t[i - 1] += shift


def with_filter(round_):
    shift = round_ * total * 192
    for at in range(0, total, samples):
        load(movement, block, at, samples, shift)
        burst(tilt, block, samples)


def without_filter(round_):
    shift = round_ * total * 192
    for at in range(0, total, samples):
        load(movement, block, at, samples, shift)


measure(with_filter, without_filter)
