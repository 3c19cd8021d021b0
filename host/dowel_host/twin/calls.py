"""What each call of a stand-in does on the board, and what it costs.

Waiting and events are the board's own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from dowel_host.twin.answer import Answer
from dowel_host.twin.radio.calls import RadioCalls
from dowel_host.twin.serial_port import BYTE_US
from dowel_host.twin.standins import ops

if TYPE_CHECKING:
    from dowel_host.twin.board import Board
    from dowel_host.twin.vm import Request

Handler = Callable[["Request"], Answer | Awaitable[Answer]]

FIFO_DATA_OUT_TAG = 0x78
_FIFO_SET_BYTES = 21  # three words of seven bytes: what the filter is charged for
_BOOT_PIECE = 900


class Calls:
    """Table of handlers, one for each call.

    OSError in a handler reaches the firmware as its errno.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._cost_us = 0
        self._table: dict[int, Handler] = {
            ops.NOP: lambda _: Answer(),
            ops.STARTED: self._started,
            ops.HEAP: self._heap,
            ops.BOOT: self._boot,
            ops.RANDOM: self._random,
            ops.SAY: self._say,
            ops.I2C_READ: self._i2c_read,
            ops.I2C_WRITE: self._i2c_write,
            ops.I2C_SCAN: self._i2c_scan,
            ops.PIN_INIT: self._pin_init,
            ops.PIN_SET: self._pin_set,
            ops.PIN_GET: self._pin_get,
            ops.PIN_IRQ: self._pin_irq,
            ops.PWM_INIT: self._pwm_init,
            ops.PWM_DUTY: self._pwm_duty,
            ops.ADC_READ: self._adc_read,
            ops.WDT_START: self._wdt_start,
            ops.WDT_FEED: self._wdt_feed,
            ops.RESET_CAUSE: lambda _: Answer(board.devices.reset_cause),
            ops.UNIQUE_ID: lambda _: Answer(payload=board.devices.unique_id),
            ops.SERIAL_WAITING: lambda _: Answer(board.devices.serial.waiting()),
            ops.SERIAL_READ: self._serial_read,
            ops.SERIAL_WRITE: self._serial_write,
            ops.SERIAL_INTERRUPT_CHAR: self._serial_interrupt_char,
            ops.TIMER_START: self._timer_start,
            ops.TIMER_STOP: self._timer_stop,
            ops.FLASH_BLOCKS: lambda _: Answer(board.devices.flash.blocks),
            ops.FLASH_READ: self._flash_read,
            ops.FLASH_WRITE: self._flash_write,
            ops.FLASH_ERASE: self._flash_erase,
        }
        self._table.update(
            RadioCalls(board.devices.peripheral, self.charge, board.meter.costs).table()
        )
        self._table.update(board.extra_calls)

    def handle(self, request: Request) -> Answer | Awaitable[Answer]:
        """Do what a call asks."""
        handler = self._table.get(request.op)
        if handler is None:
            raise NotImplementedError(f"the board does not model the call {request.name}")
        try:
            return handler(request)
        except OSError as error:
            return Answer.refusal(error)

    def charge(self, cost_us: float) -> None:
        """The call under way takes cost_us, jittered."""
        self._cost_us += self._board.meter.draw_us(cost_us)

    def take_cost_us(self) -> int:
        """Cost of the call just handled."""
        cost_us, self._cost_us = self._cost_us, 0
        return cost_us

    # -- the VM itself

    def _started(self, request: Request) -> Answer:
        self._board.heap.started(request.a, request.b)
        return Answer()

    def _heap(self, request: Request) -> Answer:
        self._board.heap.note(request.a)
        return Answer()

    def _boot(self, request: Request) -> Answer:
        return Answer(payload=self._board.boot_text()[request.a : request.a + _BOOT_PIECE])

    def _random(self, request: Request) -> Answer:
        return Answer(payload=self._board.random.randbytes(request.a))

    def _say(self, request: Request) -> Answer:
        self._board.devices.reports.append((request.a, request.payload))
        return Answer()

    # -- I2C

    def _i2c_read(self, request: Request) -> Answer:
        bus = self._board.devices.bus
        self._cost_us += self._board.meter.i2c_us(request.wanted)
        data = bus.read_register(request.a, request.b, request.wanted, self._board.loop.now_us)
        if request.b == FIFO_DATA_OUT_TAG:
            self.charge(
                self._board.meter.costs.filter_sample_us * (request.wanted / _FIFO_SET_BYTES)
            )
        return Answer(payload=data)

    def _i2c_write(self, request: Request) -> Answer:
        self._cost_us += self._board.meter.i2c_us(len(request.payload))
        self._board.devices.bus.write(request.a, request.payload, self._board.loop.now_us)
        return Answer(len(request.payload))

    def _i2c_scan(self, _request: Request) -> Answer:
        found = sorted(self._board.devices.bus.devices)
        self._cost_us += sum(self._board.meter.i2c_us(0) for _ in range(0x08, 0x78))
        return Answer(payload=bytes(found))

    # -- pins

    def _pin_init(self, request: Request) -> Answer:
        self._board.pins.configure(request.a, request.c)
        self.charge(self._board.meter.costs.pin_us)
        return Answer()

    def _pin_set(self, request: Request) -> Answer:
        self.charge(self._board.meter.costs.pin_us)
        self._board.pins.drive(request.a, request.b, self._board.loop.now_us)
        return Answer()

    def _pin_get(self, request: Request) -> Answer:
        self.charge(self._board.meter.costs.pin_us)
        return Answer(self._board.pins.read(request.a))

    def _pin_irq(self, request: Request) -> Answer:
        self._board.pins.watch(request.a, request.b)
        return Answer()

    def _pwm_init(self, _request: Request) -> Answer:
        self.charge(self._board.meter.costs.pwm_us)
        return Answer()

    def _pwm_duty(self, request: Request) -> Answer:
        self.charge(self._board.meter.costs.pwm_us)
        self._board.pins.drive(request.a, request.b, self._board.loop.now_us)
        return Answer()

    def _adc_read(self, request: Request) -> Answer:
        self.charge(self._board.meter.costs.adc_us)
        return Answer(self._board.pins.voltage(request.a))

    def _wdt_start(self, request: Request) -> Answer:
        self._board.start_watchdog(request.a)
        return Answer()

    def _wdt_feed(self, _request: Request) -> Answer:
        self._board.feed_watchdog()
        return Answer()

    # -- serial port and timers

    def _serial_read(self, request: Request) -> Answer:
        data = self._board.devices.serial.read(request.wanted)
        return Answer(len(data), data)

    def _serial_write(self, request: Request) -> Answer:
        self.charge(BYTE_US * len(request.payload))
        self._board.devices.serial.write(request.payload)
        return Answer()

    def _serial_interrupt_char(self, request: Request) -> Answer:
        self._board.devices.serial.set_interrupt_char(request.a)
        return Answer()

    def _timer_start(self, request: Request) -> Answer:
        self._board.timers.start(request.a, request.b, again=request.c != 0)
        return Answer()

    def _timer_stop(self, request: Request) -> Answer:
        self._board.timers.stop(request.a)
        return Answer()

    # -- flash

    def _flash_read(self, request: Request) -> Answer:
        self.charge(self._board.meter.costs.flash_read_us)
        return Answer(payload=self._board.devices.flash.read(request.a, request.b, request.wanted))

    def _flash_write(self, request: Request) -> Answer:
        self.charge(self._board.meter.costs.flash_program_byte_us * len(request.payload))
        self._board.devices.flash.write(request.a, request.b, request.payload)
        return Answer()

    def _flash_erase(self, request: Request) -> Answer:
        self.charge(self._board.meter.costs.flash_erase_us)
        self._board.devices.flash.erase(request.a)
        return Answer()
