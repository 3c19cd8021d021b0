"""Who may do what: the one place that decides it.

Until pairing is built every connection may do everything. What will be asked then: whether the
connection is encrypted and bonded, which `peer` knows.
"""


def may_command(_peer, _kind):
    """Tell whether peer may give a command of this kind (wire.CMD_*)."""
    return True


def may_listen(_peer):
    """Tell whether peer may get live frames and reps."""
    return True
