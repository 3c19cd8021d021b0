"""The same seed gives the same result, however fast and in whichever process."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RUN = """
import hashlib, json, sys
from dowel_host.demo import play
from dowel_host.twin.person import simple_person
from dowel_host.twin.session import TwinSettings
result = play(simple_person(7, sets=1, reps=2, rounded=(0, 1)), TwinSettings(seed=7),
              realtime=sys.argv[1] == "realtime")
document = result.document()
del document["wall_s"]
print(json.dumps({
    "document": document,
    "reps": [vars(rep) for rep in result.reps],
    "frames": hashlib.sha256(repr(result.frames).encode()).hexdigest(),
    "device": result.device,
}))
"""


def run(mode: str, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", RUN, mode],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'host'}{os.pathsep}{ROOT / 'firmware'}",
            "PYTHONHASHSEED": hash_seed,
        },
    )
    return done.stdout


@pytest.mark.slow
def test_three_fast_runs_and_one_in_real_time_are_identical() -> None:
    first, *others = [run("fast", seed) for seed in "123"]
    others.append(run("realtime", "4"))
    assert json.loads(first)["document"]["reps"] == 2
    assert len(json.loads(first)["frames"]) == hashlib.sha256().digest_size * 2
    assert others == [first] * 3
