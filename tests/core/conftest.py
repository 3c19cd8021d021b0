"""The core on CPython, and on the VM in two variants."""

import pytest

from dowel_host import core_loader
from vm_core import CoreVm

core_loader.install()


@pytest.fixture(scope="session")
def viper_vm(micropython, tmp_path_factory):
    """Give the core as it runs on the board."""
    return CoreVm(micropython, "viper", tmp_path_factory.mktemp("viper"))


@pytest.fixture(scope="session")
def bytecode_vm(micropython, tmp_path_factory):
    """Give the core with the viper decorators taken out."""
    return CoreVm(micropython, "bytecode", tmp_path_factory.mktemp("bytecode"))
