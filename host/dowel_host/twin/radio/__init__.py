"""The virtual radio: the air, the board's side of it, and a central's."""
