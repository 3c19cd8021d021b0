"""What the commands share: output, progress, the twin's extra."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dowel_host.errors import MissingExtraError

# Progress and remarks go to stderr: stdout belongs to the result.
notes = Console(stderr=True)


def print_document(document: dict[str, Any]) -> None:
    """Print one JSON document on stdout."""
    json.dump(document, sys.stdout, indent=2)
    print()


@contextmanager
def progress(what: str) -> Generator[Callable[[float], None]]:
    """Show how far a long work is; the function takes the share done, 0 to 1.

    Nothing where stderr is no terminal.
    """
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=notes,
        disable=not notes.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


@contextmanager
def twin_extra(what: str) -> Generator[None]:
    """Turn a missing package of the extra `twin` into a sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] in ("bumble", "numpy"):
            raise MissingExtraError(what, "twin", error.name) from error
        raise
