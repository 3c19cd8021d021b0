"""What a VM is to run."""

from dataclasses import dataclass
from typing import Any

from dowel_host.twin.vm import HEAP_FREE_BYTES


@dataclass(frozen=True)
class Program:
    """text: the program; modules: stand-ins it needs; before: lines that run just before it."""

    text: str = "import main"
    modules: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    heap_free: int = HEAP_FREE_BYTES

    def plan(self) -> dict[str, Any]:
        """As boot.py reads it."""
        return {
            "program": self.text,
            "modules": self.modules,
            "before": self.before,
            "heap_free": self.heap_free,
        }
