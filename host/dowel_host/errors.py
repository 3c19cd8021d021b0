"""Errors that a user can cause or meet.

Each is one sentence that says what is wrong and what to do about it: the command line prints
it and ends with status 2. An exception of any other kind is a fault of this program.
"""

from os import PathLike


class DowelError(Exception):
    """Base of every error that a user can cause or meet; str() of it is one whole sentence."""


class RecordingError(DowelError):
    """A recording cannot be read, or lacks what is asked of it."""

    def __init__(self, path: str | PathLike[str], why: str, remedy: str) -> None:
        super().__init__(f"{path} {why}; {remedy}.")
        self.path = path
        self.why = why
        self.remedy = remedy


class MissingExtraError(DowelError):
    """A command needs packages that the small base install leaves out."""

    def __init__(self, what: str, extra: str, module: str | None) -> None:
        super().__init__(
            f"{what} needs the extra '{extra}' ({module or 'a package of it'} is not installed); "
            f"run: pip install 'dowel[{extra}]'."
        )
        self.what = what
        self.extra = extra
        self.module = module
