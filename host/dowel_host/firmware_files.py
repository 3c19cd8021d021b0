"""The firmware's files as they lie on a board: one set, from a checkout or from the wheel."""

from importlib.util import find_spec
from pathlib import Path

from dowel_host.errors import DowelError

# A board holds sources only; what CPython leaves beside them stays here.
_SUFFIX = ".py"
_START_FILES = ("boot.py", "main.py")


class FirmwareMissingError(DowelError):
    """The firmware that belongs to this installation is not where it should be."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The firmware's {what} is missing; run: pip install --force-reinstall dowel."
        )
        self.what = what


def firmware_files() -> dict[str, bytes]:
    """Return {path on the board: content}, as `boot.py`, `main.py` and `dowel/...`, sorted by
    path.

    Raises FirmwareMissingError where the installation is incomplete.
    """
    package = _package_folder()
    files = {name: _start_file(package, name).read_bytes() for name in _START_FILES}
    for path in package.rglob(f"*{_SUFFIX}"):
        files[f"dowel/{path.relative_to(package).as_posix()}"] = path.read_bytes()
    return dict(sorted(files.items()))


def _package_folder() -> Path:
    # Found, not imported: the package is code for the board.
    spec = find_spec("dowel")
    if spec is None or not spec.submodule_search_locations:
        raise FirmwareMissingError("package dowel")
    return Path(next(iter(spec.submodule_search_locations)))


def _start_file(package: Path, name: str) -> Path:
    in_wheel = Path(__file__).with_name("firmware") / name
    if in_wheel.is_file():
        return in_wheel
    # Only in a checkout: beside an installed package, a main.py would be a stranger's.
    in_checkout = package.with_name(name)
    if package.parent.name == "firmware" and in_checkout.is_file():
        return in_checkout
    raise FirmwareMissingError(name)
