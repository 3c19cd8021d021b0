"""Makes the firmware smaller in a board's RAM, before it is compiled: constants and private names.

MicroPython keeps each name of a module, function, attribute or argument once for good, at about
20 bytes, and folds a constant only within its file. So integer constants are written where
they are used, in every file, and what a file keeps to itself gets a short name. Lines stay where
they are: a traceback from the board names the right file and line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from dowel_host.flasher.constants import Constants, module_name
from dowel_host.flasher.edits import Edits, at_end

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"[A-Za-z_]\w*")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def shrink(sources: Mapping[str, bytes], users: Sequence[bytes]) -> dict[str, bytes]:
    """Return the sources {path: text}, smaller; what they do is the same.

    users: texts that use them and stay as they are: every word in them keeps its meaning.
    SyntaxError names the file.
    """
    trees = {path: ast.parse(text, path) for path, text in sources.items()}
    words = {word for text in users for word in _WORD.findall(text.decode())}
    constants = Constants(trees, words)
    keywords = {name for tree in trees.values() for name in _keywords(tree)}
    open_names = _shared_private_names(trees) | words
    made: dict[str, bytes] = {}
    for path, tree in trees.items():
        edits = Edits(sources[path])
        constants.put_into(module_name(path), tree, edits)
        _shorten_private(tree, edits, open_names)
        _shorten_arguments(tree, edits, keywords | words)
        made[path] = edits.text()
    return made


def _keywords(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg


def is_private(name: str) -> bool:
    """Tell whether a name is its file's own."""
    return name.startswith("_") and not name.startswith("__")


# -- private names ------------------------------------------------------------------------------


def _shared_private_names(trees: Mapping[str, ast.Module]) -> set[str]:
    """Private names that one file uses and another defines, or that stand in a string."""
    shared: set[str] = set()
    for tree in trees.values():
        used = {name for name, _ in _private_uses(tree)}
        defined = {name for name, is_made in _private_uses(tree) if is_made}
        shared |= used - defined
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                shared.add(node.value)
            if isinstance(node, ast.ImportFrom):
                shared |= {alias.name for alias in node.names}
    return shared


def _private_uses(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Every private name with whether it is made there."""
    for node in ast.walk(tree):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) and is_private(node.name):
            yield node.name, True
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            yield node.attr, isinstance(node.ctx, ast.Store)
        elif isinstance(node, ast.Name) and is_private(node.id):
            yield node.id, isinstance(node.ctx, ast.Store)
        elif isinstance(node, ast.arg) and is_private(node.arg):
            yield node.arg, True


def _shorten_private(tree: ast.Module, edits: Edits, open_names: set[str]) -> None:
    taken = {name for name, _ in _private_uses(tree)} | open_names
    fresh = (name for name in _short_names("_") if name not in taken)
    shorter: dict[str, str] = {}
    for name, _ in _private_uses(tree):
        if name not in shorter and name not in open_names:
            shorter[name] = next(fresh)
    for node in ast.walk(tree):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) and node.name in shorter:
            edits.replace_name_of_definition(node, shorter[node.name])
        elif isinstance(node, ast.Attribute) and node.attr in shorter:
            edits.replace(at_end(node, node.attr), shorter[node.attr])
        elif isinstance(node, ast.Name) and node.id in shorter:
            edits.replace_node(node, shorter[node.id])
        elif isinstance(node, ast.arg) and node.arg in shorter:
            edits.replace_start(node, node.arg, shorter[node.arg])
        elif isinstance(node, ast.Global):
            edits.replace_words(node, shorter)


def _short_names(prefix: str) -> Iterator[str]:
    for letter in _ALPHABET:
        yield prefix + letter
    for first in _ALPHABET:
        for second in _ALPHABET:
            yield prefix + first + second


# -- arguments ----------------------------------------------------------------------------------


def _shorten_arguments(tree: ast.Module, edits: Edits, open_names: set[str]) -> None:
    """A function's arguments keep their names in RAM for calls by keyword; there are few."""
    for function in ast.walk(tree):
        if isinstance(function, _FUNCTIONS) and not _has_inner_scope(function):
            _shorten_arguments_of(function, edits, open_names)


def _has_inner_scope(function: ast.AST) -> bool:
    return any(isinstance(node, _SCOPES) for node in ast.walk(function) if node is not function)


def _shorten_arguments_of(
    function: ast.FunctionDef | ast.AsyncFunctionDef, edits: Edits, open_names: set[str]
) -> None:
    # Not its decorators and defaults: they are the scope's around it.
    nodes = [node for part in function.body for node in ast.walk(part)]
    taken = {node.id for node in nodes if isinstance(node, ast.Name)}
    fresh = (name for name in _short_names("") if name not in taken)
    shorter = {
        one.arg: next(fresh)
        for one in function.args.args
        if one.arg != "self" and one.arg not in open_names and not is_private(one.arg)
    }
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in shorter:
            edits.replace_node(node, shorter[node.id])
    for one in function.args.args:
        if one.arg in shorter:
            edits.replace_start(one, one.arg, shorter[one.arg])
