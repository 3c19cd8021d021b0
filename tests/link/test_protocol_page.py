"""PROTOCOL.md says what wire.py does.

Its tables, read by `construct`, decode the device's bytes.
"""

import re

import construct
import pytest

from dowel.link import wire

TYPES = {
    "u8": construct.Int8ul,
    "u16": construct.Int16ul,
    "u32": construct.Int32ul,
    "u64": construct.Int64ul,
    "i8": construct.Int8sl,
    "i16": construct.Int16sl,
    "6 bytes": construct.Bytes(6),
}
ROW = re.compile(r"^\| (\d+) \| (\w+) \| ([\w ]+?) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "firmware" / "PROTOCOL.md").read_text(encoding="utf-8")


def layout(page: str, heading: str, table: int = 0) -> construct.Struct:
    """Make a decoder of a table below a heading; offsets have to follow from the types."""
    section = page.split(f"### {heading}\n")[1].split("\n### ", maxsplit=1)[0]
    tables = section.split("| offset | field | type | unit |\n")[1:]
    rows = ROW.findall(tables[table])
    assert rows, heading
    at = int(rows[0][0])
    fields = [construct.Padding(at)]
    for offset, name, kind in rows:
        assert int(offset) == at, f"{heading}: {name} stands at {at}"
        fields.append(name / TYPES[kind])
        at += TYPES[kind].sizeof()
    return construct.Struct(*fields)


def read(decoder: construct.Struct, data: bytes) -> list[object]:
    parsed = decoder.parse(data)
    assert parsed is not None
    return [parsed[field.name] for field in decoder.subcons if field.name]


def test_rep(page) -> None:
    values = (1 << 31, 70_000, 3_000_000_000, 1, 2, 3, 65535, -9000, -32768, 255, 3)
    data = wire.pack(wire.REP, 5, wire.REP_BODY, *values)
    decoder = layout(page, "REP 0x02")
    assert read(decoder, data) == list(values)
    assert decoder.sizeof() == len(data) == wire.REP_SIZE


def test_info(page) -> None:
    values = (1, 2, 3, 3, -5, 6, 1001, 999, 513, 3, 1 << 30, 7, 500, 1 << 31, 4200, b"abcdef")
    data = wire.pack(wire.INFO, 5, wire.INFO_BODY, *values)
    decoder = layout(page, "INFO 0x03")
    assert read(decoder, data) == list(values)
    assert decoder.sizeof() == len(data) == wire.INFO_SIZE


@pytest.mark.parametrize(
    ("heading", "kind", "body", "values"),
    [
        ("DONE 0x05", wire.DONE, wire.DONE_BODY, (0x43, 2)),
        ("CLOCK 0x06", wire.CLOCK, wire.CLOCK_BODY, (1 << 31, 1 << 60)),
    ],
)
def test_short_answers(page, heading: str, kind: int, body: str, values: tuple[int, ...]) -> None:
    data = wire.pack(kind, 5, body, *values)
    decoder = layout(page, heading)
    assert read(decoder, data) == list(values)
    assert decoder.sizeof() == len(data)


def test_live_header_and_frames(page) -> None:
    data = bytearray(wire.LIVE_HEADER_SIZE + 2 * wire.LIVE_FRAME_SIZE)
    wire.pack_live_header(data, 9, 2)
    frames = [(1 << 31, -1, 2, -32768, 4, 5), (7, 8, 9, 10, 11, 12)]
    for index, frame in enumerate(frames):
        wire.pack_live_frame(data, index, *frame)
    assert read(layout(page, "LIVE 0x01"), bytes(data)) == [2, wire.LIVE_FRAME_SIZE]
    decoder = layout(page, "LIVE 0x01", 1)
    assert decoder.sizeof() == wire.LIVE_FRAME_SIZE
    for index, frame in enumerate(frames):
        at = wire.LIVE_HEADER_SIZE + index * wire.LIVE_FRAME_SIZE
        assert read(decoder, bytes(data[at:])) == list(frame)


def test_types_and_commands_have_the_numbers_of_the_page(page) -> None:
    for name in ("LIVE", "REP", "INFO", "COUNTERS", "DONE", "CLOCK"):
        assert f"### {name} 0x{getattr(wire, name):02X}\n" in page
    for number, name in re.findall(r"^\| 0x(4\d) \| (CMD_\w+) \|", page, re.MULTILINE):
        assert getattr(wire, name) == int(number, 16)
    named = set(re.findall(r"^\| 0x4\d \| (CMD_\w+) \|", page, re.MULTILINE))
    assert named == {
        name
        for name in vars(wire)
        if name.startswith("CMD_") and not name.endswith(("BODY", "SIZE"))
    }


def test_uuids_and_counters(page) -> None:
    for uuid in (wire.SERVICE_UUID, wire.LIVE_UUID, wire.REP_UUID, wire.CONTROL_UUID):
        assert uuid in page
    assert wire.REPLY_UUID in page
    assert f"{len(wire.COUNTER_NAMES)} u32 from offset 4" in page
    assert wire.HEADER_SIZE + 4 * len(wire.COUNTER_NAMES) == wire.COUNTERS_SIZE
