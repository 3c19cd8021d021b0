"""Stand-in for `time`: the board's clock instead of the machine's."""

import ops
import rpc
import utime as _builtin

# One call of a bytecode function on an ESP32, 987 instructions (counted on an emulated chip) x CPI
# 3 / 240 MHz.
_CALL_US = 12
_PERIOD = 1 << 30
_HALF = 1 << 29
_EPOCH_2000 = 946684800  # the ESP32 counts from 2000, the unix port from 1970

_set_at = [0]  # seconds to add to the board's uptime


def ticks_us():
    rpc.spend(_CALL_US)
    return rpc.now_us()


def ticks_ms():
    rpc.spend(_CALL_US)
    return rpc.now_ms()


def ticks_cpu():
    return ticks_us()


def _ticks_diff(a, b):
    return ((a - b + _HALF) & (_PERIOD - 1)) - _HALF


def _ticks_add(a, b):
    return (a + b) & (_PERIOD - 1)


# The builtin ones allocate nothing; a 64-bit VM has another period than the ESP32, though.
_same_period = _builtin.ticks_add(0, -1) == _PERIOD - 1
ticks_diff = _builtin.ticks_diff if _same_period else _ticks_diff
ticks_add = _builtin.ticks_add if _same_period else _ticks_add


def sleep_us(us):
    rpc.call(ops.SLEEP, us)


def sleep_ms(ms):
    rpc.call(ops.SLEEP, 0, ms)


def sleep(seconds):
    rpc.call(ops.SLEEP, int(seconds % 1 * 1000000), int(seconds) * 1000)


def time():
    return rpc.now_ms() // 1000 + _set_at[0]


def time_ns():
    return rpc.now_ms() * 1000000 + _set_at[0] * 1000000000


def set_clock(seconds):
    """machine.RTC sets the wall clock: seconds since 2000."""
    _set_at[0] = seconds - rpc.now_ms() // 1000


def gmtime(seconds=None):
    return _builtin.gmtime((time() if seconds is None else seconds) + _EPOCH_2000)


localtime = gmtime


def mktime(fields):
    return _builtin.mktime(fields) - _EPOCH_2000
