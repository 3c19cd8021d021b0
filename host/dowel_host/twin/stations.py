"""What each station handled, and what was lost between two of them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Station:
    """came: in the unit of the station before; went: in its own."""

    came: int
    went: int


@dataclass(frozen=True)
class Stations:
    """The chain, source first. offered: sample sets that were due from the source."""

    offered: int
    chain: Mapping[str, Station]

    def losses(self) -> dict[str, int]:
        """Items lost on the way into each station, by its name; none where nothing was lost."""
        before = self.offered
        lost: dict[str, int] = {}
        for name, station in self.chain.items():
            if before != station.came:
                lost[name] = before - station.came
            before = station.went
        return lost

    @property
    def lost(self) -> int:
        """Sum over all hand-overs."""
        return sum(self.losses().values())
