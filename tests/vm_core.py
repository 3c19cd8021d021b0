"""Runs the firmware's core on the MicroPython VM: as viper, as the board does, or as bytecode.

Nothing but the core is there: no board, no virtual time.
"""

import random
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

from dowel_host.core_loader import strip_viper

SAMPLE_BYTES = 16
TICK_MASK = 0x3FFFFFFF
VARIANTS = ("viper", "bytecode")
_FIRMWARE = Path(__file__).resolve().parent.parent / "firmware"
_TIMEOUT_S = 300


class CoreVm:
    """A folder with the core in one variant, and programs run beside it."""

    def __init__(self, micropython: str, variant: str, folder: Path, heap: str = "16m") -> None:
        self.micropython = micropython
        self.folder = folder
        self.heap = heap
        source = _FIRMWARE / "dowel"
        for path in (source / "__init__.py", *sorted((source / "core").glob("*.py"))):
            text = path.read_text()
            target = folder / "dowel" / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(strip_viper(text) if variant == "bytecode" else text)

    def run(self, program: str, *arguments: object) -> list[str]:
        """Run a program with sys.argv[1:] = arguments; return the lines it printed."""
        (self.folder / "program.py").write_text(program)
        command = [self.micropython, "-X", f"heapsize={self.heap}", "program.py"]
        done = subprocess.run(
            [*command, *map(str, arguments)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()


def pack_samples(gyr: Iterable, acc: Iterable, ticks: Iterable[int]) -> bytes:
    """Sample blocks, one after the other: 16 bytes a sample, as core/tilt.py describes them."""
    return b"".join(
        struct.pack("<6hI", *map(int, g), *map(int, a), int(tick) & 0xFFFFFFFF)
        for g, a, tick in zip(gyr, acc, ticks, strict=True)
    )


def recorded_blocks(path: Path) -> dict[str, bytes]:
    """Sample blocks of each site of a recording; ticks as a chip without clock error stamps."""
    np = __import__("numpy")
    blocks = {}
    with np.load(path) as z:
        for key in z.files:
            if not key.startswith("gyr"):
                continue
            words = np.zeros((len(z[key]), 8), "<i2")
            words[:, 0:3] = z[key]
            words[:, 3:6] = z["acc" + key[3:]]
            words[:, 6:8] = (z["t_us"] // 25).astype("<u4").view("<i2").reshape(-1, 2)
            blocks[key[4:] or "sensor"] = words.tobytes()
    return blocks


def burst_sizes(samples: int, seed: int, largest: int = 32) -> bytes:
    """Sizes of bursts, 1 to largest, that add up to so many samples."""
    rng = random.Random(seed)
    sizes = bytearray()
    while samples > 0:
        size = min(rng.randint(1, largest), samples)
        sizes.append(size)
        samples -= size
    return bytes(sizes)
