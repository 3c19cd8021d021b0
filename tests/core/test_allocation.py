"""On the board the core allocates nothing while samples come."""

from core.test_pipeline import training

# Every sample of a training, again and again, in bursts of 1 to 8, with gaps, reps and cues.
PROGRAM = """
import gc, sys
from dowel.core import pipeline
from dowel.core.pipeline import Pipeline

upper = open("upper.samples", "rb").read()
lower = open("lower.samples", "rb").read()
total = len(upper) // 16
gc.collect()
heap = gc.mem_alloc()
core = Pipeline(3)
gc.collect()
print("core", gc.mem_alloc() - heap)
block = bytearray(16 * 8)

# Takes the role's samples from `at` on into block without allocation, with ticks moved by `shift`.
@micropython.viper
def load(source, at: int, n: int, shift: int):
    s = ptr32(source)
    b = ptr32(block)
    i = 0
    while i < n * 4:
        b[i] = s[at * 4 + i]
        i += 1
        if i & 3 == 0:
            b[i - 1] += shift

def go(start, stop, shift):
    at = start
    n = 1
    seen = 0
    while at < stop:
        n = n % 8 + 1
        if n > stop - at:
            n = stop - at
        load(upper, at, n, shift)
        core.feed(0, block, n, False)
        load(lower, at, n, shift)
        core.feed(1, block, n, at == start)
        at += n
        while True:
            events = core.step()
            if not events:
                break
            seen |= events
    return seen

def learn(core, count):
    n = 0
    while n < count:
        core.timebase[0].observe(n * 40000, n * 1000000, n * 1000000 + 600)
        core.timebase[1].observe(n * 39000, n * 1000000, n * 1000000 + 600)
        n += 1

seen = before = after = again = 0
go(0, 4, 0)
learn(Pipeline(3), 20)
gc.collect()
gc.disable()
before = gc.mem_alloc()
seen = go(4, total, 0)
while again < 5:
    again += 1
    seen |= go(0, total, again * (total + 20) * 192)
learn(core, 20)
after = gc.mem_alloc()
print("samples", sum(core.samples_in))
print("events", seen)
print("allocated", after - before)
"""


def test_feed_and_step_allocate_nothing(viper_vm, report):
    for name, movement in zip(("upper", "lower"), training(), strict=True):
        (viper_vm.folder / f"{name}.samples").write_bytes(movement.block())
    lines = dict(line.split(" ", 1) for line in viper_vm.run(PROGRAM))
    report("heap of the core, two sensors", f"{lines['core']} bytes")
    assert int(lines["samples"]) > 20_000
    assert int(lines["events"]) == 63  # STEP, LIVE, REP, CUE_ON, CUE_OFF and ZEROED all came
    assert lines["allocated"] == "0"
    assert int(lines["core"]) < 9000
