"""The flash chip's blocks for littlefs, kept by the host."""

import ops
import rpc

BLOCK_BYTES = 4096
_CHUNK = 512


class Flash:
    """Block device with the extended interface of vfs."""

    def __init__(self):
        self._blocks = rpc.call(ops.FLASH_BLOCKS)

    def readblocks(self, block, buf, offset=0):
        rpc.call(ops.FLASH_READ, block, offset, 0, None, buf)

    def writeblocks(self, block, buf, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        rpc.call(ops.FLASH_WRITE, block, offset, 0, buf)

    def ioctl(self, op, arg):
        if op == 4:
            return self._blocks
        if op == 5:
            return BLOCK_BYTES
        if op == 6:
            rpc.call(ops.FLASH_ERASE, arg)
        return 0
