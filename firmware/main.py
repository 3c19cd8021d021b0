"""Start of the electronic dowel. The button held at power-on leaves the board to the REPL."""

import gc

# Compiling leaves its waste between what stays: collected only when memory is out, the heap would
# be in pieces too small for the buffers. Every 8 KB: smaller costs time at start, larger tears it.
gc.threshold(8192)

from dowel import app, boards  # noqa: E402 - the threshold comes first

app.main(boards.choose())
