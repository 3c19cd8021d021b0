"""Puts files on a flash before power-on, as `dowel flash` would.

Written by the VM's own littlefs.
"""

import subprocess
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from dowel_host.firmware_files import firmware_files
from dowel_host.flasher.build import build
from dowel_host.twin.direct import serve
from dowel_host.twin.flash import BLOCK_BYTES, Flash
from dowel_host.twin.program import Program
from dowel_host.twin.standins import ops
from dowel_host.twin.vm import Request, find_vm

_PIECE = 900
_MPY_VERSION = (6, 3)  # what mpy-cross writes
_ARCHES = {1: "x86"}  # others have no 32-bit viper
_HEAP_FREE = 1 << 17  # the factory's, not the board's


def provision(
    flash: Flash,
    files: Mapping[str, bytes] | None = None,
    *,
    compiled: bool = True,
    used_by: str | None = None,
) -> None:
    """Write files (path -> bytes; the firmware's by default) to flash.

    compiled: sources as `dowel flash` does, by mpy-cross for the VM, where it takes such files;
    else as they are. used_by: shrunk first, as `dowel flash` does, but for the names in this text;
    None: not shrunk. VmMissingError, VmDiedError.
    """
    chosen = dict(firmware_files() if files is None else files)
    arch = mpy_arch(find_vm()) if compiled else None
    if arch is not None:
        sources = {path: text for path, text in chosen.items() if path.endswith(".py")}
        others = {path: data for path, data in chosen.items() if path not in sources}
        chosen = build(sources, arch, used_by=used_by) | others
    flash.load(_image(tuple(sorted(chosen.items())), flash.blocks))


@lru_cache(maxsize=4)
def mpy_arch(vm: Path) -> str | None:
    """Return mpy-cross' name of the VM's processor; None where its files would not run there.

    sys.implementation._mpy: version of the format, its minor one << 8, processor << 10.
    """
    ask = "import sys; print(getattr(sys.implementation, '_mpy', 0))"
    done = subprocess.run([str(vm), "-c", ask], capture_output=True, text=True, check=False)
    number = int(done.stdout.strip() or 0) if done.returncode == 0 else 0
    if (number & 0xFF, number >> 8 & 3) != _MPY_VERSION:
        return None
    return _ARCHES.get(number >> 10 & 0xF)


@lru_cache(maxsize=4)
def _image(files: tuple[tuple[str, bytes], ...], blocks: int) -> bytes:
    flash = Flash(None, blocks)
    names = [name for name, _ in files]
    program = Program(
        text=f"import install; install.run({names!r})", modules=("install",), heap_free=_HEAP_FREE
    )

    def feed(request: Request) -> tuple[int, bytes]:
        return 0, files[request.a][1][request.b : request.b + _PIECE]

    serve(flash, program, {ops.FEED: feed})
    return flash.read(0, 0, blocks * BLOCK_BYTES)
