"""Modules that a MicroPython build brings itself, used in place of our stand-ins."""

import os
import subprocess
from collections.abc import Iterable

from dowel_host.errors import DowelError
from dowel_host.twin.program import OWN_MODULES
from dowel_host.twin.vm import ANSWER_TIMEOUT_S, find_vm, search_path


class OwnModuleError(DowelError):
    """A stand-in cannot be left out: there is none of that name, or nothing to take its place."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"--own {name}: {why}.")
        self.name = name


def check_own(names: Iterable[str]) -> tuple[str, ...]:
    """Return names, each once, if the VM can import them all. OwnModuleError, VmMissingError."""
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in OWN_MODULES:
            raise OwnModuleError(name, f"only {' and '.join(OWN_MODULES)} can be left out")
        _check_import(name)
    return chosen


def _check_import(name: str) -> None:
    # Without the board behind it, so that what goes wrong is the module's own fault.
    vm = find_vm()
    try:
        done = subprocess.run(
            [str(vm), "-c", f"import {name}"],
            env=dict(os.environ, MICROPYPATH=search_path()),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OwnModuleError(name, f"importing it from {vm} takes for ever") from error
    if done.returncode:
        *_, last = (done.stderr + done.stdout).strip().splitlines() or ["no reason given"]
        raise OwnModuleError(
            name,
            f"{vm} has none that can be imported ({last}); name a build that has one with "
            "MICROPYTHON=PATH, or a folder that holds one with MICROPYPATH=FOLDER",
        )
