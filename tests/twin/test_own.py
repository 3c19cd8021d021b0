"""A MicroPython build that brings a module itself uses that one, with the same firmware files."""

import pytest

from dowel_host.twin.own import OwnModuleError, check_own
from dowel_host.twin.vm import VmMissingError
from twin.programs import run_program

ASK = "import bluetooth, machine; print(hasattr(bluetooth, 'mine'), hasattr(machine, 'mine'))"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a folder on the VM's path."""
    monkeypatch.setenv("MICROPYPATH", str(tmp_path))
    return tmp_path


def test_by_default_the_stand_ins_are_used(folder, micropython):
    (folder / "bluetooth.py").write_text("mine = True")
    assert run_program(ASK).lines == ["False False"]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (("bluetooth",), "True False"),
        (("machine",), "False True"),
        (("machine", "bluetooth"), "True True"),
    ],
)
def test_a_stand_in_that_is_left_out_makes_room_for_the_builds_own(folder, micropython, own, said):
    for name in ("bluetooth", "machine"):
        (folder / f"{name}.py").write_text("mine = True")
    assert run_program(ASK, own=own).lines == [said]


def test_it_is_there_although_its_folder_is_out_of_the_boards_reach(folder, micropython):
    (folder / "bluetooth.py").write_text("mine = True")
    program = "import bluetooth, os; print(bluetooth.mine, os.listdir('/'))"
    assert run_program(program, own=("bluetooth",)).lines == ["True []"]


def test_heap_and_clock_stay_those_of_the_board(folder, micropython):
    (folder / "bluetooth.py").write_text("mine = True")
    program = "import gc, time; time.sleep(3600); print(gc.mem_free() < 97 * 1024)"
    ran = run_program(program, own=("bluetooth",))
    assert ran.lines == ["True"]
    assert ran.board_us > 3600e6


class TestCheck:
    def test_what_can_be_left_out(self, folder, micropython):
        (folder / "bluetooth.py").touch()
        (folder / "machine.py").touch()
        assert check_own(["bluetooth", "machine", "bluetooth"]) == ("bluetooth", "machine")
        assert check_own([]) == ()

    def test_no_other_stand_in_can(self, micropython):
        with pytest.raises(OwnModuleError, match="only bluetooth and machine can be left out"):
            check_own(["time"])

    def test_a_build_without_the_module_is_refused(self, folder, micropython):
        with pytest.raises(OwnModuleError, match=r"no module named 'bluetooth'.*MICROPYTHON=PATH"):
            check_own(["bluetooth"])

    def test_a_module_that_fails_says_how(self, folder, micropython):
        (folder / "bluetooth.py").write_text("raise ValueError('no dongle')")
        with pytest.raises(OwnModuleError, match="ValueError: no dongle"):
            check_own(["bluetooth"])

    def test_no_vm_is_said_as_ever(self, monkeypatch):
        monkeypatch.setenv("MICROPYTHON", "/nowhere/micropython")
        with pytest.raises(VmMissingError):
            check_own(["bluetooth"])
