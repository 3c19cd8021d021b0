"""Planted losses: items that vanish on the way into a station, to see that they are missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bleak.backends.client import BaseBleakClient

from dowel_host.twin.program import Program

STATIONS = ("chip", "driver", "core", "link", "radio", "receiver")


def losing_program(drops: Mapping[str, int]) -> Program:
    """Return the firmware's start, its own hand-overs wrapped where losses are wanted inside
    it.
    """
    lines: list[str] = []
    if drops.get("core"):
        lines.append(f"import sabotage; sabotage.drop_samples({drops['core']})")
    if drops.get("link"):
        lines.append(f"import sabotage; sabotage.drop_messages({drops['link']})")
    return Program(modules=("sabotage",) if lines else (), before=tuple(lines))


class DroppingClient:
    """Makes a bleak client backend whose next `left` notifications of live frames and reps never
    arrive.
    """

    def __init__(self, left: int) -> None:
        self.left = left

    def wrap(self, backend: type[BaseBleakClient]) -> type[BaseBleakClient]:
        """Return a subclass of backend."""
        dropper = self

        class Dropping(backend):
            async def start_notify(
                self, characteristic: Any, callback: Callable[[bytearray], None], **kwargs: Any
            ) -> None:
                def pass_on(data: bytearray) -> None:
                    if dropper.left > 0:
                        dropper.left -= 1
                    else:
                        callback(data)

                await super().start_notify(characteristic, pass_on, **kwargs)  # pyright: ignore[reportAbstractUsage] - backend has it

        return Dropping
