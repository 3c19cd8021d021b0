"""Runs in the VM what comes over the board's serial line: MicroPython's unix port has no raw REPL.

The host plays the line's part, this the interpreter's: one namespace for all that is run until
the next reset.
"""

import builtins
import io
import sys

import board_identity
import ops
import repl_codes
import rpc

_builtin_open = open


def run(identity):
    """Run code until the host has no more. identity: arguments of board_identity.install."""
    board_identity.install(**identity)
    builtins.open = _open
    banner = board_identity.banner()
    namespace = {"__name__": "__main__"}
    while True:
        try:
            kind = rpc.call(ops.REPL_NEXT, 0, 0, 0, banner)
            if kind == repl_codes.STOP:
                return
            if kind == repl_codes.NOTHING:
                continue
            end, text = _execute(kind, _source(), namespace)
            rpc.call(ops.REPL_DONE, end, 0, 0, text)
        except KeyboardInterrupt:
            pass  # it came when the code had ended: there is nothing left to interrupt


def _open(*args, **options):
    # Ctrl-C does not pass through littlefs: a program that only works with files must have a
    # place where it can get in.
    rpc.call(ops.NOP)
    return _builtin_open(*args, **options)


def _source():
    source = b""
    while True:
        piece = rpc.fetch(ops.REPL_SOURCE, len(source))
        if not piece:
            return source
        source += piece


def _execute(kind, source, namespace):
    """How the code ended (repl_codes), and its traceback."""
    try:
        if kind == repl_codes.FILE:
            path = str(source, "utf8")
            if not _is_file(path):
                return repl_codes.NO_FILE, b""
            execfile(path, namespace)
        else:
            form = "single" if kind == repl_codes.SINGLE else "exec"
            exec(compile(source, "<stdin>", form), namespace)
    except SystemExit:
        return repl_codes.EXITED, b""
    except BaseException as error:
        text = io.StringIO()
        sys.print_exception(error, text)
        return repl_codes.RAISED, text.getvalue().encode()
    return repl_codes.WELL, b""


def _is_file(path):
    import os

    try:
        return not os.stat(path)[0] & 0x4000
    except OSError:
        return False
