"""A command without --device takes the one used last."""

import pytest

from dowel_host import last_device


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv(last_device.VARIABLE, str(tmp_path / "state" / "last-device"))
    return tmp_path / "state" / "last-device"


def test_at_first_it_is_the_only_device_near() -> None:
    assert last_device.last_device() == "ble:"


def test_the_last_one_is_remembered() -> None:
    last_device.remember("usb:/dev/ttyACM0")
    last_device.remember("ble:Dowel-3C4D")
    assert last_device.last_device() == "ble:Dowel-3C4D"


def test_a_file_that_is_no_text_is_no_obstacle(place) -> None:
    place.parent.mkdir()
    place.write_bytes(b"\xff\xfe\x00")
    assert last_device.last_device() == "ble:"


def test_where_nothing_can_be_written_it_is_only_not_remembered(place) -> None:
    place.parent.write_text("a file where the folder should be")
    last_device.remember("ble:Dowel-3C4D")
    assert last_device.last_device() == "ble:"
