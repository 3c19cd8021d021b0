"""`dowel twin`: a board that stays on in real time, for any number of other programs."""

import json
import re
import signal
import time
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from twin.repl.wire import Wire
from twin.twin_process import TwinProcess, mpremote, result

# What a MicroPython build may bring: enough for the firmware to start with.
FAKE_BLUETOOTH = """
FLAG_READ, FLAG_WRITE_NO_RESPONSE, FLAG_WRITE, FLAG_NOTIFY = 2, 4, 8, 16
class UUID:
    def __init__(self, value):
        pass
class BLE:
    def irq(self, handler):
        print("own irq")
    def active(self, on):
        print("own active", on)
    def config(self, **values):
        print("own config", values["gap_name"])
    def gatts_register_services(self, services):
        print("own services", len(services))
        return [range(4), range(4, 5), range(5, 9)]
    def gatts_set_buffer(self, *arguments):
        pass
    def gatts_write(self, handle, value, update=False):
        pass
    def gap_advertise(self, interval_us, data=None, resp_data=None):
        print("own advertising", interval_us)
"""


@pytest.fixture(scope="module")
def twin(micropython):
    """Give a twin that is on for all tests of this file; the person hinges all the time."""
    with TwinProcess() as twin:
        yield twin


@pytest.fixture
def library(tmp_path):
    """Give the path of a library that is not there yet."""
    return tmp_path / "library.db"


def stored(library):
    return [rep["seq"] for rep in result("reps", "--library", library, "--json")["reps"]]


def test_its_three_lines_name_the_board_its_radio_and_its_serial_port(twin):
    assert list(twin.said) == ["name", "radio", "serial"]
    assert re.fullmatch(r"Dowel-[0-9A-F]{4}", twin.name)
    assert re.fullmatch(r"tcp-client:127\.0\.0\.1:\d+", twin.radio)
    assert twin.serial.startswith("/dev/")


class TestRadio:
    def test_killed_receivers_cost_neither_the_board_nor_a_rep(self, twin, library):
        for _ in range(2):
            receiver = twin.start_live(library)
            time.sleep(2.0)
            receiver.kill()
            receiver.communicate()
        shown = twin.live(library, 5.0)
        assert twin.is_on()
        assert (shown["connections"], shown["losses"]) == (1, 0)
        assert shown["frames"] > 40
        reps = stored(library)
        assert len(reps) >= 1
        assert reps == list(range(1, len(reps) + 1))

    def test_a_scan_finds_it_with_name_signal_and_battery(self, twin):
        (found,) = twin.scan("--battery")
        assert found["name"] == twin.name
        assert found["rssi_dbm"] == -50
        assert 0 <= found["battery_percent"] <= 100

    def test_two_receivers_at_once(self, twin, tmp_path):
        receivers = [twin.start_live(tmp_path / name, 3.0) for name in ("one", "two")]
        for receiver in receivers:
            out, err = receiver.communicate(timeout=30)
            assert receiver.returncode == 0, err
            assert json.loads(out)["connections"] == 1
            assert json.loads(out)["frames"] > 10


class TestSerialPort:
    def test_a_receiver_gets_the_same_over_it(self, twin, library):
        arguments = ("--library", library, "--seconds", 3, "--json")
        shown = result("live", "--device", f"usb:{twin.serial}", *arguments)
        assert shown["connections"] == 1
        assert shown["frames"] > 10

    def test_mpremote_takes_the_board_and_gives_it_back(self, twin):
        assert "main.py" in mpremote(twin.serial, "fs", "ls")
        mpremote(twin.serial, "soft-reset")
        assert twin.scan() == [], "a soft reset out of the raw REPL leaves main.py out"
        assert mpremote(twin.serial, "exec", "import dowel; print(dowel.VERSION)") == "0.1.0\n"
        mpremote(twin.serial, "reset")
        twin.until_seen()

    def test_control_c_stops_the_firmware_and_a_soft_reset_starts_it_again(self, twin):
        with closing(Wire(twin.serial)) as wire:
            assert b"the console is yours" in wire.send(b"\r\x03", b">>> ")
            assert wire.send(b"\x04", b"soft reboot\r\n")
        twin.until_seen()


class TestFirmwareThatFails:
    def test_it_is_said_and_the_watchdog_brings_it_back(self, micropython, tmp_path):
        main = tmp_path / "main.py"
        main.write_text("import machine\nwatchdog = machine.WDT(timeout=1000)\n1 / 0\n")
        failure = b"ZeroDivisionError: divide by zero\r\n"
        with TwinProcess() as twin:
            mpremote(twin.serial, "fs", "cp", str(main), ":main.py")
            with closing(Wire(twin.serial)) as wire:
                wire.friendly()
                wire.send(b"\x04", failure)
                wire.send(b"", b"rst:0x3\r\n")
                wire.send(b"", failure)
            status, _, said = twin.end()
        assert status == 0, said
        note = "(ZeroDivisionError: divide by zero); the watchdog resets the board in 1 s."
        assert said.count(note) == 2


class TestEnd:
    def test_ctrl_c_is_its_regular_one_and_a_receiver_is_told_in_one_sentence(
        self, micropython, library
    ):
        with TwinProcess() as twin:
            receiver = twin.start_live(library)
            time.sleep(5.0)
            status, out, err = twin.end(signal.SIGINT)
            assert (status, out) == (0, "")
            assert err == "The twin is off.\n"
            out, err = receiver.communicate(timeout=60)
        assert receiver.returncode == 2
        assert out == ""
        *_, sentence = err.splitlines()
        assert sentence.startswith(f"dowel: --radio {twin.radio}: it was lost")
        assert "Traceback" not in err

    def test_kill_is_another_and_its_port_is_free_again(self, micropython):
        with TwinProcess() as twin:
            assert twin.end(signal.SIGTERM) == (0, "", "The twin is off.\n")
        with TwinProcess("--hci-port", twin.radio.rpartition(":")[2]) as another:
            assert another.radio == twin.radio


def test_a_recording_is_played_by_the_sites_that_are_named_and_then_held(
    micropython, tmp_path, library
):
    still = np.tile(np.array([0, 4098, 0], np.int16), (208, 1))
    arrays: dict[str, Any] = {f"acc_{site}": still for site in ("hip", "back")}
    arrays |= {f"gyr_{site}": np.zeros_like(still) for site in ("hip", "back")}
    t_us = (np.arange(208) * 4808).astype(np.int32)
    np.savez(tmp_path / "second.npz", t_us=t_us, fs=np.float64(208), **arrays)
    sites = ("--lower", "hip", "--upper", "back")
    with TwinProcess(tmp_path / "second.npz", *sites) as twin:
        assert twin.live(library, 3.0)["frames"] > 20, "more than a second of it"


class TestOwnModules:
    def test_the_builds_own_bluetooth_is_used_by_the_same_firmware(self, micropython, tmp_path):
        (tmp_path / "bluetooth.py").write_text(FAKE_BLUETOOTH)
        with TwinProcess("--own", "bluetooth", MICROPYPATH=str(tmp_path)) as twin:
            assert (twin.name, twin.radio) == ("-", "-")
            with closing(Wire(twin.serial)) as wire:
                said = wire.send(b"", b"own advertising 250000\r\n").decode().splitlines()
                wire.send(b"\r\x03", b">>> ")
                at_the_prompt = wire.raw().execute("import bluetooth; bluetooth.BLE().irq(None)")
        assert said == [
            "own irq",
            "own active True",
            "own config Dowel-3C4D",
            "own services 3",
            "own advertising 250000",
        ]
        assert at_the_prompt == (b"own irq\r\n", b"")
