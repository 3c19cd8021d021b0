"""Frames on the serial line: the device's code against the cobs package and zlib's CRC."""

import binascii

from cobs import cobs
from hypothesis import given
from hypothesis import strategies as st

from dowel_host.core_loader import load_viper_module
from dowel_host.links.frames import FrameReader, encode

frame = load_viper_module("dowel.link.frame")

messages = st.binary(max_size=250)


def device_frame(message: bytes) -> bytes:
    encoder = frame.Encoder()
    size = encoder.encode(message)
    return bytes(encoder.buffer[:size])


def device_read(data: bytes) -> tuple[list[bytes], int]:
    decoder = frame.Decoder()
    found = [message for byte in data if (message := decoder.take(byte)) is not None]
    return found, decoder.errors


@given(messages)
def test_the_devices_frames_are_cobs_with_crc32(message: bytes) -> None:
    framed = device_frame(message)
    assert framed[0] == framed[-1] == 0
    crc = binascii.crc32(message).to_bytes(4, "little")
    assert cobs.decode(framed[1:-1]) == message + crc
    assert framed == encode(message)


@given(messages)
def test_the_device_reads_what_a_host_frames(message: bytes) -> None:
    assert device_read(encode(message)) == ([message], 0)


@given(st.lists(messages, min_size=1, max_size=5), st.binary(max_size=40))
def test_noise_between_frames_costs_no_frame(sent: list[bytes], noise: bytes) -> None:
    line = b"".join(noise.replace(b"\0", b"\1") + encode(message) for message in sent)
    assert device_read(line)[0] == sent
    assert FrameReader().take(line) == sent


@given(messages, st.integers(0, 255), st.data())
def test_a_changed_byte_is_never_a_message(message: bytes, value: int, data) -> None:
    framed = bytearray(encode(message))
    place = data.draw(st.integers(1, len(framed) - 2))
    if framed[place] == value:
        value ^= 1
    framed[place] = value
    found, errors = device_read(bytes(framed))
    assert message not in found
    assert found == []
    assert errors >= 1
    reader = FrameReader()
    assert reader.take(bytes(framed)) == []
    assert reader.errors >= 1


@given(st.binary(max_size=600))
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    found, errors = device_read(data)
    assert len(found) + errors <= data.count(b"\0")


def test_what_is_longer_than_any_frame_is_thrown_away_and_counted() -> None:
    found, errors = device_read(b"\0" + b"\x01" * 1000 + b"\0" + encode(b"next"))
    assert found == [b"next"]
    assert errors == 1
