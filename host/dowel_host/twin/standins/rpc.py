"""The stand-ins' end of the line to the host. A call allocates nothing.

The VM blocks in each call until the board has reached the time at which it ends: board and VM
never run at once.
"""

from array import array

import ops

_MASK = 0x3FFFFFFF
# Below this much unreported time a clock may be read without asking the host; above it the host
# must get its turn, or a loop that only looks at the clock would stop the world.
_UNREPORTED_US = 2000

_request = array("i", [0] * ops.WORDS)
_reply = array("i", [0] * ops.WORDS)
_event = bytearray(ops.PAYLOAD_MAX)
_stream = None
_handlers = {}
_delivering = False

spent_us = 0  # board time that passed since the last reply
_us = 0
_ms = 0
_sub_ms_us = 0


def connect(stream):
    """Use stream (a raw file of the inherited socket)."""
    global _stream
    _stream = stream


def on_event(kind, handler):
    """handler(payload) gets events of a kind; payload is a buffer valid during the call."""
    _handlers[kind] = handler


def delivering():
    """Whether a handler of events is running."""
    return _delivering


def spend(us):
    """Let board time pass: it reaches the host with the next call."""
    global spent_us
    spent_us += us
    if spent_us > _UNREPORTED_US:
        call(ops.NOP)


def now_us():
    """Board time, us modulo 2**30."""
    return (_us + spent_us) & _MASK


def now_ms():
    """Board time, ms modulo 2**30."""
    return (_ms + (_sub_ms_us + spent_us) // 1000) & _MASK


def call(op, a=0, b=0, c=0, out=None, into=None):
    """Ask the host; return its number. OSError: as the real call raises it.

    out: bytes to send; into: buffer to fill.
    """
    global spent_us, _us, _ms, _sub_ms_us
    request = _request
    reply = _reply
    request[0] = op
    request[1] = a
    request[2] = b
    request[3] = c
    request[4] = 0 if out is None else len(out)
    request[5] = 0 if into is None else len(into)
    request[6] = spent_us
    _stream.write(request)
    if out is not None and len(out):
        _stream.write(out)
    _stream.readinto(reply)
    spent_us = 0
    _us = reply[ops.R_US]
    _ms = reply[ops.R_MS]
    _sub_ms_us = reply[ops.R_SUB_MS_US]
    error = reply[ops.R_ERROR]
    value = reply[ops.R_VALUE]
    if reply[ops.R_PAYLOAD]:
        _stream.readinto(_event if into is None else into, reply[ops.R_PAYLOAD])
    if reply[ops.R_EVENTS] and not _delivering:
        _deliver()
    if error:
        raise OSError(error)
    return value


def fetch(op, a=0, b=0, c=0, out=None):
    """Like call, for answers of unknown length: return them as bytes."""
    global _delivering
    was, _delivering = (
        _delivering,
        True,
    )  # the answer lies in the event buffer: no event may overwrite it
    try:
        call(op, a, b, c, out)
        return bytes(memoryview(_event)[: _reply[ops.R_PAYLOAD]])
    finally:
        _delivering = was


def _deliver():
    global _delivering
    _delivering = True
    try:
        while True:
            kind = call(ops.EVENT)
            if not kind:
                return
            _handlers[kind](_event)
    finally:
        _delivering = False
