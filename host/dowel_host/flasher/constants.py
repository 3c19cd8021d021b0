"""The firmware's integer constants: which there are, where they are used, and written there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from dowel_host.flasher.edits import Edits

_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.LShift: lambda a, b: a << b,
    ast.RShift: lambda a, b: a >> b,
    ast.BitOr: lambda a, b: a | b,
    ast.BitAnd: lambda a, b: a & b,
}


def module_name(path: str) -> str:
    """Return the name by which the file at a path is imported."""
    name = path.removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")


class Constants:
    """Integers that a module names once, at its top, and never again.

    One is taken out where it is written once nothing is left that asks for it by name.
    """

    def __init__(self, trees: Mapping[str, ast.Module], kept: set[str]) -> None:
        """trees: by path; kept: names that stay whatever becomes of their uses."""
        self._modules = {module_name(path): tree for path, tree in trees.items()}
        self._values = {name: _values(tree) for name, tree in self._modules.items()}
        self._kept = set(kept)
        for name, tree in self._modules.items():
            self._kept |= self._left_names(name, tree)

    def put_into(self, module: str, tree: ast.Module, edits: Edits) -> None:
        """Write values in place of names in a module's text; take out what nobody names."""
        aliases, values = self._sees(module, tree)
        asked: set[str] = set()  # names that still stand there
        for node, value in self._nodes(tree, aliases, values):
            if value is not None and isinstance(node, ast.expr):
                edits.replace_node(node, str(value) if value >= 0 else f"({value})")
            elif isinstance(node, ast.Name):
                asked.add(node.id)
        idle = {name for name in aliases if name not in asked and name not in self._kept}
        for node in tree.body:
            if isinstance(node, ast.Assign) and self._is_gone(module, node):
                edits.replace_node(node, "")
            elif isinstance(node, ast.ImportFrom):
                self._import_less(node, idle, edits)

    def _is_gone(self, module: str, node: ast.Assign) -> bool:
        target = node.targets[0]
        return (
            isinstance(target, ast.Name)
            and target.id in self._values[module]
            and target.id not in self._kept
        )

    def _import_less(self, node: ast.ImportFrom, idle: set[str], edits: Edits) -> None:
        """Import no constant, and no module (idle) of which only constants were used."""
        source = self._values.get(node.module or "", {})
        gone = [
            alias
            for alias in node.names
            if (alias.name in source and alias.name not in self._kept)
            or (alias.asname or alias.name) in idle
        ]
        left = [alias for alias in node.names if alias not in gone]
        if gone and left:
            edits.replace_node(node, f"from {node.module} import " + _joined(left))
        elif gone:
            edits.replace_node(node, "")

    def _sees(self, module: str, tree: ast.Module) -> tuple[dict[str, str], dict[str, int]]:
        """Modules by the names that one has for them, and values by its own names for them."""
        aliases: dict[str, str] = {}
        values = dict(self._values[module])
        for node in tree.body:
            if not isinstance(node, ast.ImportFrom):
                continue
            for alias in node.names:
                name = alias.asname or alias.name
                full = f"{node.module}.{alias.name}"
                if full in self._modules:
                    aliases[name] = full
                elif alias.name in self._values.get(node.module or "", {}):
                    values[name] = self._values[node.module or ""][alias.name]
        for name in _made_in_functions(tree):
            values.pop(name, None)
            aliases.pop(name, None)
        return aliases, values

    def _nodes(
        self, tree: ast.Module, aliases: Mapping[str, str], values: Mapping[str, int]
    ) -> Iterator[tuple[ast.AST, int | None]]:
        """Every node, with the constant that it asks for by name or None; not what is in one."""
        todo: list[ast.AST] = [tree]
        while todo:
            node = todo.pop()
            value = _value_of(node, aliases, values, self._values)
            yield node, value
            if value is None:
                todo += ast.iter_child_nodes(node)

    def _left_names(self, module: str, tree: ast.Module) -> set[str]:
        """Names that stand in a module where no value is put in their place."""
        aliases, values = self._sees(module, tree)
        left: set[str] = set()
        for node, value in self._nodes(tree, aliases, values):
            if value is not None:
                continue
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                if node.id not in aliases:
                    left.add(node.id)
            elif isinstance(node, ast.Attribute):
                left.add(node.attr)
            elif isinstance(node, ast.ImportFrom):
                # Another name for it, or one that a function makes too: it is asked for.
                seen = aliases.keys() | values.keys()
                left |= {a.name for a in node.names if (a.asname or a.name) not in seen}
        return left


def _values(tree: ast.Module) -> dict[str, int]:
    often: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            often[node.id] = often.get(node.id, 0) + 1
        elif isinstance(node, ast.Global):
            often.update(dict.fromkeys(node.names, 2))
    values: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], _integer(node.value, values)
            if isinstance(target, ast.Name) and often[target.id] == 1 and value is not None:
                values[target.id] = value
    return values


def _integer(node: ast.expr, known: Mapping[str, int]) -> int | None:
    """Return what an expression of integers and known names comes to; None: it is no such."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "const":
        return _integer(node.args[0], known)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _integer(node.operand, known)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _integer(node.left, known), _integer(node.right, known)
        if left is not None and right is not None:
            return _OPERATORS[type(node.op)](left, right)
    return None


def _value_of(
    node: ast.AST,
    aliases: Mapping[str, str],
    values: Mapping[str, int],
    of_modules: Mapping[str, Mapping[str, int]],
) -> int | None:
    """Return the constant that a node asks for by name; None: it asks for none."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return values.get(node.id)
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
    ):
        return of_modules.get(aliases.get(node.value.id, ""), {}).get(node.attr)
    return None


def _made_in_functions(tree: ast.Module) -> set[str]:
    """Names of arguments and of what functions set: there they are not the module's."""
    made: set[str] = set()
    for function in ast.walk(tree):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.arg):
                made.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                made.add(node.id)
    return made


def _joined(names: list[ast.alias]) -> str:
    return ", ".join(f"{one.name} as {one.asname}" if one.asname else one.name for one in names)
