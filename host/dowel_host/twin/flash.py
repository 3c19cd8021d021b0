"""The flash chip: blocks of 4 KiB in a file, erased to ones, written by clearing bits."""

from pathlib import Path

BLOCK_BYTES = 4096


class Flash:
    """A file of blocks. Counts erases and programmed bytes."""

    def __init__(self, path: Path | None, blocks: int = 512) -> None:
        """Path None keeps it in memory.

        blocks of 4 KiB: 512 are the 2 MiB of a 4 MiB board's file system.
        """
        self.blocks = blocks
        self.erases = 0
        self.programmed = 0
        self._path = path
        size = blocks * BLOCK_BYTES
        if path is not None and path.exists():
            self._data = bytearray(path.read_bytes().ljust(size, b"\xff")[:size])
        else:
            self._data = bytearray(b"\xff" * size)

    def read(self, block: int, offset: int, size: int) -> bytes:
        """Return size bytes."""
        at = block * BLOCK_BYTES + offset
        return bytes(self._data[at : at + size])

    def write(self, block: int, offset: int, data: bytes) -> None:
        """Program: bits only go from 1 to 0, as on the chip."""
        at = block * BLOCK_BYTES + offset
        old = int.from_bytes(self._data[at : at + len(data)], "little")
        new = old & int.from_bytes(data, "little")
        self._data[at : at + len(data)] = new.to_bytes(len(data), "little")
        self.programmed += len(data)

    def erase(self, block: int) -> None:
        """Set a block to ones."""
        at = block * BLOCK_BYTES
        self._data[at : at + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
        self.erases += 1

    def load(self, image: bytes) -> None:
        """Replace everything, as a factory would."""
        self._data[:] = image.ljust(len(self._data), b"\xff")[: len(self._data)]

    def save(self) -> None:
        """Write the blocks to the file."""
        if self._path is not None:
            self._path.write_bytes(self._data)
