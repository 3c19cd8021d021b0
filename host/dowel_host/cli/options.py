"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

LowerSite = Annotated[
    str | None, typer.Option(help="The recording's site for the lower sensor.", metavar="SITE")
]
UpperSite = Annotated[
    str | None, typer.Option(help="The recording's site for the upper sensor.", metavar="SITE")
]
RadioTransport = Annotated[
    str | None,
    typer.Option(help="A twin's radio, as `dowel twin` prints it.", metavar="TRANSPORT"),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
