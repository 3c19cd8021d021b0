"""Resets of a board: what stays, what is let go, who causes them."""

from twin.programs import run_program


def test_files_survive_a_reset_and_the_cause_is_told() -> None:
    ran = run_program(
        """
import machine, os
print(machine.reset_cause(), os.listdir('/'))
if 'kept' in os.listdir('/'):
    print(open('kept').read())
else:
    with open('kept', 'w') as file:
        file.write('still here')
    machine.reset()
"""
    )
    # Only the second run's output is kept: each VM has its own.
    assert ran.lines == ["2 ['kept']", "still here"]


def test_the_watchdog_resets_a_board_that_hangs() -> None:
    ran = run_program(
        """
import machine, time
if machine.reset_cause() == machine.WDT_RESET:
    print('reset by the watchdog at', time.ticks_ms())
else:
    watchdog = machine.WDT(timeout=5000)
    time.sleep_ms(3000)
    watchdog.feed()
    while True:
        time.sleep_ms(100)
"""
    )
    assert ran.lines[0].startswith("reset by the watchdog at")
    assert 8000 <= int(ran.lines[0].split()[-1]) <= 8200


def test_a_reset_lets_go_of_every_pin() -> None:
    ran = run_program(
        """
import machine
from machine import Pin
if machine.reset_cause() != machine.HARD_RESET:
    Pin(4, Pin.OUT, value=1)
    machine.reset()
"""
    )
    assert [edge.level for edge in ran.board.pins.edges(4)] == [1, 0]
