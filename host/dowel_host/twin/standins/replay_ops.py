"""Kinds of report that a replay makes with SAY, for the VM and for the host."""

STEPS = 1  # b: bytes used; payload: records of STEP_BYTES
UPS = 2  # b: role, c: samples; payload: the filter's output
REP = 3
END = 4  # payload: repr of a dict

STEP_BYTES = 18  # tick (i32), four angles (i16), events, flags, reserved (u16)
