"""Puts files on a flash before power-on, as `dowel flash` would.

Written by the VM's own littlefs.
"""

from collections.abc import Mapping
from functools import lru_cache

from dowel_host.firmware_files import firmware_files
from dowel_host.twin.direct import serve
from dowel_host.twin.flash import BLOCK_BYTES, Flash
from dowel_host.twin.program import Program
from dowel_host.twin.standins import ops
from dowel_host.twin.vm import Request

_PIECE = 900
_HEAP_FREE = 1 << 17  # the factory's, not the board's


def provision(flash: Flash, files: Mapping[str, bytes] | None = None) -> None:
    """Write files (path -> bytes; the firmware by default) to flash.

    VmMissingError, VmDiedError.
    """
    chosen = dict(firmware_files() if files is None else files)
    flash.load(_image(tuple(sorted(chosen.items())), flash.blocks))


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
