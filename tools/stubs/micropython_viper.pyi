# For pyright: names that MicroPython's compiler knows without an import.
from collections.abc import Callable
from typing import TypeVar

_F = TypeVar("_F", bound=Callable[..., object])

class micropython:  # noqa: N801  # a module, but only its decorators are known
    @staticmethod
    def native(function: _F, /) -> _F: ...
    @staticmethod
    def viper(function: _F, /) -> _F: ...
