"""Measures a piece of work beside the same loop without it.

Each of the two takes the number of the round. A program's last argument says what is measured.
"""

import gc
import sys
import time

REPEATS = 20  # of timing: the least is what the machine's other work disturbs least


def measure(with_work, without_work):
    """Do what the command line asks for: count, heap or time."""
    without_work(0)  # what is needed once is allocated here
    with_work(0)
    gc.collect()
    {"count": _count, "heap": _heap, "time": _time}[sys.argv[-1]](with_work, without_work)


def _count(with_work, without_work):
    """Write a mark before the empty loop, before the one with work, and after it.

    tools/count_instructions.c counts between them.
    """
    sys.stdout.write("\n")
    without_work(1)
    sys.stdout.write("\n")
    with_work(1)
    sys.stdout.write("\n")


def _heap(with_work, without_work):
    """Print how many bytes the work allocates."""
    gc.disable()
    print(_allocated(with_work) - _allocated(without_work))


def _allocated(work):
    before = gc.mem_alloc()
    work(1)
    return gc.mem_alloc() - before


def _time(with_work, without_work):
    """Print the microseconds that the work takes, its garbage collections included."""
    print(_best_us(with_work) - _best_us(without_work))


def _best_us(work):
    best = 1 << 29
    for round_ in range(1, REPEATS + 1):
        begin = time.ticks_us()
        work(round_)
        best = min(best, time.ticks_diff(time.ticks_us(), begin))
    return best
