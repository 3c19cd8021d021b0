"""Lets CPython run the firmware's core, the same files as on the board.

The core's hot functions are MicroPython viper: they name `micropython.viper`, `const` and the
pointer types `ptr8`, `ptr16` (unsigned loads) and `ptr32` (signed loads), all built into
MicroPython. `install()` puts a finder on sys.meta_path that gives these names to the modules of
`dowel.core` and to nothing else; CPython's own builtins stay as they are. After it,
`from dowel.core.pipeline import Pipeline` works. `load_viper_module` does the same for one other
module of the firmware.

`strip_viper` makes the variant that runs as bytecode on any MicroPython, also on 64-bit ones,
where viper's ints would not wrap. `checked_core` runs a copy of the core in which every viper
operation whose result leaves 32 bits raises.
"""

import ast
import importlib
import importlib.util
import re
import sys
from collections.abc import Callable, Generator, MutableSequence, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar, cast

PACKAGE = "dowel.core"

_T = TypeVar("_T")
_CHECK = "__check__"
_DECORATOR = re.compile(r"^([ \t]*)@micropython\.(?:viper|native)[ \t]*$", re.MULTILINE)


class _Micropython:
    """The decorators of MicroPython's module of that name; here they change nothing."""

    @staticmethod
    def viper(function: _T) -> _T:
        return function

    @staticmethod
    def native(function: _T) -> _T:
        return function


def _const(value: _T) -> _T:
    return value


def _ptr8(buffer: Any) -> MutableSequence[int]:
    return cast("MutableSequence[int]", memoryview(buffer).cast("B"))


def _ptr16(buffer: Any) -> MutableSequence[int]:
    return cast("MutableSequence[int]", memoryview(buffer).cast("B").cast("H"))


def _ptr32(buffer: Any) -> MutableSequence[int]:
    # The array itself is faster than a view of it, and refuses what leaves 32 bits just as well.
    if getattr(buffer, "typecode", "") == "i":
        return cast("MutableSequence[int]", buffer)
    return cast("MutableSequence[int]", memoryview(buffer).cast("B").cast("i"))


_NAMES: dict[str, Any] = {
    "micropython": _Micropython,
    "const": _const,
    "ptr8": _ptr8,
    "ptr16": _ptr16,
    "ptr32": _ptr32,
    "uint": int,
}


class _Loader(SourceFileLoader):
    """Runs a source file with MicroPython's names in reach."""

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(_NAMES)
        super().exec_module(module)


class CoreFinder(MetaPathFinder):
    """Finds dowel.core where the import system would, and loads it with MicroPython's names."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of the core; None for every other."""
        if fullname != PACKAGE and not fullname.startswith(PACKAGE + "."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = self.loader(spec.loader.name, spec.loader.path)
        return spec

    def loader(self, name: str, path: str) -> SourceFileLoader:
        """Return the loader of one file."""
        return _Loader(name, path)


def install() -> None:
    """Make dowel.core importable. Calling it again changes nothing."""
    if not any(type(finder) is CoreFinder for finder in sys.meta_path):
        sys.meta_path.insert(0, CoreFinder())


def load_viper_module(name: str) -> ModuleType:
    """Import one firmware module outside the core that has viper functions, by its dotted name.

    It may import what CPython has, and the core. ModuleNotFoundError: there is none.
    """
    install()
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or not isinstance(spec.loader, SourceFileLoader):
        raise ModuleNotFoundError(f"no source of {name}", name=name)
    spec.loader = _Loader(spec.loader.name, spec.loader.path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


# --- as bytecode ----------------------------------------------------------------------------

# Appended, so that line numbers stay; the functions look the names up when they are called.
_BYTECODE_POINTERS = """

# viper's pointers, for bytecode: loads of ptr8 and ptr16 are unsigned, of ptr32 signed
import struct


class _Pointer:
    def __init__(self, buffer, load, store, size):
        self.buffer = buffer
        self.load = load
        self.store = store
        self.size = size
        self.mask = (1 << 8 * size) - 1

    def __getitem__(self, index):
        return struct.unpack_from(self.load, self.buffer, index * self.size)[0]

    def __setitem__(self, index, value):
        struct.pack_into(self.store, self.buffer, index * self.size, value & self.mask)


def ptr8(buffer):
    return _Pointer(buffer, "<B", "<B", 1)


def ptr16(buffer):
    return _Pointer(buffer, "<H", "<H", 2)


def ptr32(buffer):
    if not isinstance(buffer, bytearray) and len(bytes(buffer)) == 4 * len(buffer):
        return buffer  # array('i'): the same, and faster
    return _Pointer(buffer, "<i", "<I", 4)
"""


def strip_viper(source: str) -> str:
    """Return MicroPython source whose viper and native functions are plain bytecode.

    Same results as long as no value leaves 32 bits, on 32-bit and 64-bit VMs; slow, and it
    allocates. Line numbers stay. A file without such functions comes back as it is.
    """
    stripped = _DECORATOR.sub(r"\1# bytecode", source)
    return source if stripped == source else stripped + _BYTECODE_POINTERS


# --- checked --------------------------------------------------------------------------------


class Extremes:
    """The largest magnitude of every viper operation that ran, by (module, line)."""

    def __init__(self) -> None:
        self.by_line: dict[tuple[str, int], int] = {}

    def headroom(self, count: int = 10) -> list[tuple[float, str, int]]:
        """Return the `count` largest as (fraction of 2^31, module, line), largest first."""
        order = sorted(self.by_line.items(), key=lambda item: -item[1])
        return [(value / (1 << 31), *place) for place, value in order[:count]]


class _Checker(ast.NodeTransformer):
    """Wraps every arithmetic operation of viper functions in a call of the check."""

    def __init__(self) -> None:
        self._viper = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        viper = any(ast.unparse(one) == "micropython.viper" for one in node.decorator_list)
        if not viper:
            return node
        self._viper = True
        self.generic_visit(node)
        self._viper = False
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        # Up to MicroPython 1.28 these change their operand (py/emitnative.c).
        if self._viper and isinstance(node.op, ast.USub | ast.Invert):
            raise SyntaxError(f"line {node.lineno}: viper wants 0 - x and x ^ -1")
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._checked(node, node.op, node.right) if self._viper else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not self._viper:
            return node
        load = ast.parse(ast.unparse(node.target), mode="eval").body
        result = ast.BinOp(load, node.op, node.value)
        value = self._checked(ast.copy_location(result, node), node.op, node.value)
        return ast.copy_location(ast.Assign([node.target], value), node)

    @staticmethod
    def _checked(value: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
        shift = isinstance(operator, ast.LShift | ast.RShift)
        arguments = [value, right if shift else ast.Constant(0), ast.Constant(value.lineno)]
        call = ast.Call(ast.Name(_CHECK, ast.Load()), arguments, [])
        return ast.fix_missing_locations(ast.copy_location(call, value))


class _CheckedLoader(_Loader):
    def __init__(self, name: str, path: str, extremes: Extremes) -> None:
        super().__init__(name, path)
        self._extremes = extremes

    def get_code(self, fullname: str) -> CodeType | None:  # noqa: ARG002 - importlib's
        tree = _Checker().visit(ast.parse(Path(self.path).read_bytes(), self.path))
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        by_line = self._extremes.by_line
        name = module.__name__

        def check(value: int, shift: int, line: int) -> int:
            if not -0x80000000 <= value <= 0x7FFFFFFF:
                raise OverflowError(f"{name}, line {line}: {value} leaves 32 bits")
            if not 0 <= shift < 32:
                raise OverflowError(f"{name}, line {line}: shift by {shift}")
            place = (name, line)
            if abs(value) > by_line.get(place, -1):
                by_line[place] = abs(value)
            return value

        vars(module)[_CHECK] = check
        super().exec_module(module)


@contextmanager
def checked_core() -> Generator[tuple[Callable[[str], ModuleType], Extremes]]:
    """Give a function that imports checked copies of core modules, and what they recorded.

    In them an operation of a viper function raises OverflowError where its result leaves 32 bits
    or a shift leaves 0..31. `with checked_core() as (load, extremes): load("tilt").Tilt()`.
    """
    extremes = Extremes()

    class Finder(CoreFinder):
        def loader(self, name: str, path: str) -> SourceFileLoader:
            return _CheckedLoader(name, path, extremes)

    ours = [name for name in sys.modules if name == PACKAGE or name.startswith(PACKAGE + ".")]
    aside = {name: sys.modules.pop(name) for name in ours}
    finder = Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield lambda name: importlib.import_module(f"{PACKAGE}.{name}"), extremes
    finally:
        sys.meta_path.remove(finder)
        for name in [one for one in sys.modules if one.startswith(PACKAGE)]:
            del sys.modules[name]
        sys.modules.update(aside)
        if PACKAGE in aside:  # the parent package names its last import
            sys.modules["dowel"].core = aside[PACKAGE]  # pyright: ignore[reportAttributeAccessIssue]
