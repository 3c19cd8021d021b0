"""The wire format against bytes written by hand, and against anything that is no message."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowel.link import wire
from dowel_host.messages import Info, LiveFrame, Rep, decode


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
    assert decode(bytes(message)) == [
        LiveFrame(1000, 4512, 4000, 512, -100, 0),
        LiveFrame(1038, -1, None, None, 0, wire.FLAG_ONE_SENSOR),
    ]


def test_rep_message_byte_by_byte() -> None:
    message = wire.pack(
        wire.REP, 7, wire.REP_BODY, 0xDDCCBBAA, 7, 60_000, 1200, 1500, 1600, 3000, 7000, 1000, 2, 1
    )
    assert message.hex(" ") == (
        "02 01 07 00 aa bb cc dd 07 00 00 00 60 ea 00 00 b0 04 dc 05 40 06 b8 0b 58 1b e8 03 02 01"
    )
    assert len(message) == wire.REP_SIZE
    assert decode(message) == Rep(0xDDCCBBAA, 7, 60_000, 1200, 1500, 1600, 3000, 7000, 1000, 2, 1)


def test_info_message_byte_by_byte() -> None:
    message = wire.pack(wire.INFO, 1, wire.INFO_BODY, 0, 1, 0, 3, -3, 5, 1001, 998, 0x10, 1)
    assert message.hex(" ") == "03 01 01 00 00 01 00 03 fd 05 e9 03 e6 03 10 00 01"
    assert decode(message) == Info("0.1.0", True, True, -3, 5, 1001, 998, 0x10, 1)


def test_counters_have_a_name_for_each_number() -> None:
    values = range(len(wire.COUNTER_NAMES))
    message = wire.pack(wire.COUNTERS, 1, wire.COUNTERS_BODY, *values)
    assert len(message) == wire.COUNTERS_SIZE
    assert decode(message) == dict(zip(wire.COUNTER_NAMES, values, strict=True))


def test_an_unknown_tail_is_ignored() -> None:
    message = wire.pack(wire.INFO, 1, wire.INFO_BODY, 0, 1, 0, 3, 0, 0, 1000, 1000, 0, 1)
    assert decode(message + b"later versions say more") == decode(message)


def test_longer_frames_of_a_later_layout_are_read_as_far_as_known() -> None:
    frame = (5).to_bytes(4, "little") + bytes(9) + b"new"
    message = bytes((wire.LIVE, wire.VERSION, 0, 0, 2, len(frame))) + frame + frame
    assert decode(message) == [LiveFrame(5, 0, 0, 0, 0, 0)] * 2


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
