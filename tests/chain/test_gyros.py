"""Scale and bias on the board: told to the filters at the start, kept at rest."""

import asyncio
import binascii
import json
import re
from dataclasses import replace

import numpy as np

from dowel.link import wire
from dowel_host.client import Client
from dowel_host.firmware_files import firmware_files
from dowel_host.links.ble import BleCarrier, find
from dowel_host.messages import Info
from dowel_host.recording import GYR_DPS_PER_LSB, Recording
from dowel_host.twin.clock import run
from dowel_host.twin.flash import BLOCK_BYTES
from dowel_host.twin.person import simple_person
from dowel_host.twin.session import Twin, TwinSettings

WORDS_PER_DPS = 1e6 / 2.7792
SCALE = [65700, 65536, 65300]

# In place of main.py: builds the application, says what its filters were told, and runs it.
MAIN = b"""
import asyncio, gc
gc.threshold(8192)
from dowel import app, boards
device = app.App(boards.choose())
for tilt in device.sampler.pipeline.tilt:
    print("told", device.boot, tilt.scale, tilt.bias_words, tilt.doubt_mdps(0))
asyncio.run(device.run())
"""


PERSON = simple_person(1, sets=1, reps=1, rounded=None)


def laid_down(person: Recording) -> Recording:
    """The same sensors on a table, their gyros off by 14 counts, half a degree/s."""
    rng = np.random.default_rng(1)
    shape = (person.samples, 3)
    sites = {
        name: replace(
            site,
            gyr=np.rint(rng.normal((14, -14, 0), 1.5, shape)).astype(np.int16),
            acc=np.rint(rng.normal((0, 4098, 0), 4, shape)).astype(np.int16),
        )
        for name, site in person.sites.items()
    }
    return replace(person, sites=sites)


def document(content: dict) -> bytes:
    line = json.dumps(content).encode()
    return line + b"\n%08x" % binascii.crc32(line)


def start(
    files: dict[str, bytes], person: Recording = PERSON, seconds: float = 0.2
) -> tuple[Info, str, bytes]:
    """Power a board with these files beside the firmware's.

    Return INFO after so many seconds, what it printed, and its flash.
    """

    async def main() -> tuple[Info, str, bytes]:
        settings = TwinSettings(files=dict(firmware_files()) | files)
        async with (
            Twin(person, settings) as twin,
            Client(BleCarrier(await find(twin.radio), twin.radio)) as client,
        ):
            await asyncio.sleep(seconds)
            flash = twin.board.devices.flash
            content = b"".join(flash.read(i, 0, BLOCK_BYTES) for i in range(flash.blocks))
            return await client.info(), twin.board.output(), content

    return run(main(), realtime=False)


def test_what_is_kept_is_told_to_the_filters_before_the_first_sample() -> None:
    bias = {"version": 1, "boot": 6, "wall_s": None, "lower": None}
    bias["upper"] = [-120_000, 45_000, 7, 85, 0]
    info, said, _ = start(
        {
            "main.py": MAIN,
            "settings.json": document({"lower_gyro_scale": SCALE}),
            "gyro_bias.json": document(bias),
            "boots.json": document({"boots": 6}),
        }
    )
    assert info.faults == 0
    assert "told 7 (65536, 65536, 65536) (-120000, 45000, 7) 218" in said
    assert "told 7 (65700, 65536, 65300) (0, 0, 0) 500" in said


def test_broken_settings_are_told_on_the_serial_line_and_in_info() -> None:
    broken = document({"lower_gyro_scale": SCALE})[:-1]
    info, said, _ = start({"main.py": MAIN, "settings.json": broken})
    assert info.faults == wire.FAULT_SETTINGS_BROKEN
    assert "settings.json is broken: settings are the defaults; set them again" in said
    assert said.count("(65536, 65536, 65536)") == 2


def test_the_bias_is_kept_at_rest_and_not_while_a_person_sways_and_lifts() -> None:
    assert kept_biases(start({}, PERSON, seconds=11)[2]) == []
    info, said, flash = start({}, laid_down(PERSON), seconds=9)
    (bias,) = kept_biases(flash)
    assert (info.faults, bias["boot"], bias["wall_s"]) == (0, 1, None)
    for role in ("upper", "lower"):
        *words, doubt_mdps, freq_fine = bias[role]
        exact = np.array((14, -14, 0)) * GYR_DPS_PER_LSB * WORDS_PER_DPS
        assert np.abs(words - exact).max() < 0.03 * WORDS_PER_DPS
        assert doubt_mdps < 250
        assert freq_fine == 0
    assert "not kept" not in said


def kept_biases(flash: bytes) -> list[dict]:
    """Every copy of the file that was ever written there."""
    return [json.loads(one) for one in re.findall(rb"{[^{}]*\"wall_s\"[^{}]*}", flash)]
