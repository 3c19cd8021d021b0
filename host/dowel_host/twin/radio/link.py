"""The air between controllers: advertising, connections at their events, range.

A bumble LocalLink, so that bumble's controllers attach to it; what it does for low energy is ours.
bumble's own delivers everything at once, repeats the advertising data as scan response, names the
sender by the wrong address where that is public, and never loses a connection.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bumble import hci
from bumble.controller import Controller
from bumble.link import LocalLink

from dowel_host.twin.clock import BoardLoop
from dowel_host.twin.radio.air import Air
from dowel_host.twin.radio.settings import LinkSettings

if TYPE_CHECKING:
    from dowel_host.twin.radio.controller import Advertisement, RadioController


class PacedLink(LocalLink):
    """Joins RadioControllers, on the running BoardLoop. Any number of centrals and boards."""

    def __init__(self, settings: LinkSettings | None = None) -> None:
        super().__init__()
        loop = asyncio.get_running_loop()
        if not isinstance(loop, BoardLoop):
            raise TypeError("a PacedLink needs a BoardLoop")
        self.loop = loop
        self.settings = settings or LinkSettings()
        # In the order in which they came: bumble keeps a set, whose order differs from run to run.
        self._radios: list[RadioController] = []
        self._dark: list[RadioController] = []
        self._airs: list[Air] = []

    # -- who is there -------------------------------------------------------------------------

    def add_controller(self, controller: Controller) -> None:
        """Attach a controller: bumble's Controller does this itself. ValueError: address taken."""
        from dowel_host.twin.radio.controller import RadioController  # noqa: PLC0415 - a cycle

        if not isinstance(controller, RadioController):
            raise TypeError("a PacedLink joins RadioControllers")
        if any(radio.public_address == controller.public_address for radio in self._radios):
            raise ValueError(f"two controllers with the address {controller.public_address}")
        self._radios.append(controller)

    def remove_controller(self, controller: Controller) -> None:
        """Take a controller away; its peers notice after the supervision timeout."""
        for air in list(self._airs):
            for side in (air.central, air.peripheral):
                if side.radio is controller:
                    side.discard_data()
                    air.fade()
        self._radios = [radio for radio in self._radios if radio is not controller]
        self._dark = [radio for radio in self._dark if radio is not controller]

    @property
    def airs(self) -> tuple[Air, ...]:
        """The connections that stand, oldest first."""
        return tuple(self._airs)

    # -- range --------------------------------------------------------------------------------

    def in_range(self, radio: RadioController) -> bool:
        """Whether the others hear it."""
        return not any(dark is radio for dark in self._dark)

    def go_dark(self, radio: RadioController) -> None:
        """It goes out of range of all others."""
        if self.in_range(radio):
            self._dark.append(radio)
        for air in list(self._airs):
            if air.central.radio is radio or air.peripheral.radio is radio:
                air.fade()

    def come_back(self, radio: RadioController) -> None:
        """It is in range again; connections that were not given up meanwhile go on."""
        self._dark = [dark for dark in self._dark if dark is not radio]
        for air in list(self._airs):
            if self._attached(air.central.radio) and self._attached(air.peripheral.radio):
                air.clear_up()

    def _attached(self, radio: RadioController) -> bool:
        return self.in_range(radio) and any(other is radio for other in self._radios)

    # -- what controllers do ------------------------------------------------------------------

    def broadcast(self, advertisement: Advertisement) -> None:
        """An advertising event: every other controller in range may hear it."""
        if not self.in_range(advertisement.advertiser):
            return
        for radio in list(self._radios):
            if radio is not advertisement.advertiser and self.in_range(radio):
                radio.hear(advertisement)

    def connect(
        self, central: RadioController, own_address: hci.Address, advertisement: Advertisement
    ) -> bool:
        """A central answers an advertisement with a connect request. False: another was faster."""
        peripheral = advertisement.advertiser
        # Who has not yet noticed the end of a connection with that address takes no other.
        if not peripheral.accepts_connections() or own_address in peripheral.le_connections:
            return False
        address = advertisement.address
        central_side = central.open_side(hci.Role.CENTRAL, own_address, address)
        peripheral_side = peripheral.open_side(hci.Role.PERIPHERAL, address, own_address)
        air = Air(self.loop, self.settings, central_side, peripheral_side, self._forget)
        self._airs.append(air)
        for side in (central_side, peripheral_side):
            side.radio.report_connection(side, air)
        return True

    def _forget(self, air: Air) -> None:
        self._airs = [other for other in self._airs if other is not air]
