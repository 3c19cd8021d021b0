"""A VM without a board: its flash and its program served at once, no clock, no costs."""

import json
from collections.abc import Callable

from dowel_host.twin.flash import Flash
from dowel_host.twin.program import Program
from dowel_host.twin.standins import ops
from dowel_host.twin.vm import Request, Vm

_PIECE = 900
Handler = Callable[[Request], tuple[int, bytes]]


def serve(flash: Flash, program: Program, handlers: dict[int, Handler]) -> str:
    """Run program to its end on flash; handlers serve its own calls. Return what it printed.

    VmMissingError, VmDiedError.
    """
    plan = json.dumps(program.plan()).encode()
    vm = Vm()
    table: dict[int, Handler] = {
        ops.BOOT: lambda r: (0, plan[r.a : r.a + _PIECE]),
        ops.FLASH_BLOCKS: lambda _: (flash.blocks, b""),
        ops.FLASH_READ: lambda r: (0, flash.read(r.a, r.b, r.wanted)),
        ops.FLASH_WRITE: lambda r: (flash.write(r.a, r.b, r.payload) or 0, b""),
        ops.FLASH_ERASE: lambda r: (flash.erase(r.a) or 0, b""),
        **handlers,
    }
    nothing: Handler = lambda _: (0, b"")  # noqa: E731 - the default of a table of lambdas
    try:
        while (request := vm.next_request()) is not None:
            value, payload = table.get(request.op, nothing)(request)
            vm.answer(0, value, 0, 0, payload)
        return vm.output()
    finally:
        vm.close()
