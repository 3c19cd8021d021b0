"""Turns gravity and velocity with the gyro, sample by sample: the hot half of the tilt filter.

Both are vectors in the sensor's frame. With the sensor's turn w and its accelerometer's reading a:

    g' = g x w               gravity stands still, so the sensor sees it turn the other way
    v' = v x w + (a - g)     velocity gained; over some seconds its mean is zero, or g is wrong

g turns to second order, `g += g x w + (g x w) x w / 2` (a first-order step loses degrees in fast
movement), v to first order. After every 16 steps observer.correct() reads from v what is wrong
with g. State words, their scales and ranges: tilt.py.

burst() names no global. A native function that does swaps the table of globals at each call from
another module, and guards that with an exception handler (MicroPython, py/emitnative.c), which
costs more than all the rest of the call. So it finds in its object what it calls, and its state
is in locals while samples go on: each word of it is read and written once a call or block.
"""

# State words used here; tilt.py has the whole table.
_GRAVITY = const(0)
_VELOCITY = const(3)
_REMAINDER = const(6)
_BIAS = const(9)
_SCALE = const(12)
_FACTOR = const(15)
_FACTOR_TICKS = const(18)
_TICK = const(19)
_GYRO_XY = const(20)
_GYRO_Z = const(21)
_STEPS = const(25)
_TURN = const(26)
_FORCE = const(29)
_REST = const(35)

_TICK_MASK = const(0x3FFFFFFF)
_TICK_HALF = const(0x20000000)
_NEVER = const(0x20000000)  # in _FACTOR_TICKS: no step's; as in tilt.py
_STEPS_PER_BLOCK = const(16)
_BURST_MAX = const(32)  # as in tilt.py
# A reading beyond +-16384 has two unlike bits at its top: only such a one may be clipped.
_LARGE = const(0x4000)

# Longest step of the integration, 1.125 periods. Small: ordinary jitter is split into two steps;
# large: less headroom, since the angle of a step grows with it.
_STEP_TICKS = const(216)


@micropython.viper
def burst(tilt, block, n: int):
    """Take n samples (0 to 32) from the start of block; up and flags of each go to tilt.out.

    The same as Tilt.burst(block, n), which is slower to find. block: 16 bytes a sample,
    word-aligned: gyro x y z, accelerometer x y z (int16 counts), tick (uint32); that it holds n
    samples is not checked here. out: x y z flags as int16, 1 g = 16393. ValueError: n is out of
    range.
    """
    if n < 1 or n > _BURST_MAX:
        tilt.refuse(n)
        return
    state = tilt.state
    s = ptr32(state)
    f = ptr32(block)
    o = ptr32(tilt.out)
    end = n * 4
    j = 0
    ticks = 0
    flags = 0
    while True:
        gx = s[_GRAVITY]
        gy = s[_GRAVITY + 1]
        gz = s[_GRAVITY + 2]
        vx = s[_VELOCITY]
        vy = s[_VELOCITY + 1]
        vz = s[_VELOCITY + 2]
        rx = s[_REMAINDER]
        ry = s[_REMAINDER + 1]
        rz = s[_REMAINDER + 2]
        bx = s[_BIAS]
        by = s[_BIAS + 1]
        bz = s[_BIAS + 2]
        kx = s[_FACTOR]
        ky = s[_FACTOR + 1]
        kz = s[_FACTOR + 2]
        turn_x = s[_TURN]
        turn_y = s[_TURN + 1]
        turn_z = s[_TURN + 2]
        force_x = s[_FORCE]
        force_y = s[_FORCE + 1]
        force_z = s[_FORCE + 2]
        steps = s[_STEPS]
        factor_ticks = s[_FACTOR_TICKS]
        last = s[_TICK]
        rest = s[_REST]
        flags |= rest
        while j < end:
            tick = f[j + 3] & _TICK_MASK
            ticks = tick - last
            if ticks != factor_ticks:
                ticks = ((ticks + _TICK_HALF) & _TICK_MASK) - _TICK_HALF
                if ticks < 1 or ticks > _STEP_TICKS or factor_ticks >= _NEVER:
                    break
                factor_ticks = ticks
                s[_FACTOR_TICKS] = ticks
                # 2^-32 rad per count, rounded
                kx = (s[_SCALE] * ticks + 2048) >> 12
                ky = (s[_SCALE + 1] * ticks + 2048) >> 12
                kz = (s[_SCALE + 2] * ticks + 2048) >> 12
                s[_FACTOR] = kx
                s[_FACTOR + 1] = ky
                s[_FACTOR + 2] = kz
            last = tick

            t = f[j]
            m = t ^ (t >> 1)
            x = ((t & 0xFFFF) ^ 0x8000) - 0x8000
            y = t >> 16
            t = f[j + 1]
            m |= t ^ (t >> 1)
            z = ((t & 0xFFFF) ^ 0x8000) - 0x8000
            ax = t >> 16
            t = f[j + 2]
            m |= t ^ (t >> 1)
            ay = ((t & 0xFFFF) ^ 0x8000) - 0x8000
            az = t >> 16
            if (m | (m >> 16)) & _LARGE:  # of either half of a word
                flags |= int(tilt.weigh_clipped(block, j >> 2))
                factor_ticks = s[_FACTOR_TICKS]

            # Angle of this step, 2^-18 rad; what is below that waits for the next step.
            t = rx + x * kx - bx
            rx = t & 16383
            a = t >> 14
            t = ry + y * ky - by
            ry = t & 16383
            b = t >> 14
            t = rz + z * kz - bz
            rz = t & 16383
            c = t >> 14
            turn_x += a
            turn_y += b
            turn_z += c

            x = gx >> 14
            y = gy >> 14
            z = gz >> 14
            p = y * c - z * b
            q = z * a - x * c
            r = x * b - y * a
            gx += p >> 4
            gy += q >> 4
            gz += r >> 4
            p >>= 16
            q >>= 16
            r >>= 16
            gx += (q * c - r * b) >> 7
            gy += (r * a - p * c) >> 7
            gz += (p * b - q * a) >> 7

            x = vx >> 13
            y = vy >> 13
            z = vz >> 13
            p = y * c - z * b
            q = z * a - x * c
            r = x * b - y * a
            vx += (p >> 5) + (ax << 6) - (gx >> 10)
            vy += (q >> 5) + (ay << 6) - (gy >> 10)
            vz += (r >> 5) + (az << 6) - (gz >> 10)
            force_x += ax
            force_y += ay
            force_z += az

            steps += 1
            if steps == _STEPS_PER_BLOCK:
                break
            o[j >> 1] = ((gx >> 14) & 0xFFFF) | ((gy >> 14) << 16)
            o[(j >> 1) + 1] = ((gz >> 14) & 0xFFFF) | (flags << 16)
            flags = rest
            j += 4
        s[_GRAVITY] = gx
        s[_GRAVITY + 1] = gy
        s[_GRAVITY + 2] = gz
        s[_VELOCITY] = vx
        s[_VELOCITY + 1] = vy
        s[_VELOCITY + 2] = vz
        s[_REMAINDER] = rx
        s[_REMAINDER + 1] = ry
        s[_REMAINDER + 2] = rz
        s[_TURN] = turn_x
        s[_TURN + 1] = turn_y
        s[_TURN + 2] = turn_z
        s[_FORCE] = force_x
        s[_FORCE + 1] = force_y
        s[_FORCE + 2] = force_z
        s[_STEPS] = steps
        s[_TICK] = last
        if steps == _STEPS_PER_BLOCK:
            tilt.correct(state)
            o[j >> 1] = ((s[_GRAVITY] >> 14) & 0xFFFF) | ((s[_GRAVITY + 1] >> 14) << 16)
            o[(j >> 1) + 1] = ((s[_GRAVITY + 2] >> 14) & 0xFFFF) | (flags << 16)
            flags = 0
            j += 4
        elif j < end:
            flags |= int(tilt.resume(block, j >> 2, ticks))
        if j >= end:
            break
    s[_GYRO_XY] = f[end - 4]
    s[_GYRO_Z] = f[end - 3]
