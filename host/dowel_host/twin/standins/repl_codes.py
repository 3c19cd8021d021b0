"""What the serial line's REPL and the host tell each other besides the calls of ops.

Kinds of code to run, and how it ended.
"""

# Kinds of code.
STOP = 0  # nothing more: the VM is to end
SOURCE = 1  # a program
SINGLE = 2  # a line typed at the prompt: the value of an expression is shown
FILE = 3  # the path of a program on the flash
NOTHING = 4  # ask again: an event was to be delivered

# How it ended.
WELL = 0
RAISED = 1  # the payload is the traceback
EXITED = 2  # SystemExit: a soft reset follows
NO_FILE = 3  # there is no such program
