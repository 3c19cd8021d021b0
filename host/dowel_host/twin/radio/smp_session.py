"""bumble's pairing, corrected: failures are no warnings, and a passkey may be 0."""

from __future__ import annotations

from bumble import smp
from bumble.core import ProtocolError
from bumble.pairing import PairingDelegate

KEYS = (
    PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY
    | PairingDelegate.KeyDistribution.DISTRIBUTE_IDENTITY_KEY
)
# Both sides give a pairing up after this long without a word (Core Specification, Vol 3, Part H,
# 3.4), and with it the connection.
TIMEOUT_S = 30.0


class Passkey(int):
    """A passkey; bumble asserts that it is true, which 0 is not."""

    def __bool__(self) -> bool:
        return True


class Session(smp.Session):
    """One attempt at pairing."""

    def on_pairing_failure(self, reason: smp.ErrorCode) -> None:
        """It has failed; bumble's own warns in the log."""
        if self.completed:
            return
        self.completed = True
        if self.pairing_result is not None and not self.pairing_result.done():
            self.pairing_result.set_exception(ProtocolError(reason, "smp", reason.name))
        self.manager.on_pairing_failure(self, reason)

    def on_smp_pairing_request_command(self, command: smp.SMP_Pairing_Request_Command) -> None:
        """A peer wants to pair; once more, in a new session: bumble would go on with the old."""
        if not self.completed:
            super().on_smp_pairing_request_command(command)
            return
        self.on_disconnection(0)  # lets go of the connection
        self.manager.on_smp_pdu(self.connection, bytes(command))
