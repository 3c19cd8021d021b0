"""`--radio TRANSPORT`: another program's virtual radio instead of the computer's adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from dowel_host.cli.common import twin_extra
from dowel_host.links.ble import Radio

_T = TypeVar("_T")


def on_radio(transport: str | None, work: Callable[[Radio], Coroutine[Any, Any, _T]]) -> _T:
    """Run work with the computer's adapter, or with the one behind a bumble transport's name."""
    if transport is None:
        return asyncio.run(work(Radio()))
    with twin_extra("--radio"):
        from dowel_host.twin.radio.transport import adapter_on

    async def run() -> _T:
        async with adapter_on(transport) as radio:
            return await work(radio)

    return asyncio.run(run())
