"""Stand-in for `machine`: the calls go to the board on the host."""

import board_time
import ops
import rpc

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


def _buffer(size):
    return bytearray(size)


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    _interrupts = {}

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        self._id = id
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        if value is not None:
            rpc.call(ops.PIN_SET, self._id, 1 if value else 0)
        if mode != -1 or pull not in (-1, None):
            rpc.call(ops.PIN_INIT, self._id, mode, 0 if pull in (-1, None) else pull)

    def value(self, x=None):
        if x is None:
            return rpc.call(ops.PIN_GET, self._id)
        rpc.call(ops.PIN_SET, self._id, 1 if x else 0)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=3):  # the ESP32's has no `hard`
        Pin._interrupts[self._id] = (self, handler)
        rpc.call(ops.PIN_IRQ, self._id, trigger if handler else 0)

    def __str__(self):
        return "Pin(%d)" % self._id


def _pin_event(payload):
    pin, handler = Pin._interrupts.get(payload[0], (None, None))
    if handler is not None:
        handler(pin)


rpc.on_event(ops.EVENT_PIN, _pin_event)


def _number(pin):
    return pin._id if isinstance(pin, Pin) else pin


class PWM:
    def __init__(self, dest, freq=5000, *, duty_u16=None, duty=None, duty_ns=None):
        if duty is not None or duty_ns is not None:
            raise NotImplementedError("PWM: only duty_u16 is modelled")
        self._id = _number(dest)
        self._duty = 0
        self._freq = freq
        rpc.call(ops.PWM_INIT, self._id, freq)
        if duty_u16 is not None:
            self.duty_u16(duty_u16)

    def duty_u16(self, value=None):
        if value is None:
            return self._duty
        self._duty = value
        rpc.call(ops.PWM_DUTY, self._id, value)

    def freq(self, value=None):
        if value is None:
            return self._freq
        self._freq = value
        rpc.call(ops.PWM_INIT, self._id, value)

    def deinit(self):
        self.duty_u16(0)
        rpc.call(ops.PIN_RELEASE, self._id)


class ADC:
    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=ATTN_0DB):
        self._id = _number(pin)

    def read_uv(self):
        return rpc.call(ops.ADC_READ, self._id)

    def read_u16(self):
        return min(65535, self.read_uv() * 65535 // 3300000)


class I2C:
    def __init__(self, id=0, *, scl=None, sda=None, freq=400000, timeout=50000):
        if timeout < 10000:
            # The port divides by its 10 ms tick: such a timeout is none (machine_i2c.c).
            raise ValueError("I2C timeout below 10 ms times out at once on the ESP32")

    def scan(self):
        return list(rpc.fetch(ops.I2C_SCAN))

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        rpc.call(ops.I2C_READ, addr, memaddr, 0, None, buf)

    def readfrom_mem(self, addr, memaddr, nbytes, *, addrsize=8):
        buf = _buffer(nbytes)
        self.readfrom_mem_into(addr, memaddr, buf)
        return bytes(buf)

    def writeto_mem(self, addr, memaddr, buf, *, addrsize=8):
        rpc.call(ops.I2C_WRITE, addr, 0, 0, bytes((memaddr,)) + buf)

    def writeto(self, addr, buf, stop=True):
        rpc.call(ops.I2C_WRITE, addr, 0, 0, buf)
        return len(buf)

    def readfrom_into(self, addr, buf, stop=True):
        rpc.call(ops.I2C_RAW_READ, addr, 0, 0, None, buf)

    def readfrom(self, addr, nbytes, stop=True):
        buf = _buffer(nbytes)
        self.readfrom_into(addr, buf)
        return bytes(buf)


class WDT:
    def __init__(self, id=0, timeout=5000):
        rpc.call(ops.WDT_START, timeout)

    def feed(self):
        rpc.call(ops.WDT_FEED)


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    _callbacks = {}

    def __init__(self, id=-1, **options):
        self._id = id
        if options:
            self.init(**options)

    def init(self, *, mode=PERIODIC, period=-1, callback=None, freq=None, hard=False):
        if hard:
            raise ValueError("hard Timers are not implemented")
        if freq:
            period = int(1000 // freq)
        Timer._callbacks[self._id & 0xFF] = (self, callback)
        rpc.call(ops.TIMER_START, self._id & 0xFF, period, mode)

    def deinit(self):
        Timer._callbacks.pop(self._id & 0xFF, None)
        rpc.call(ops.TIMER_STOP, self._id & 0xFF)


def _timer_event(payload):
    timer, callback = Timer._callbacks.get(payload[0], (None, None))
    if callback is not None:
        callback(timer)


rpc.on_event(ops.EVENT_TIMER, _timer_event)


class RTC:
    def datetime(self, fields=None):
        if fields is None:
            t = board_time.gmtime()
            return (t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0)
        board_time.set_clock(
            board_time.mktime(
                (fields[0], fields[1], fields[2], fields[4], fields[5], fields[6], 0, 0)
            )
        )


def reset():
    rpc.call(ops.RESET, HARD_RESET)


def soft_reset():
    rpc.call(ops.RESET, SOFT_RESET)


def reset_cause():
    return rpc.call(ops.RESET_CAUSE)


def unique_id():
    return rpc.fetch(ops.UNIQUE_ID)


_freq_hz = [160000000]


def freq(hz=None):
    if hz is None:
        return _freq_hz[0]
    if hz not in (20000000, 40000000, 80000000, 160000000, 240000000):
        raise ValueError("frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz")
    _freq_hz[0] = hz
