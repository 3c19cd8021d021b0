"""A whole twin: a person with two chips on, the board, the air, an adapter for the receiver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import TracebackType
from typing import Self

from dowel_host.links.ble import Radio
from dowel_host.recording import Recording, Role
from dowel_host.twin.board import Board
from dowel_host.twin.costs import Costs
from dowel_host.twin.devices import BLUETOOTH_MAC, Devices
from dowel_host.twin.faults import DroppingClient, losing_program
from dowel_host.twin.flash import Flash
from dowel_host.twin.i2c_bus import I2cBus
from dowel_host.twin.lsm6dsox import Lsm6dsox
from dowel_host.twin.program import Program
from dowel_host.twin.provision import provision
from dowel_host.twin.radio.bleak_backend import backend_for
from dowel_host.twin.radio.central import CentralRadio
from dowel_host.twin.radio.link import PacedLink
from dowel_host.twin.radio.peripheral import Peripheral
from dowel_host.twin.radio.settings import LinkSettings
from dowel_host.twin.source import RecordingSource, Scene, Source

MOTOR_PIN = 4  # of the ESP32-S3-DevKitC-1 in hardware/README.md
ADDRESSES: dict[Role, int] = {"upper": 0x6B, "lower": 0x6A}


@dataclass(frozen=True)
class TwinSettings:
    """How a twin is to be.

    clock_error by role (0.01: 1 % fast); drops: items lost on the way into a station; files: on
    its flash, the firmware where None; compiled: to .mpy, as `dowel flash` does; program: what
    runs instead of main.py; own: modules that the MicroPython build brings itself; endless: makes
    a source that never ends of a recording.
    """

    seed: int = 1
    clock_error: dict[Role, float] = field(default_factory=dict[Role, float])
    costs: Costs = field(default_factory=Costs)
    air: LinkSettings = field(default_factory=LinkSettings)
    drops: dict[str, int] = field(default_factory=dict[str, int])
    files: Mapping[str, bytes] | None = None
    compiled: bool = True
    program: Program | None = None
    own: tuple[str, ...] = ()
    endless: Callable[[RecordingSource], Source] | None = None


class Twin:
    """Built, not yet powered. Use as `async with`, inside a BoardLoop."""

    def __init__(self, recording: Recording, settings: TwinSettings | None = None) -> None:
        self.recording = recording
        self.settings = settings or TwinSettings()
        self.scene = Scene()
        self.chips: dict[Role, Lsm6dsox] = {}
        bus = I2cBus()
        for role, address in ADDRESSES.items():
            if role in recording.roles:
                self.chips[role] = chip = self._chip(role)
                bus.devices[address] = chip
        self.link = PacedLink(self.settings.air)
        self.peripheral = Peripheral(self.link, BLUETOOTH_MAC)
        flash = Flash(None)
        program = self.settings.program or losing_program(self.settings.drops)
        provision(
            flash,
            self.settings.files,
            compiled=self.settings.compiled,
            used_by=program.source(),
        )
        self.board = Board(
            Devices(bus, flash, self.peripheral),
            seed=self.settings.seed,
            costs=self.settings.costs,
            program=replace(program, own=self.settings.own or program.own),
        )
        self.adapter: CentralRadio | None = None
        self._dropping = DroppingClient(0)

    def _chip(self, role: Role) -> Lsm6dsox:
        site = self.recording.sites[self.recording.roles[role]]
        recorded = RecordingSource(self.recording.t_us, site.gyr, site.acc)
        endless = self.settings.endless
        source = recorded if endless is None else endless(recorded)
        return Lsm6dsox(source, self.scene, clock_error=self.settings.clock_error.get(role, 0.0))

    async def __aenter__(self) -> Self:
        self.adapter = await CentralRadio.open(self.link)
        self.board.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.board.stop()
        if self.adapter is not None:
            await self.adapter.close()
        await self.peripheral.active(False)

    @property
    def radio(self) -> Radio:
        """The receiver's adapter, as bleak backends."""
        scanner, client = backend_for(self.adapter)
        return Radio(scanner, self._dropping.wrap(client))

    def arm_drops(self) -> None:
        """From now on items are lost on the way into the stations outside the firmware."""
        drops = self.settings.drops
        chip = next(iter(self.chips.values()))
        chip.drop = drops.get("chip", 0)
        chip.fifo.drop_unread = drops.get("driver", 0)
        self.peripheral.station.drop = drops.get("radio", 0)
        self._dropping.left = drops.get("receiver", 0)

    def motor_starts_us(self) -> list[int]:
        """Board times at which the motor's pin was switched on."""
        edges = self.board.pins.edges(MOTOR_PIN)
        return [
            after.t_us
            for before, after in pairwise(edges)
            if after.level > 0 and before.level == 0
        ]

    @property
    def end_us(self) -> int | None:
        """Board time at which the recording is over; None while it has not begun."""
        start_us = self.scene.start_us
        return None if start_us is None else start_us + self.recording.duration_us
