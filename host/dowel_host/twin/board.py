"""The board: a VM in lockstep with everything it touches, on one clock.

Exactly one side runs at a time. The VM blocks in each call; the call's cost moves the clock;
whatever is due meanwhile on the host (radio, buttons, the receiver's own tasks) happens first;
then the VM goes on.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from inspect import isawaitable

from dowel_host.twin.answer import Answer
from dowel_host.twin.calls import Calls, Handler
from dowel_host.twin.clock import BoardLoop
from dowel_host.twin.costs import TICK_US, CostMeter, Costs
from dowel_host.twin.devices import Devices, Heap
from dowel_host.twin.events import Event, EventQueue
from dowel_host.twin.pins import Pins
from dowel_host.twin.program import Program
from dowel_host.twin.standins import ops
from dowel_host.twin.timers import Timers
from dowel_host.twin.vm import Request, Vm


class Board:
    """One powered board.

    start() boots it; it then runs as the loop runs; `ended` says how it ended.
    """

    def __init__(
        self,
        devices: Devices,
        *,
        seed: int = 1,
        costs: Costs | None = None,
        program: Program | None = None,
        extra_calls: dict[int, Handler] | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, BoardLoop):
            raise TypeError("a Board needs a BoardLoop")
        self.loop = loop
        self.devices = devices
        self.meter = CostMeter(costs or Costs(), seed)
        self._events = EventQueue(seed, self._event_came)
        self.pins = Pins(self._events.post_pin)
        self.heap = Heap()
        self.program = program or Program()
        self.random = random.Random(seed ^ 0x5EED)
        self.ended: asyncio.Future[None] = loop.create_future()
        self.extra_calls = extra_calls or {}
        self._calls = Calls(self)
        self._vm: Vm | None = None
        self._wait_until_us: int | None = None
        self._blocked = False  # in WAIT: an event ends it early
        # The one thing that will let the blocked VM go on: a timer, or a task that works on its
        # call.
        self._continuation: asyncio.Handle | asyncio.Task[None] | None = None
        self._watchdog_us: int | None = None
        self._watchdog: asyncio.Handle | None = None
        self.timers = Timers(loop, self._events.post_timer)
        devices.peripheral.post = self._events.post_ble
        devices.serial.interrupt = self._events.post_interrupt

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Power on: start the VM. VmMissingError."""
        self._vm = Vm()
        self._later(self.loop.now_us, lambda: self._run(None))

    def stop(self) -> None:
        """Power off."""
        self._hold()
        self.timers.stop_all()
        if self._vm is not None:
            self._vm.close()
        if not self.ended.done():
            self.ended.set_result(None)

    def output(self) -> str:
        """What the firmware printed."""
        return self._vm.output() if self._vm is not None else ""

    def restart(self, cause: int) -> None:
        """Reset: a new VM on the same flash; chips and host keep what they have."""
        self._hold()
        self._watchdog = self._watchdog_us = None
        self._events.clear()
        if self._vm is not None:
            self._vm.close()
        self.devices.reset_cause = cause
        self.pins.release(self.loop.now_us)
        self.devices.peripheral.reset()
        self.devices.serial.reset()
        self.timers.stop_all()
        self.start()

    def _hold(self) -> None:
        """Cancel what would let the VM go on."""
        self._blocked = False
        for handle in (self._continuation, self._watchdog):
            if handle is not None:
                handle.cancel()

    # -- lockstep -----------------------------------------------------------------------------

    def _run(self, answer: Answer | None) -> None:
        """Let the VM go on with answer, and serve its calls until one has to wait."""
        assert self._vm is not None
        try:
            while True:
                if answer is not None:
                    self._vm.answer(
                        answer.error,
                        answer.value,
                        self.loop.now_us,
                        int(self._events.due(waited=answer.waited)),
                        answer.payload,
                    )
                request = self._vm.next_request()
                if request is None:
                    self.stop()
                    return
                answer = self._serve(request)
                if answer is None:
                    return
        except Exception as error:  # noqa: BLE001 - whoever waits for the board's end gets it
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """End the board with an error."""
        if self._vm is not None:
            self._vm.close()
        if not self.ended.done():
            self.ended.set_exception(error)

    def _serve(self, request: Request) -> Answer | None:
        """Serve one call. None: the VM stays blocked, `_run` is scheduled for later."""
        if request.spent_us and not self._pass(request.spent_us, lambda: self._again(request)):
            return None
        return self._obey(request)

    def _again(self, request: Request) -> None:
        answer = self._obey(request)
        if answer is not None:
            self._run(answer)

    def _obey(self, request: Request) -> Answer | None:
        if request.op == ops.WAIT:
            return self._wait(request.a)
        if request.op == ops.SLEEP:
            return self._sleep(request.a + request.b * 1000)
        if request.op == ops.EVENT:
            return self._fetch_event()
        if request.op == ops.RESET:
            self._continuation = self.loop.call_soon(self.restart, request.a)
            return None
        result = self._calls.handle(request)
        if isawaitable(result):
            self._continuation = self.loop.create_task(self._finish(result))
            return None
        return self._after(result)

    async def _finish(self, result: Awaitable[Answer]) -> None:
        try:
            answer = self._after(await result)
        except OSError as error:
            answer = self._after(Answer.refusal(error))
        except Exception as error:  # noqa: BLE001 - as in _run
            self._fail(error)
            return
        if answer is not None:
            self._run(answer)

    def _after(self, answer: Answer) -> Answer | None:
        """Charge what the call cost; the answer if it can be given at once."""
        cost_us = self._calls.take_cost_us()
        if cost_us and not self._pass(cost_us, lambda: self._run(answer)):
            return None
        return answer

    def _pass(self, us: int, then: Callable[[], None]) -> bool:
        """Move the clock by us.

        False: something is due before; `then` is called at that time instead.
        """
        target_us = self.loop.now_us + us
        due_us = self.loop.next_due_us()
        if due_us is None or due_us > target_us:
            self.loop.advance_to_us(target_us)
            return True
        self._later(target_us, then)
        return False

    def _later(self, at_us: int, then: Callable[[], None]) -> None:
        self._continuation = self.loop.call_at_us(at_us, then)

    # -- waiting ------------------------------------------------------------------------------

    def _wait(self, ms: int) -> Answer | None:
        """The event loop sleeps: until its time, rounded up to the tick, or an event."""
        if ms != ops.RESUME:
            wake_us = self.loop.now_us + ms * 1000
            self._wait_until_us = None if ms < 0 else -(-wake_us // TICK_US) * TICK_US
        return self._block()

    def _sleep(self, us: int) -> Answer | None:
        """time.sleep: exact when short (it is busy), on the tick when long.

        Events are served at its end.
        """
        until_us = self.loop.now_us + us
        if us >= TICK_US:
            until_us = -(-until_us // TICK_US) * TICK_US
        self._later(until_us, lambda: self._run(Answer(waited=True)))
        return None

    def _block(self) -> Answer | None:
        if (event := self._events.first()) is not None:
            return Answer(event.why, waited=True)
        self._blocked = True
        self._continuation = None
        if self._wait_until_us is not None:
            self._later(
                max(self._wait_until_us, self.loop.now_us), lambda: self._wake(ops.WAIT_OVER)
            )
        return None

    def _wake(self, why: int) -> None:
        self._blocked = False
        self._run(Answer(why, waited=True))

    # -- events -------------------------------------------------------------------------------

    def _event_came(self, event: Event) -> None:
        if self._blocked:
            self._blocked = False
            if self._continuation is not None:
                self._continuation.cancel()
            self._later(self.loop.now_us, lambda: self._wake(event.why))

    def _fetch_event(self) -> Answer | None:
        event = self._events.take()
        if event is None:
            return Answer(0)
        if event.kind == ops.EVENT_BLE:
            self._calls.charge(self.meter.costs.ble_event_us)
        return self._after(Answer(event.kind, event.payload))

    # -- for the calls ------------------------------------------------------------------------

    def boot_text(self) -> bytes:
        """What board_boot.py is to run."""
        return json.dumps(self.program.plan()).encode()

    @property
    def watchdog_us(self) -> int:
        """Period of the watchdog, us; 0: none was started since the last reset."""
        return self._watchdog_us or 0

    def start_watchdog(self, timeout_ms: int) -> None:
        """machine.WDT: reset unless fed."""
        self._watchdog_us = timeout_ms * 1000
        self.feed_watchdog()

    def feed_watchdog(self) -> None:
        """machine.WDT.feed."""
        if self._watchdog_us is None:
            return
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._watchdog = self.loop.call_at_us(
            self.loop.now_us + self._watchdog_us, self.restart, _WDT_RESET
        )


_WDT_RESET = 3
