"""Runs the tilt filter over files of samples.

Each line of the file `jobs`: name, and gyro scale of x y z (2^-16). Reads NAME.samples, writes
NAME.out (8 bytes a sample) and prints name and a CRC chained over the state after every burst.
"""

from binascii import crc32

from dowel.core.tilt import Tilt

BURST = 8  # samples; no result depends on it

block = bytearray(16 * BURST)
with open("jobs") as jobs:
    for job in jobs:
        name, *scale = job.split()
        tilt = Tilt()
        tilt.set_scale(*map(int, scale))
        out = memoryview(tilt.out)
        crc = 0
        with open(name + ".samples", "rb") as samples, open(name + ".out", "wb") as ups:
            while True:
                n = samples.readinto(block) // 16
                if n == 0:
                    break
                tilt.burst(block, n)
                ups.write(out[: 4 * n])
                crc = crc32(tilt.state, crc)
        print(name, crc)
