"""Stand-ins for `os` and `gc`.

The file system is real, randomness is seeded, a collection costs board time.
"""

import gc as _gc
import os as _os

import ops
import rpc

# A collection on an ESP32 without PSRAM, measured: 2.0 to 2.5 ms (micropython-micro-gui #10).
_COLLECT_US = 2000


class Overlay:
    """A module's attributes, some of them replaced."""

    def __init__(self, module, **replaced):
        self._module = module
        for name in replaced:
            setattr(self, name, replaced[name])

    def __getattr__(self, name):
        return getattr(self._module, name)


def _urandom(n):
    return rpc.fetch(ops.RANDOM, n)


def _collect():
    rpc.spend(_COLLECT_US)
    freed = _gc.collect()
    rpc.call(ops.HEAP, _gc.mem_alloc())
    return freed


os = Overlay(_os, urandom=_urandom)
gc = Overlay(_gc, collect=_collect)
