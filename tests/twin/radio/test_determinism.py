"""The same inputs give the same traffic, microsecond by microsecond and byte by byte."""

import os
import random
import subprocess
import sys
import time

import pytest

from twin.radio import session


def in_another_process(seconds: float, hash_seed: str) -> str:
    environment = os.environ | {
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", session.__file__, str(seconds)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.fixture(scope="module")
def a_minute() -> str:
    started = time.perf_counter()
    digest = session.digest(60)
    assert time.perf_counter() - started < 60 / 5, "no faster than five times real time"
    return digest


def test_a_minute_holds_what_it_should(a_minute):
    _, live, info = a_minute.split()
    assert int(live) == 60 * session.LIVE_RATE_HZ
    assert int(info) == 60 * session.LIVE_RATE_HZ // 40


def test_again_in_this_process(a_minute):
    random.seed(123)
    assert session.digest(60) == a_minute


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_in_another_process(a_minute, hash_seed):
    assert in_another_process(60, hash_seed) == a_minute


def test_in_real_time():
    started = time.perf_counter()
    slow = session.digest(3, realtime=True)
    assert time.perf_counter() - started > 3
    assert slow == session.digest(3)
