"""A board with a MicroPython VM on it: one clock, exact sleeps, events, resets, ends."""

import time

import pytest

from dowel_host.twin import vm
from dowel_host.twin.costs import TICK_US, Costs
from twin.programs import run_program

NO_JITTER = Costs(jitter=0.0)


def numbers(lines: list[str]) -> list[int]:
    return [int(line) for line in lines]


def test_an_hour_of_sleep_passes_at_once_on_the_boards_clock() -> None:
    started = time.perf_counter()
    ran = run_program("import time; time.sleep(3600); print(time.ticks_ms())")
    assert 3_600_000 <= int(ran.lines[0]) < 3_601_000
    assert time.perf_counter() - started < 30


def test_short_sleeps_are_exact_and_long_ones_end_on_the_tick() -> None:
    ran = run_program(
        """
import time
for us in (1, 500, 9000, 10000, 12345, 40000):
    before = time.ticks_us()
    time.sleep_us(us)
    print(time.ticks_diff(time.ticks_us(), before), time.ticks_us())
""",
        costs=NO_JITTER,
    )
    rows = [tuple(int(word) for word in line.split()) for line in ran.lines]
    for asked_us, (took_us, ended_us) in zip((1, 500, 9000), rows[:3], strict=True):
        assert asked_us <= took_us <= asked_us + 50, "below a tick it is a busy wait"
        del ended_us
    for asked_us, (took_us, ended_us) in zip((10000, 12345, 40000), rows[3:], strict=True):
        assert asked_us <= took_us <= asked_us + TICK_US + 50
        assert ended_us % TICK_US < 100, "FreeRTOS wakes on its tick"


def test_tasks_wake_on_the_tick_and_in_the_order_in_which_they_are_due() -> None:
    ran = run_program(
        """
import asyncio, time
async def task(name, ms):
    await asyncio.sleep_ms(ms)
    print(name, time.ticks_ms())
async def main():
    await asyncio.gather(task('late', 55), task('early', 12), task('middle', 31))
asyncio.run(main())
"""
    )
    names = [line.split()[0] for line in ran.lines]
    times = [int(line.split()[1]) for line in ran.lines]
    assert names == ["early", "middle", "late"]
    assert all(ms % 10 <= 2 for ms in times)


def test_cancel_and_timeouts_are_exact() -> None:
    ran = run_program(
        """
import asyncio, time
async def long():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        print(time.ticks_ms() - start)
        raise
async def main():
    global start
    start = time.ticks_ms()
    try:
        await asyncio.wait_for_ms(long(), 200)
    except asyncio.TimeoutError:
        print(time.ticks_ms() - start)
    start = time.ticks_ms()
    task = asyncio.create_task(long())
    await asyncio.sleep_ms(50)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print(time.ticks_ms() - start)
asyncio.run(main())
"""
    )
    cancelled, timed_out, cancelled_task, awaited = numbers(ran.lines)
    assert 200 <= cancelled <= timed_out <= 212
    assert 50 <= cancelled_task <= awaited <= 62


def test_events_and_locks_of_asyncio_work_on_the_boards_clock() -> None:
    ran = run_program(
        """
import asyncio, time
async def main():
    event, lock = asyncio.Event(), asyncio.Lock()
    async def waiter(name):
        await event.wait()
        async with lock:
            await asyncio.sleep_ms(20)
            print(name)
    tasks = [asyncio.create_task(waiter(n)) for n in 'abc']
    await asyncio.sleep_ms(30)
    event.set()
    for task in tasks:
        await task
    print(time.ticks_ms() - start)
start = time.ticks_ms()
asyncio.run(main())
"""
    )
    assert ran.lines[:3] == ["a", "b", "c"]
    assert 90 <= int(ran.lines[3]) <= 150


def test_a_loop_that_only_reads_the_clock_does_not_stop_the_world() -> None:
    ran = run_program(
        """
import time
start = time.ticks_ms()
end = time.ticks_add(start, 1000)
while time.ticks_diff(end, time.ticks_ms()) > 0:
    pass
print(time.ticks_ms() - start)
"""
    )
    assert 1000 <= int(ran.lines[0]) <= 1001


def test_a_button_reaches_its_handler_and_wakes_the_main_task() -> None:
    def press_at_505_ms(board) -> None:
        board.loop.call_at_us(505_000, board.pins.set_outside, 6, 0)
        board.loop.call_at_us(550_000, board.pins.set_outside, 6, None)

    ran = run_program(
        """
import asyncio, time
from machine import Pin
flag = asyncio.ThreadSafeFlag()
pin = Pin(6, Pin.IN, Pin.PULL_UP)
pin.irq(lambda p: flag.set(), Pin.IRQ_FALLING)
async def main():
    print(pin.value())
    await flag.wait()
    print(time.ticks_ms(), pin.value())
asyncio.run(main())
""",
        prepare=press_at_505_ms,
    )
    assert ran.lines[0] == "1"
    woken_ms, level = (int(word) for word in ran.lines[1].split())
    assert 505 <= woken_ms <= 507
    assert level == 0


def test_interrupts_come_in_the_middle_of_work_at_calls_that_the_seed_chooses() -> None:
    def press(board) -> None:
        board.loop.call_at_us(200_000, board.pins.set_outside, 6, 0)

    text = """
import time
from machine import Pin
pin, out = Pin(6, Pin.IN, Pin.PULL_UP), Pin(7, Pin.OUT)
seen = []
pin.irq(lambda p: seen.append(count), Pin.IRQ_FALLING)
count = 0
while not seen:
    out.value(count & 1)
    count += 1
print(seen[0])
"""
    calls = {int(run_program(text, seed=seed, prepare=press).lines[0]) for seed in range(8)}
    assert len(calls) > 2, "always at the same call would hide races"
    again = {int(run_program(text, seed=3, prepare=press).lines[0]) for _ in range(3)}
    assert len(again) == 1


def test_the_heap_is_that_of_an_esp32(report) -> None:
    ran = run_program("import gc; print(gc.mem_free())")
    assert 90 * 1024 <= int(ran.lines[0]) <= 96 * 1024
    assert ran.board.heap.free_at_start <= 96 * 1024


def test_a_program_that_wants_more_memory_does_not_get_it() -> None:
    with pytest.raises(vm.VmDiedError, match="MemoryError"):
        run_program("x = bytearray(110 * 1024)")


def test_the_hosts_disk_is_out_of_reach() -> None:
    ran = run_program(
        """
import os
print(os.listdir('/'))
for path in ('/etc/passwd', '../../etc/passwd', '/proc/self/maps'):
    try:
        open(path)
        print('open')
    except OSError as error:
        print(error.errno)
"""
    )
    assert ran.lines == ["[]", "2", "2", "2"]


def test_a_vm_that_hangs_is_ended_and_its_last_call_told(monkeypatch) -> None:
    monkeypatch.setattr(vm, "ANSWER_TIMEOUT_S", 0.5)
    with pytest.raises(vm.VmDiedError, match=r"no answer for .* last call was PIN_"):
        run_program("from machine import Pin\nPin(4, Pin.OUT, value=1)\nwhile True: pass")


def test_an_uncaught_exception_ends_the_board_with_the_traceback() -> None:
    with pytest.raises(vm.VmDiedError, match=r"(?s)status 1.*ZeroDivisionError"):
        run_program("1 // 0")


def test_outputs_are_seen_from_outside_with_their_time() -> None:
    ran = run_program(
        """
import time
from machine import PWM, Pin
motor = PWM(Pin(4), freq=20000, duty_u16=0)
time.sleep_ms(100)
motor.duty_u16(40000)
time.sleep_ms(50)
motor.duty_u16(0)
""",
        costs=NO_JITTER,
    )
    edges = ran.board.pins.edges(4)
    assert [edge.level for edge in edges] == [0, 40000, 0]
    on_us, off_us = edges[1].t_us - edges[0].t_us, edges[2].t_us - edges[1].t_us
    assert 100_000 <= on_us <= 110_000
    assert 50_000 <= off_us <= 60_000


@pytest.mark.parametrize("name", ["pin_us", "adc_us", "pwm_us", "flash_erase_us"])
def test_a_doubled_cost_is_seen_in_the_boards_time(name: str) -> None:
    text = """
import time
from machine import ADC, PWM, Pin
pin, adc, pwm = Pin(5, Pin.OUT), ADC(Pin(1)), PWM(Pin(4))
before = time.ticks_us()
for n in range(20):
    pin.value(n & 1)
    adc.read_uv()
    pwm.duty_u16(n)
with open('file', 'w') as file:
    file.write('x' * 5000)
print(time.ticks_diff(time.ticks_us(), before))
"""
    once = int(run_program(text, costs=NO_JITTER).lines[0])
    twice = int(run_program(text, costs=NO_JITTER.doubled(name)).lines[0])
    assert twice - once >= getattr(NO_JITTER, name)
