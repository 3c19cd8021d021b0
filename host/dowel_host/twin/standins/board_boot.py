"""First program of the VM: puts the stand-ins in place, mounts the flash at /, runs what the host
names.

micropython -X heapsize=... -c "import board_boot; board_boot.run(FD)"     with this folder on
MICROPYPATH
"""

import gc
import json
import sys

import board_asyncio
import board_flash
import board_identity
import board_os
import board_serial
import board_time
import ops
import rpc
import vfs


def run(fd):
    """Become the board whose host end is the socket fd."""
    rpc.connect(open(fd, "r+b", 0))
    plan = _plan()
    _install(plan["own"])
    for name in plan["modules"]:
        __import__(name)
    _mount()
    ballast = _limit_heap(plan["heap_free"])
    for line in plan["before"]:
        exec(line, {})
    exec(plan["program"], {"ballast": ballast})


def _plan():
    """What to run, as the host says it: fetched in pieces."""
    text = b""
    while True:
        piece = rpc.fetch(ops.BOOT, len(text))
        if not piece:
            return json.loads(text)
        text += piece


def _install(own):
    sys.modules["time"] = sys.modules["utime"] = board_time
    for name in ("machine", "bluetooth"):
        # The VM's own: imported now, while its files can still be reached.
        sys.modules[name] = __import__(name if name in own else "board_" + name)
    board_asyncio.install()
    sys.modules["os"] = board_os.os
    sys.modules["gc"] = board_os.gc
    board_identity.install()
    sys.modules["sys"].stdin = board_serial.stdin
    sys.modules["sys"].stdout = board_serial.stdout
    sys.modules["micropython"] = board_serial.micropython


def _mount():
    """The host's disk goes out of reach: only the flash is left."""
    import os

    vfs.umount("/")
    flash = board_flash.Flash()
    try:
        vfs.mount(vfs.VfsLfs2(flash), "/")
    except OSError:
        vfs.VfsLfs2.mkfs(flash)
        vfs.mount(vfs.VfsLfs2(flash), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]


def _limit_heap(free):
    """Take what is more than an ESP32 has, in one block; return it, so that it stays taken."""
    gc.collect()
    ballast = bytearray(max(0, gc.mem_free() - free))
    gc.collect()
    rpc.call(ops.STARTED, gc.mem_free(), gc.mem_alloc())
    return ballast
