"""The wire format: every message of the link, byte by byte; the one definition of it.

Runs on the device and on the host. All numbers are little-endian. A message starts with HEADER:
type (u8), version of that message's layout (u8), sequence number of its stream (u16, wraps).
A reader takes the fields it knows and ignores an unknown tail; it refuses a version it does not
know. PROTOCOL.md beside the firmware describes the same bytes for readers of other languages.
"""

import struct

VERSION = 1

SERVICE_UUID = "d0e10000-5a1e-4c57-9d0e-1b0a5e3d7c2f"
LIVE_UUID = "d0e10001-5a1e-4c57-9d0e-1b0a5e3d7c2f"
REP_UUID = "d0e10002-5a1e-4c57-9d0e-1b0a5e3d7c2f"
CONTROL_UUID = "d0e10003-5a1e-4c57-9d0e-1b0a5e3d7c2f"
REPLY_UUID = "d0e10004-5a1e-4c57-9d0e-1b0a5e3d7c2f"

ABSENT = -32768  # an angle that cannot be known; never zero

# Message types: from the device below 0x40, from the host from 0x40 on.
LIVE = 0x01
REP = 0x02
INFO = 0x03
COUNTERS = 0x04
DONE = 0x05
CLOCK = 0x06
CMD_LIVE = 0x40
CMD_INFO = 0x41
CMD_COUNTERS = 0x42
CMD_ACK = 0x43
CMD_REPS = 0x44
CMD_TIME = 0x45
CMD_REPL = 0x46

# Type, version, sequence. The sequence of LIVE counts the messages meant for this host, sent or
# not; that of REP is the low half of the rep's; an answer repeats its command's.
HEADER = "<BBH"
HEADER_SIZE = 4

# LIVE: HEADER, frame count (u8), size of a frame (u8), then the frames, oldest first.
LIVE_HEADER = "<BBHBB"
LIVE_HEADER_SIZE = 6
# time of the sample (ms since boot, u32), trunk inclination, pelvic tilt, lumbar flexion, lateral
# inclination (0.01 degrees, i16, ABSENT where unknown), flags (u8, FLAG_*).
LIVE_FRAME = "<IhhhhB"
LIVE_FRAME_SIZE = 13
FRAMES_PER_MESSAGE = 2

# REP, after HEADER: epoch (u32: drawn anew whenever the sequence restarts), sequence (u32, from
# 1), start of the rep (ms since boot, u32), then from the start to first arrival near the far end,
# to the far end itself, to the last moment near it, to the end (ms, u16 each), peak trunk
# inclination, peak lumbar flexion (0.01 degrees, i16, ABSENT where unknown), flags (u8, FLAG_*),
# cues felt in it (u8).
REP_BODY = "<IIIHHHHhhBB"
REP_BODY_SIZE = 26
REP_SIZE = HEADER_SIZE + REP_BODY_SIZE

# INFO, after HEADER: firmware version (3 x u8), sensors found (u8: 1 upper, 2 lower),
# INTERNAL_FREQ_FINE of upper and lower (i8), |acceleration| at start of upper and lower (mg, u16,
# 0 where absent), faults (u16, FAULT_*), boot cause (u8, machine.reset_cause()), epoch (u32),
# sequence number of the oldest rep that is kept, or of the next one (u32), reps that are kept
# (u16), time since boot (ms, u32), battery (mV, u16), id of the chip (6 x u8).
INFO_BODY = "<BBBBbbHHHBIIHIH6s"
INFO_SIZE = HEADER_SIZE + 35

# COUNTERS, after HEADER: u32 each, in the order of COUNTER_NAMES.
COUNTER_NAMES = (
    "driver_in",  # sample sets read out of the sensors' FIFOs
    "driver_out",  # sample sets handed to the core
    "core_in",  # sample sets the core took
    "core_out",  # messages the core produced: live frames and reps
    "link_in",  # messages the link took
    "link_out",  # messages that a carrier took, answers included
    "live_unheard",  # live frames while nobody listened
    "live_dropped",  # live messages replaced by newer ones before they could be sent, all hosts
    "live_dropped_here",  # the same, meant for the host that asks
    "reps_overwritten",  # reps lost because too many waited for a host
    "gaps",  # holes in the samples, seen in their timestamps
    "overruns",  # times a sensor's FIFO overflowed
    "bad_words",  # FIFO words with a wrong parity or an unknown tag
    "saturated",  # clipped samples
    "bus_errors",  # failed I2C transactions
    "radio_full",  # times the radio had no buffer free
    "bad_frames",  # frames on the serial line that could not be read
    "commands_refused",  # commands cut, unknown, forbidden or too many at once
    "handler_faults",  # exceptions caught in the Bluetooth handler
    "late_turns",  # turns of the sampling loop that began after their deadline
    "worst_turn_us",  # longest time from one turn of the sampling loop to the next
    "cues",  # times the motor was switched on
)
COUNTERS_BODY = "<22I"
COUNTERS_SIZE = HEADER_SIZE + 88

# DONE, after HEADER: the command it answers (u8), status (u8, STATUS_*).
DONE_BODY = "<BB"
DONE_SIZE = HEADER_SIZE + 2
STATUS_OK = 0
STATUS_UNKNOWN = 1  # no such command
STATUS_BAD = 2  # cut, or a value that cannot be
STATUS_FORBIDDEN = 3  # not on this connection

# CLOCK, after HEADER: time since boot (ms, u32) at the moment the wall clock was set, wall clock
# (ms since 1970, u64).
CLOCK_BODY = "<IQ"
CLOCK_SIZE = HEADER_SIZE + 12

CMD_LIVE_BODY = "<B"  # 1: send live frames, 0: stop
CMD_LIVE_SIZE = HEADER_SIZE + 1
# CMD_ACK: epoch (u32) and sequence (u32): all reps up to it are stored.
# CMD_REPS: the same: send what comes after it; another epoch or 0: send all.
CMD_REPS_BODY = "<II"
CMD_REPS_SIZE = HEADER_SIZE + 8
CMD_TIME_BODY = "<Q"  # wall clock, ms since 1970
CMD_TIME_SIZE = HEADER_SIZE + 8

# Sensors in INFO.
UPPER_BIT = 1
LOWER_BIT = 2

# Flags of a live frame and of a rep.
FLAG_GAP = 0x01  # samples are missing here
FLAG_SATURATED = 0x02  # a sensor clipped
FLAG_NO_ZERO = 0x04  # no upright standing seen yet: no angles
FLAG_CUE = 0x08  # the motor is on
FLAG_ONE_SENSOR = 0x10  # lumbar flexion cannot be known
FLAG_OVERRUN = 0x20  # a FIFO overflowed

# Faults in INFO.
FAULT_UPPER_MISSING = 0x01
FAULT_LOWER_MISSING = 0x02
FAULT_UPPER_NOT_1G = 0x04
FAULT_LOWER_NOT_1G = 0x08
FAULT_BUS_STUCK = 0x10
FAULT_SETTINGS_BROKEN = 0x20


def pack_live_header(out: bytearray, sequence: int, count: int) -> None:
    """Write LIVE's header for count frames into out. No allocation."""
    struct.pack_into(LIVE_HEADER, out, 0, LIVE, VERSION, sequence, count, LIVE_FRAME_SIZE)


def pack_live_frame(
    out: bytearray,
    index: int,
    t_ms: int,
    trunk_cdeg: int,
    pelvis_cdeg: int,
    flexion_cdeg: int,
    lateral_cdeg: int,
    flags: int,
) -> None:
    """Write frame number index into out. No allocation."""
    at = LIVE_HEADER_SIZE + index * LIVE_FRAME_SIZE
    struct.pack_into(
        LIVE_FRAME, out, at, t_ms, trunk_cdeg, pelvis_cdeg, flexion_cdeg, lateral_cdeg, flags
    )


def pack(kind: int, sequence: int, layout: str, *values: "int | bytes") -> bytes:
    """Bytes of a message: HEADER, then values in layout."""
    return struct.pack(HEADER, kind, VERSION, sequence & 0xFFFF) + struct.pack(layout, *values)


class WireError(ValueError):
    """Bytes that are no message of this format; `why` says it in a few words."""

    def __init__(self, why: str, data: bytes) -> None:
        super().__init__(why)
        self.why = why
        self.data = bytes(data)


def unpack_header(data: bytes) -> tuple[int, int]:
    """Return type and sequence number. WireError: too short, or another version."""
    if len(data) < HEADER_SIZE:
        raise WireError("shorter than a header", data)
    kind, version, sequence = struct.unpack_from(HEADER, data, 0)
    if version != VERSION:
        raise WireError("version %d, expected %d" % (version, VERSION), data)
    return kind, sequence


def unpack_live(data: bytes) -> list[tuple[int, ...]]:
    """Return the frames of a LIVE message, each a tuple as in LIVE_FRAME. WireError: cut."""
    if len(data) < LIVE_HEADER_SIZE:
        raise WireError("live message cut in its header", data)
    count = data[4]
    size = data[5]
    if size < LIVE_FRAME_SIZE or len(data) < LIVE_HEADER_SIZE + count * size:
        raise WireError("live message cut", data)
    return [
        struct.unpack_from(LIVE_FRAME, data, LIVE_HEADER_SIZE + index * size)
        for index in range(count)
    ]


def unpack_body(data: bytes, layout: str, size: int) -> tuple[int, ...]:
    """Return the values of a message's body. WireError: shorter than size bytes."""
    if len(data) < size:
        raise WireError("message of %d bytes, expected %d" % (len(data), size), data)
    return struct.unpack_from(layout, data, HEADER_SIZE)
