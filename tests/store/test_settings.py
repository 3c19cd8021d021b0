"""Settings: defaults where nothing else is known, refusals with the range, broken files named."""

from pathlib import Path

import pytest

from dowel_host.core_loader import load_viper_module

settings = load_viper_module("dowel.store.settings")

NOMINAL = [65536] * 3
LEARNT = [65536, 65575, 65765]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "settings.json")


def test_a_new_device_has_the_defaults(path) -> None:
    kept = settings.Settings(path)
    assert kept["upper_gyro_scale"] == NOMINAL
    assert kept.problem is None


def test_a_value_is_kept_for_the_next_start(path) -> None:
    settings.Settings(path).set("upper_gyro_scale", LEARNT)
    again = settings.Settings(path)
    assert again["upper_gyro_scale"] == LEARNT
    assert again["lower_gyro_scale"] == NOMINAL


@pytest.mark.parametrize(
    "value", [[65536] * 2, [65536, 65536, 70000], 65536, [1.0] * 3, "x", None]
)
def test_a_value_out_of_its_range_is_refused_and_nothing_changes(path, value) -> None:
    kept = settings.Settings(path)
    kept.set("upper_gyro_scale", LEARNT)
    before = Path(path).read_bytes()
    with pytest.raises(settings.BadValue, match="63570 to 67502"):
        kept.set("upper_gyro_scale", value)
    assert kept["upper_gyro_scale"] == LEARNT
    assert Path(path).read_bytes() == before


def test_an_unknown_name_is_refused(path) -> None:
    kept = settings.Settings(path)
    with pytest.raises(settings.UnknownSetting, match="colour"):
        kept.set("colour", 1)
    with pytest.raises(settings.UnknownSetting):
        kept["colour"]


def test_a_broken_file_means_defaults_and_says_so(path) -> None:
    settings.Settings(path).set("upper_gyro_scale", LEARNT)
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[:-3])
    kept = settings.Settings(path)
    assert kept["upper_gyro_scale"] == NOMINAL
    assert "defaults" in kept.problem
    kept.set("lower_gyro_scale", LEARNT)
    assert settings.Settings(path).problem is None


def test_names_of_a_later_firmware_survive(path) -> None:
    settings.document.save(path, {"colour": "blue", "upper_gyro_scale": LEARNT})
    settings.Settings(path).set("lower_gyro_scale", LEARNT)
    assert settings.document.load(path)["colour"] == "blue"
