"""Who sits at a central: what they can see and type, and what they do when it pairs."""

from __future__ import annotations

from bumble.pairing import PairingDelegate

from dowel_host.twin.radio.smp_session import KEYS, Passkey

IoCapability = PairingDelegate.IoCapability


class PairingAgent(PairingDelegate):
    """can: screen and keys of the central.

    passkey: the six digits they type where a board shows some, None: they give up; and those that
    the central shows, where None has it draw some. agrees: what they say of two numbers.
    shown: numbers that the central has shown, oldest first.
    """

    def __init__(
        self,
        can: IoCapability = IoCapability.NO_OUTPUT_NO_INPUT,
        *,
        passkey: int | None = None,
        agrees: bool = True,
    ) -> None:
        super().__init__(
            can, local_initiator_key_distribution=KEYS, local_responder_key_distribution=KEYS
        )
        self.passkey = passkey
        self.agrees = agrees
        self.shown: list[int] = []

    @property
    def proves(self) -> bool:
        """Whether a man in the middle can be kept out: there are keys or a screen."""
        return self.io_capability != IoCapability.NO_OUTPUT_NO_INPUT

    async def get_number(self) -> int | None:
        """Type what the board shows."""
        return None if self.passkey is None else Passkey(self.passkey)

    async def generate_passkey(self) -> int:
        """Get the number to show."""
        chosen = await super().generate_passkey() if self.passkey is None else self.passkey
        return Passkey(chosen)

    async def display_number(self, number: int, digits: int) -> None:  # noqa: ARG002 - bumble's
        """Show a number."""
        self.shown.append(int(number))

    async def compare_numbers(self, number: int, digits: int) -> bool:  # noqa: ARG002 - bumble's
        """Show a number, and say whether it is the board's."""
        self.shown.append(number)
        return self.agrees
