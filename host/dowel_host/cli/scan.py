"""`dowel scan`: the devices that are near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dowel_host.cli.common import notes, print_document
from dowel_host.cli.options import RadioTransport
from dowel_host.cli.radio import on_radio
from dowel_host.links.ble import Found, Radio, read_battery, scan


@dataclass(frozen=True)
class _Seen:
    found: Found
    battery_percent: int | None


def scan_devices(
    radio: RadioTransport = None,
    seconds: Annotated[float, typer.Option(help="Listen so long.", min=0.1)] = 5.0,
    battery: Annotated[bool, typer.Option(help="Connect to each to read its battery.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """List the devices of ours that are near: name, address, signal, battery."""
    seen = on_radio(radio, lambda adapter: _look(adapter, seconds, battery))
    if as_json:
        print_document(
            {
                "devices": [
                    {
                        "name": one.found.name,
                        "address": one.found.address,
                        "rssi_dbm": one.found.rssi_dbm,
                        "battery_percent": one.battery_percent,
                    }
                    for one in seen
                ]
            }
        )
    elif seen:
        Console().print(_table(seen))
    else:
        notes.print("No device of ours is near; switch it on, and end other connections to it.")


async def _look(radio: Radio, seconds: float, battery: bool) -> list[_Seen]:
    found = await scan(radio, seconds)
    return [
        _Seen(one, await read_battery(radio, one.device) if battery else None) for one in found
    ]


def _table(seen: list[_Seen]) -> Table:
    table = Table()
    for column in ("name", "address", "signal dBm", "battery %"):
        table.add_column(column)
    for one in seen:
        charge = "unknown" if one.battery_percent is None else str(one.battery_percent)
        table.add_row(one.found.name, one.found.address, str(one.found.rssi_dbm), charge)
    return table
