"""Changes in a source text at the places of its syntax tree; every line stays where it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """From one point of a text to another; lines from 1, columns in bytes, as in ast."""

    line: int
    column: int
    end_line: int
    end_column: int


def whole(node: ast.stmt | ast.expr | ast.arg) -> Place:
    """Return where a node stands."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return Place(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def at_end(node: ast.expr, name: str) -> Place:
    """Return where the name that ends a node stands."""
    place = whole(node)
    return Place(place.end_line, place.end_column - len(name), place.end_line, place.end_column)


class Edits:
    """A text and the changes it is to get; text() makes them all at once."""

    def __init__(self, text: bytes) -> None:
        self._lines = text.split(b"\n")
        self._changes: dict[Place, str] = {}

    def replace(self, place: Place, text: str) -> None:
        """Put text at a place; the first to ask for a place has it."""
        self._changes.setdefault(place, text)

    def replace_node(self, node: ast.stmt | ast.expr, text: str) -> None:
        """Put text in place of a node, and as many line ends as it had."""
        place = whole(node)
        self.replace(place, text + "\n" * (place.end_line - place.line))

    def replace_start(self, node: ast.arg, old: str, new: str) -> None:
        """Put another name where a node begins with one."""
        self.replace(
            Place(node.lineno, node.col_offset, node.lineno, node.col_offset + len(old)), new
        )

    def replace_name_of_definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, new: str
    ) -> None:
        """Put another name behind `def` or `class`."""
        line = self._lines[node.lineno - 1]
        column = line.index(node.name.encode(), line.index(b" ", node.col_offset))
        end = column + len(node.name)
        self.replace(Place(node.lineno, column, node.lineno, end), new)

    def replace_words(self, node: ast.stmt, shorter: Mapping[str, str]) -> None:
        """Put other names in place of words in a statement of one line."""
        line = self._lines[node.lineno - 1]
        for found in re.finditer(rb"\w+", line):
            if (name := found.group().decode()) in shorter:
                place = Place(node.lineno, found.start(), node.lineno, found.end())
                self.replace(place, shorter[name])

    def text(self) -> bytes:
        """Return the changed text."""
        lines = list(self._lines)
        # From the end on: what comes before keeps its place.
        for place, text in reversed(self._outermost()):
            first, last = place.line - 1, place.end_line - 1
            tail = lines[last][place.end_column :]
            new = lines[first][: place.column] + text.encode() + tail
            lines[first : last + 1] = new.split(b"\n")
        return b"\n".join(lines)

    def _outermost(self) -> list[tuple[Place, str]]:
        """Return the changes in order, without those inside another."""
        chosen: list[tuple[Place, str]] = []
        end = (0, 0)
        for place, text in sorted(self._changes.items(), key=_widest_first):
            if (place.line, place.column) >= end:
                chosen.append((place, text))
                end = (place.end_line, place.end_column)
        return chosen


def _widest_first(change: tuple[Place, str]) -> tuple[int, int, int, int]:
    line, column, end_line, end_column = change[0]
    return line, column, -end_line, -end_column
