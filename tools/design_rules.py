"""Rules of the house that no linter knows: who may import whom, how long a file may be.

Run as a program it checks the checkout, prints each finding as FILE:LINE: SENTENCE and ends
with status 1 if there is one.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

# A file has one job. Longer ones have two.
MAX_LINES = 300
CODE_FOLDERS = ("firmware", "host", "tests", "bench", "tools")

# What the pure core may import besides itself.
CORE_IMPORTS = ("dowel.core", "array")
# What code on the host may import of the firmware, by its place; the first that fits counts.
WIRE = ("dowel.link.wire",)
WIRE_AND_CORE = (*WIRE, "dowel.core")
HOST_IMPORTS = (
    # The chip is made from its maker's documents: sharing a constant would hide a wrong one.
    ("host/dowel_host/twin/lsm6dsox/", ()),
    # These run in the VM, beside the firmware.
    ("host/dowel_host/twin/standins/", ("dowel",)),
    ("host/dowel_host/twin/", WIRE_AND_CORE),
    ("host/dowel_host/replay", WIRE_AND_CORE),
    ("host/dowel_host/core_loader", WIRE_AND_CORE),
    ("host/", WIRE),
    ("bench/", WIRE_AND_CORE),
    ("tests/", WIRE_AND_CORE),
)

# The firmware does not know that it may be running on a simulated board.
UNKNOWN_TO_FIRMWARE = re.compile(
    r"\b(twins?|simulat\w*|bumble|stand-?ins?|dowel_host)\b", re.IGNORECASE
)


class Import(NamedTuple):
    """One imported name, written out in full, and its line."""

    line: int
    name: str


def imports(source: str, module: str) -> Iterator[Import]:
    """Yield what a module imports; `from a import b` is a.b. module: its own name, dotted."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(node.lineno, f"{base}.{alias.name}")


def is_within(name: str, allowed: Iterable[str]) -> bool:
    """Tell whether a dotted name is one of the allowed ones, or inside of one."""
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def module_name(path: str) -> str:
    """Return the dotted name of a file: firmware/dowel/core/tilt.py is dowel.core.tilt."""
    return ".".join(Path(path).with_suffix("").parts[1:])


def core_findings(path: str, source: str) -> Iterator[str]:
    """The core is pure: it imports itself and `array`."""
    if path.startswith("firmware/dowel/core/"):
        for line, name in imports(source, module_name(path)):
            if not is_within(name, CORE_IMPORTS):
                yield f"{path}:{line}: the core imports only itself and array, not {name}"


def host_findings(path: str, source: str) -> Iterator[str]:
    """Host code takes the wire format from the firmware; replay, bench, tests also the core."""
    allowed = next((names for place, names in HOST_IMPORTS if path.startswith(place)), None)
    if allowed is None:
        return
    for line, name in imports(source, module_name(path)):
        if is_within(name, ["dowel"]) and not is_within(name, allowed):
            may = " and ".join(allowed) or "nothing"
            yield f"{path}:{line}: may import {may} of the firmware, not {name}"


def length_findings(path: str, source: str) -> Iterator[str]:
    """A file has one job and no more than MAX_LINES lines."""
    lines = source.count("\n")
    if lines > MAX_LINES:
        yield f"{path}:{MAX_LINES + 1}: {lines} lines are over {MAX_LINES}; split it by its jobs"


def mention_findings(path: str, source: str) -> Iterator[str]:
    """The firmware speaks of boards and people only."""
    if path.startswith("firmware/"):
        for number, line in enumerate(source.splitlines(), 1):
            for word in UNKNOWN_TO_FIRMWARE.findall(line):
                yield f"{path}:{number}: the firmware knows nothing of '{word}'"


def cycle_findings(files: dict[str, str]) -> Iterator[str]:
    """Arrows between the firmware's folders point one way. files: {path: source}."""
    arrows: dict[str, dict[str, str]] = {}  # folder -> folder it imports -> where
    for path, source in files.items():
        if not path.startswith("firmware/dowel/"):
            continue
        folder = _folder(module_name(path))
        for line, name in imports(source, module_name(path)):
            other = _folder(name)
            if other and folder and other != folder:
                arrows.setdefault(folder, {}).setdefault(other, f"{path}:{line}")
    for folder, others in arrows.items():
        for other, where in others.items():
            if folder in _reached(other, arrows):
                yield f"{where}: {folder}/ imports {other}/, which imports {folder}/"


def _folder(module: str) -> str:
    # dowel.core.tilt -> core. A file right below dowel/ belongs to no folder.
    parts = module.split(".")
    return parts[1] if parts[0] == "dowel" and len(parts) > 2 else ""


def _reached(start: str, arrows: dict[str, dict[str, str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        folder = waiting.pop()
        if folder not in reached:
            reached.add(folder)
            waiting.extend(arrows.get(folder, {}))
    return reached


def findings(files: dict[str, str]) -> list[str]:
    """Return all findings in {path below the checkout: source of a Python file}."""
    found = list(cycle_findings(files))
    for path, source in files.items():
        for rule in (core_findings, host_findings, length_findings, mention_findings):
            found.extend(rule(path, source))
    return sorted(found)


def python_files(root: Path) -> dict[str, str]:
    """Return {path: source} of the checkout's Python files."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in CODE_FOLDERS
        for path in sorted((root / folder).rglob("*.py"))
    }


def main() -> int:
    """Check the checkout that holds this file."""
    found = findings(python_files(Path(__file__).resolve().parent.parent))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
