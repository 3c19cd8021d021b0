"""The firmware's core on CPython: the same file, MicroPython's names, nothing else changed."""

import builtins
import importlib
import struct
import subprocess
import sys
from array import array
from types import ModuleType

import pytest

from dowel_host import core_loader
from dowel_host.core_loader import checked_core, load_viper_module, strip_viper

VIPER = '''"""Doc."""

@micropython.viper
def add(block, out):
    b = ptr16(block)
    o = ptr32(out)
    o[0] = b[0] + o[1]


class C:
    @micropython.native
    def f(self):
        return 1
'''


@pytest.fixture
def module_file(tmp_path, monkeypatch):
    """Put a file into the import path as module viper_sample."""

    def put(text):
        (tmp_path / "viper_sample.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "viper_sample", raising=False)
        importlib.invalidate_caches()
        return "viper_sample"

    return put


def test_the_core_is_importable_and_builtins_are_left_alone():
    core_loader.install()
    finders = [one for one in sys.meta_path if isinstance(one, core_loader.CoreFinder)]
    assert len(finders) == 1
    assert importlib.import_module("dowel.core.angle").isqrt(16) == 4
    for name in ("micropython", "const", "ptr8", "ptr16", "ptr32"):
        assert not hasattr(builtins, name)
    assert "micropython" not in sys.modules


def test_without_install_the_core_does_not_load():
    program = "import dowel.core.angle"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode != 0


def test_loads_are_those_of_viper(module_file):
    module = load_viper_module(module_file(VIPER))
    out = array("i", (0, -5))
    module.add(bytearray(struct.pack("<h", -1)), out)
    assert out[0] == 0xFFFF - 5  # ptr16 unsigned, ptr32 signed
    assert load_viper_module("viper_sample") is module


def test_a_store_beyond_32_bits_is_refused(module_file):
    module = load_viper_module(module_file(VIPER))
    with pytest.raises(OverflowError):
        module.add(bytearray(b"\xff\xff"), array("i", (0, 0x7FFFFFFF)))


def test_a_module_that_fails_is_not_left_behind(module_file):
    with pytest.raises(ZeroDivisionError):
        load_viper_module(module_file("1 // 0"))
    assert "viper_sample" not in sys.modules


def test_a_module_that_is_not_there_is_named():
    with pytest.raises(ModuleNotFoundError, match=r"dowel\.core\.nothing"):
        load_viper_module("dowel.core.nothing")


def test_stripped_source_keeps_its_lines_and_has_no_decorator():
    stripped = strip_viper(VIPER)
    assert "@micropython" not in stripped
    ours, theirs = VIPER.splitlines(), stripped.splitlines()
    assert len(theirs) > len(ours)
    different = [n for n, line in enumerate(ours) if line != theirs[n]]
    assert different == [2, 10]
    assert strip_viper("x = 1\n") == "x = 1\n"


def test_stripped_source_runs_as_bytecode(bytecode_vm):
    program = """
from array import array
exec(open("stripped.py").read())
out = array("i", (0, -5))
add(bytearray(b"\\xff\\xff"), out)
print(out[0], C().f())
halves = array("h", (1, -2))
words = ptr32(halves)
print(words[0], ptr16(halves)[1], ptr8(halves)[3])
words[0] = -1
print(halves[0], halves[1])
"""
    (bytecode_vm.folder / "stripped.py").write_text(strip_viper(VIPER))
    assert bytecode_vm.run(program) == [f"{0xFFFF - 5} 1", "-131071 65534 255", "-1 -1"]


def test_the_checked_core_is_a_copy_that_goes_away():
    usual = importlib.import_module("dowel.core.tilt")
    with checked_core() as (load, extremes):
        assert load("tilt") is not usual
        load("angle").isqrt(3000)
        assert extremes.headroom(1)[0][1] == "dowel.core.angle"
    assert importlib.import_module("dowel.core.tilt") is usual
    assert sys.modules["dowel"].core is sys.modules["dowel.core"]


@pytest.mark.parametrize("line", ["return 0 << n", "return -n", "return ~n"])
def test_the_check_refuses_what_viper_does_wrong(line, tmp_path):
    source = f"@micropython.viper\ndef f(n: int) -> int:\n    {line}\n"
    path = tmp_path / "wrong.py"
    path.write_text(source)
    loader = core_loader._CheckedLoader("wrong", str(path), core_loader.Extremes())
    module = ModuleType("wrong")

    def use():
        loader.exec_module(module)
        module.f(32)

    with pytest.raises((OverflowError, SyntaxError)):
        use()
