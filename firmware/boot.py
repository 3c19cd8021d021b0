"""Runs at every start, before main.py, and also when a tool resets the board into its raw REPL.

A watchdog cannot be stopped and outlives a soft reset: without main.py nobody would feed it and
the board would reset in the middle of a file copy. So a timer feeds it until main.py takes over.
"""

import machine

if machine.reset_cause() == machine.SOFT_RESET:
    from dowel import keeper

    keeper.feed_by_timer()
