"""Stand-in for `_asyncio`, and the event loop's wait, on the board's clock.

The C module stamps tasks with the machine's clock: with another `time` its timers leap and
cancel() fires late. These two classes have the interface that asyncio/core.py uses.
"""

import sys

import ops
import rpc
from board_time import ticks_diff, ticks_ms

# One switch of tasks on an ESP32, measured: 322 us (micropython-async #79).
TASK_SWITCH_US = 322


class TaskQueue:
    """Tasks by the time they are due; those due at once in the order they came."""

    def __init__(self):
        self._first = None
        self.switches = False  # the main queue: what is popped runs next

    def peek(self):
        return self._first

    def push(self, task, key=None):
        task.data = None
        task.ph_key = ticks_ms() if key is None else key
        before = None
        at = self._first
        while at is not None and ticks_diff(at.ph_key, task.ph_key) <= 0:
            before = at
            at = at.ph_next
        task.ph_next = at
        if before is None:
            self._first = task
        else:
            before.ph_next = task

    def pop(self):
        task = self._first
        self._first = task.ph_next
        task.ph_next = None
        if self.switches:
            rpc.spend(TASK_SWITCH_US)
        return task

    def remove(self, task):
        before = None
        at = self._first
        while at is not task:
            before = at
            at = at.ph_next
        if before is None:
            self._first = task.ph_next
        else:
            before.ph_next = task.ph_next
        task.ph_next = None


class Task:
    """A coroutine being run.

    state: True running, None waited for, a queue of waiters, a callable, False done.
    """

    def __init__(self, coro, globals=None):
        self.coro = coro
        self.data = None
        self.state = True
        self.ph_key = 0
        self.ph_next = None

    def __iter__(self):
        if not self.state:
            self.state = False
        elif self.state is True:
            self.state = TaskQueue()
        elif type(self.state) is not TaskQueue:
            raise RuntimeError("can't wait")
        return self

    def __next__(self):
        if not self.state:
            raise self.data
        current = core().cur_task
        self.state.push(current)
        current.data = self

    def done(self):
        return not self.state

    def cancel(self):
        loop = core()
        if not self.state:
            return False
        if self is loop.cur_task:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):  # it waits for that one: that one is cancelled
            task = task.data
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            loop._task_queue.push(task)
        elif ticks_diff(task.ph_key, ticks_ms()) > 0:
            loop._task_queue.remove(task)
            loop._task_queue.push(task)
        task.data = loop.CancelledError
        return True


def core():
    """The module asyncio.core, known only after `asyncio` was imported."""
    return sys.modules["asyncio.core"]


def install():
    """Put the classes where `import asyncio` looks, import it, and take over its wait."""
    sys.modules["_asyncio"] = sys.modules["board_asyncio"]
    import asyncio

    asyncio.core.IOQueue.wait_io_event = wait_io_event
    asyncio.core._task_queue.switches = True


def wait_io_event(self, dt_ms):
    """asyncio.core.IOQueue.wait_io_event on the board's clock."""
    if self.map and _dispatch(self):
        return
    if dt_ms == 0:
        return
    why = rpc.call(ops.WAIT, dt_ms)
    while why != ops.WAIT_OVER:
        # A Bluetooth event set a flag: the main task sees it at its next tick, a pin's interrupt
        # wakes it at once.
        if self.map:
            if why == ops.WAIT_EVENT:
                rpc.call(ops.WAIT, 0)
            if _dispatch(self):
                return
        if why == ops.WAIT_WOKEN:
            return
        why = rpc.call(ops.WAIT, ops.RESUME)
    if self.map:
        _dispatch(self)


def _dispatch(queue):
    """Let the tasks run whose objects are ready, as the original does; True when there was one."""
    found = False
    for obj, event in queue.poller.ipoll(0):
        entry = queue.map[id(obj)]
        if event & ~core().select.POLLOUT and entry[0] is not None:
            core()._task_queue.push(entry[0])
            entry[0] = None
            found = True
        if event & ~core().select.POLLIN and entry[1] is not None:
            core()._task_queue.push(entry[1])
            entry[1] = None
            found = True
        if entry[0] is None and entry[1] is None:
            queue._dequeue(obj)
        elif entry[0] is None:
            queue.poller.modify(obj, core().select.POLLOUT)
        else:
            queue.poller.modify(obj, core().select.POLLIN)
    return found
