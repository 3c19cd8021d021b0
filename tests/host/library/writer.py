"""A process that writes reps into libraries until it is killed.

    writer.py batches LIBRARY DEVICE FIRST COUNT    reps FIRST.. in batches of 1 to 3
    writer.py libraries FOLDER                      one rep into each of 0.sqlite, 1.sqlite ...

It prints `begin`, and then the number of each rep or library that is surely stored.
"""

import sys
from itertools import count
from pathlib import Path

from dowel_host.library import Library
from host.library.rig import DEVICE, SOME_UTC_MS, numbered


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def batches(path, device, first, number):
    with Library(path) as library:
        seq = first
        while seq < first + number:
            batch = [numbered(seq + k) for k in range(1 + seq % 3)]
            for key in library.add_reps(device, batch, SOME_UTC_MS).keys:
                say(key.seq)
            seq += len(batch)


def libraries(folder):
    for number in count():
        with Library(folder / f"{number}.sqlite") as library:
            library.add_reps(DEVICE, [numbered(number)], SOME_UTC_MS)
            say(number)


if __name__ == "__main__":
    what, place, *rest = sys.argv[1:]
    say("begin")
    if what == "batches":
        batches(Path(place), rest[0], int(rest[1]), int(rest[2]))
    else:
        libraries(Path(place))
