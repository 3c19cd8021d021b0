"""The command `dowel`.

Status 0: done; 1: a fault of this program; 2: bad input, with one sentence on stderr.
"""

import sys

import typer

from dowel_host import __version__
from dowel_host.cli import demo, flash, lifter, live, replay, reps, scan, twin
from dowel_host.errors import DowelError

app = typer.Typer(
    name="dowel",
    help="The electronic dowel: receiver, and the board's twin.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command(name="demo")(demo.demo)
app.command(name="replay")(replay.replay)
app.command(name="live")(live.live)
app.command(name="scan")(scan.scan_devices)
app.command(name="flash")(flash.flash)
app.command(name="lifter")(lifter.lifter)
app.command(name="reps")(reps.reps)
app.command(name="twin")(twin.twin)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"dowel {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=_print_version, is_eager=True
    ),
) -> None:
    """The electronic dowel: receiver, and the board's twin."""


def main() -> None:
    """Entry point of the command."""
    try:
        app()
    except DowelError as error:
        print(f"dowel: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("dowel: stopped.", file=sys.stderr)
        sys.exit(130)
