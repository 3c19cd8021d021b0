"""What a VM is to run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dowel_host.twin.vm import HEAP_FREE_BYTES

_STANDINS = Path(__file__).parent / "standins"

# Stand-ins that can be left out for a MicroPython build's own module.
OWN_MODULES = ("bluetooth", "machine")

# What MicroPython does at power-on; a flash without boot.py is none the worse.
START = """
try:
    import boot
except ImportError as error:
    if "'boot'" not in str(error):
        raise
import main
"""


@dataclass(frozen=True)
class Program:
    """text: the program; modules: stand-ins it needs; before: lines that run just before it.

    own: modules of OWN_MODULES that the VM brings itself: their stand-ins are left out.
    """

    text: str = START
    modules: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    heap_free: int = HEAP_FREE_BYTES
    own: tuple[str, ...] = ()

    def source(self) -> str:
        """All that it runs outside the flash: stand-ins that it needs included."""
        texts = [(_STANDINS / f"{name}.py").read_text("utf-8") for name in self.modules]
        return "\n".join((*texts, *self.before, self.text))

    def plan(self) -> dict[str, Any]:
        """As board_boot.py reads it."""
        return {
            "program": self.text,
            "modules": self.modules,
            "before": self.before,
            "heap_free": self.heap_free,
            "own": self.own,
        }
