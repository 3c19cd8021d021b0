"""What can be wrong with a folder, a machine or a filter: one sentence each, with the remedy."""

from pathlib import Path

from dowel_host.errors import DowelError


class FolderError(DowelError):
    """A folder of recordings that cannot be used."""

    def __init__(self, folder: Path, why: str, remedy: str) -> None:
        super().__init__(f"{folder} {why}; {remedy}.")
        self.folder = folder


class SourceError(DowelError):
    """A file of BROAD that is not as BROAD publishes it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} {why}; take it from BROAD's repository, doi 10.3390/data6070072."
        )
        self.path = path


class DifferenceError(DowelError):
    """The core gives other integers on CPython than on the VM."""

    def __init__(self, trial: str, what: str) -> None:
        super().__init__(
            f"{trial}: {what} on CPython and on the VM differ; run `make test`, which finds where."
        )
        self.trial = trial


class VmProgramError(DowelError):
    """A program of the bench ended badly on the VM; said is what it printed."""

    def __init__(self, program: str, said: str) -> None:
        last = (said.strip().splitlines() or ["nothing was printed"])[-1]
        super().__init__(f"{program} failed on the MicroPython VM ({last}); run `make vm` again.")
        self.program = program
        self.said = said


class CounterError(DowelError):
    """Instructions cannot be counted here."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Instructions were not counted: {why}.")
        self.why = why
