"""In which order the firmware hears of things, and how late at most."""

import pytest

from dowel_host.twin.events import EventQueue
from dowel_host.twin.standins import ops


@pytest.fixture
def came():
    """Give the list of the events that were told of."""
    return []


@pytest.fixture
def queue(came):
    """Give an empty queue."""
    return EventQueue(1, came.append)


def kinds(queue):
    taken = iter(queue.take, None)
    return [event.kind for event in taken]


def test_what_comes_first_is_served_first(queue, came):
    queue.post_pin(3)
    queue.post_ble(1, (0,), ())
    queue.post_timer(2)
    expected = [ops.EVENT_PIN, ops.EVENT_BLE, ops.EVENT_TIMER]
    assert [event.kind for event in came] == expected
    assert kinds(queue) == expected


def test_an_event_comes_some_calls_late_but_never_after_a_wait(queue):
    delays = set()
    for _ in range(200):
        queue.post_ble(1, (), ())
        calls = 0
        while not queue.due(waited=False):
            calls += 1
        delays.add(calls)
        queue.take()
    assert delays == set(range(8))
    queue.post_ble(1, (), ())
    assert queue.due(waited=True)


def test_control_c_overtakes_all_and_is_raised_at_the_next_call(queue):
    for number in range(5):
        queue.post_timer(number)
    queue.post_interrupt()
    assert queue.due(waited=False)
    assert kinds(queue) == [ops.EVENT_INTERRUPT] + 5 * [ops.EVENT_TIMER]


def test_a_reset_forgets_them(queue):
    queue.post_pin(3)
    queue.clear()
    assert not queue.due(waited=True)
    assert queue.take() is None
