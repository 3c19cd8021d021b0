"""The wire format against bytes written by hand, and against anything that is no message."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowel.link import wire
from dowel_host.messages import (
    Clock,
    Counters,
    Done,
    Info,
    Live,
    LiveFrame,
    Rep,
    command,
    decode,
)


def test_live_message_of_two_frames_byte_by_byte() -> None:
    message = bytearray(wire.LIVE_HEADER_SIZE + 2 * wire.LIVE_FRAME_SIZE)
    wire.pack_live_header(message, 0x0102, 2)
    wire.pack_live_frame(message, 0, 1000, 4512, 4000, 512, -100, 0)
    wire.pack_live_frame(message, 1, 1038, -1, wire.ABSENT, wire.ABSENT, 0, wire.FLAG_ONE_SENSOR)
    assert message.hex(" ") == (
        "01 01 02 01 02 0d"  # type, version, sequence, frames, bytes a frame
        " e8 03 00 00 a0 11 a0 0f 00 02 9c ff 00"
        " 0e 04 00 00 ff ff 00 80 00 80 00 00 10"
    )
    frames = [
        LiveFrame(1000, 4512, 4000, 512, -100, 0),
        LiveFrame(1038, -1, None, None, 0, wire.FLAG_ONE_SENSOR),
    ]
    assert decode(bytes(message)) == (0x0102, Live(0x0102, frames))


def test_rep_message_byte_by_byte() -> None:
    message = wire.pack(
        wire.REP, 7, wire.REP_BODY, 0xDDCCBBAA, 7, 60_000, 1200, 1500, 1600, 3000, 7000, 1000, 2, 1
    )
    assert message.hex(" ") == (
        "02 01 07 00 aa bb cc dd 07 00 00 00 60 ea 00 00 b0 04 dc 05 40 06 b8 0b 58 1b e8 03 02 01"
    )
    assert len(message) == wire.REP_SIZE
    rep = Rep(0xDDCCBBAA, 7, 60_000, 1200, 1500, 1600, 3000, 7000, 1000, 2, 1)
    assert decode(message) == (7, rep)


INFO = (
    0,
    1,
    0,
    3,
    -3,
    5,
    1001,
    998,
    0x10,
    1,
    0x01020304,
    4,
    2,
    90_000,
    3812,
    b"\x24\x6f\x28\xab\x3c\x4d",
)


def test_info_message_byte_by_byte() -> None:
    message = wire.pack(wire.INFO, 1, wire.INFO_BODY, *INFO)
    assert message.hex(" ") == (
        "03 01 01 00 00 01 00 03 fd 05 e9 03 e6 03 10 00 01"
        " 04 03 02 01 04 00 00 00 02 00 90 5f 01 00 e4 0e 24 6f 28 ab 3c 4d"
    )
    assert len(message) == wire.INFO_SIZE
    info = Info(
        *("0.1.0", True, True, -3, 5, 1001, 998, 0x10, 1, 0x01020304, 4, 2, 90_000, 3812),
        "246f28ab3c4d",
    )
    assert decode(message) == (1, info)


def test_counters_have_a_name_for_each_number() -> None:
    values = range(len(wire.COUNTER_NAMES))
    message = wire.pack(wire.COUNTERS, 1, wire.COUNTERS_BODY, *values)
    assert len(message) == wire.COUNTERS_SIZE
    named: dict[str, int] = dict(zip(wire.COUNTER_NAMES, values, strict=True))
    assert decode(message) == (1, Counters(named))


def test_answers_byte_by_byte() -> None:
    done = wire.pack(wire.DONE, 9, wire.DONE_BODY, wire.CMD_ACK, wire.STATUS_BAD)
    assert done.hex(" ") == "05 01 09 00 43 02"
    assert decode(done) == (9, Done(wire.CMD_ACK, wire.STATUS_BAD))
    clock = wire.pack(wire.CLOCK, 9, wire.CLOCK_BODY, 5000, 0x0102030405)
    assert clock.hex(" ") == "06 01 09 00 88 13 00 00 05 04 03 02 01 00 00 00"
    assert decode(clock) == (9, Clock(5000, 0x0102030405))


def test_commands_byte_by_byte() -> None:
    assert command(wire.CMD_LIVE, 1, 1).hex(" ") == "40 01 01 00 01"
    assert command(wire.CMD_INFO, 2).hex(" ") == "41 01 02 00"
    assert command(wire.CMD_COUNTERS, 3).hex(" ") == "42 01 03 00"
    assert (
        command(wire.CMD_ACK, 4, 0x01020304, 5).hex(" ") == "43 01 04 00 04 03 02 01 05 00 00 00"
    )
    assert command(wire.CMD_REPS, 5, 0, 0).hex(" ") == "44 01 05 00 00 00 00 00 00 00 00 00"
    assert command(wire.CMD_TIME, 6, 1 << 40).hex(" ") == "45 01 06 00 00 00 00 00 00 01 00 00"
    assert command(wire.CMD_REPL, 7).hex(" ") == "46 01 07 00"


def test_an_unknown_tail_is_ignored() -> None:
    message = wire.pack(wire.INFO, 1, wire.INFO_BODY, *INFO)
    assert decode(message + b"later versions say more") == decode(message)


def test_longer_frames_of_a_later_layout_are_read_as_far_as_known() -> None:
    frame = (5).to_bytes(4, "little") + bytes(9) + b"new"
    message = bytes((wire.LIVE, wire.VERSION, 0, 0, 2, len(frame))) + frame + frame
    assert decode(message) == (0, Live(0, [LiveFrame(5, 0, 0, 0, 0, 0)] * 2))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "shorter than a header"),
        (b"\x01\x02\x00\x00", "version 2, expected 1"),
        (b"\x01\x01\x00\x00", "live message cut in its header"),
        (b"\x01\x01\x00\x00\x02\x0d\x00", "live message cut"),
        (b"\x02\x01\x00\x00\x00", "message of 5 bytes, expected 30"),
        (b"\x3f\x01\x00\x00", "unknown type 63"),
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(wire.WireError, match=why):
        decode(data)


@given(st.binary(max_size=80))
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    # Any other exception fails the test.
    with suppress(wire.WireError):
        decode(data)
