"""The firmware made smaller: other names, constants in place, and the same program."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from dowel_host.firmware_files import firmware_files
from dowel_host.flasher.build import START_FILES
from dowel_host.flasher.shrink import shrink

ROOT = Path(__file__).resolve().parents[3]


def shrunk(users="", **texts):
    """Shrink files given by name, `a` for dowel/a.py; their texts."""
    sources = {f"dowel/{name}.py": dedent(text).encode() for name, text in texts.items()}
    made = shrink(sources, [users.encode()])
    return {path[len("dowel/") : -len(".py")]: text.decode() for path, text in made.items()}


@pytest.fixture(scope="module")
def firmware():
    files = firmware_files()
    users = [files.pop(name) for name in START_FILES]
    return files, shrink(files, users)


class TestConstants:
    def test_stand_where_they_are_used_in_any_file(self):
        made = shrunk(
            a="A = 5\nB = const(A << 2)\n",
            b="from dowel import a\nfrom dowel.a import B as C\n\n\nx = [a.A - C]\n",
        )
        assert made["a"].split() == []
        assert made["b"] == "\n\n\n\nx = [5 - 20]\n"

    def test_negative_ones_keep_their_meaning(self):
        assert "2 - (-1)" in shrunk(a="A = -1\n\n\ndef f():\n    return 2 - A\n")["a"]

    def test_what_a_user_names_stays(self):
        made = shrunk(users="print(a.A)", a="A = 5\nB = 6\n")
        assert made["a"] == "A = 5\n\n"

    @pytest.mark.parametrize(
        "text",
        [
            "A = 1\nA = 2\n",
            "A = 1\n\n\ndef f():\n    global A\n    A = 2\n",
            "A = True\n",
            "A = 'x'\n",
            "A = 1.5\n",
        ],
    )
    def test_what_changes_or_is_no_integer_is_none(self, text):
        assert shrunk(a=text)["a"] == text

    def test_an_argument_of_the_same_name_is_another_thing(self):
        made = shrunk(users="A f", a="A = 1\n\n\ndef f(A):\n    return A\n")
        assert "return A" in made["a"]

    def test_an_attribute_of_the_same_name_keeps_it(self):
        """`board.PIN`: a module that is chosen while the program runs."""
        made = shrunk(a="PIN = 4\n", b="def use(board):\n    return board.PIN\n")
        assert made["a"] == "PIN = 4\n"

    def test_a_module_of_constants_alone_is_not_imported(self):
        made = shrunk(a="A = 5\n", b="from dowel import a\n\nx = [a.A]\n")
        assert made["b"] == "\n\nx = [5]\n"


class TestNames:
    def test_private_ones_and_arguments_get_short(self):
        made = shrunk(
            a="""
            class Thing:
                def __init__(self, capacity):
                    self._capacity = capacity

                def room(self, already_used):
                    return self._capacity - already_used
            """
        )["a"]
        assert "_capacity" not in made
        assert "already_used" not in made
        thing = {}
        exec(made, thing)
        assert thing["Thing"](7).room(2) == 5

    def test_arguments_that_are_given_by_name_keep_it(self):
        made = shrunk(a="def f(size):\n    return size\n", b="from dowel.a import f\nf(size=1)\n")
        assert "size" in made["a"]

    def test_a_private_name_that_another_file_uses_keeps_it(self):
        made = shrunk(
            a="class A:\n    def __init__(self):\n        self._x1 = 2\n",
            b="def peek(a):\n    return a._x1\n",
        )
        assert "self._x1" in made["a"]

    def test_a_decorator_is_not_the_functions_scope(self):
        made = shrunk(
            a="""
            class A:
                @property
                def rate(self):
                    return 3

                @rate.setter
                def rate(self, rate):
                    self.other = rate
            """
        )["a"]
        thing = {}
        exec(made, thing)
        one = thing["A"]()
        one.rate = 8
        assert one.other == 8


class TestTheFirmware:
    def test_every_line_stays_where_it_is(self, firmware):
        files, made = firmware
        for path, text in made.items():
            assert text.count(b"\n") == files[path].count(b"\n"), path
            ast.parse(text)

    def test_it_asks_for_far_fewer_names(self, firmware, report):
        files, made = firmware
        before, after = (
            len({name for text in some.values() for name in _asked(text)})
            for some in (files, made)
        )
        report("names in the firmware's files, before and after", f"{before}, {after}")
        assert after < 0.7 * before

    def test_the_core_counts_the_same(self, firmware, tmp_path):
        """Samples of a lifter through the core as it is and as it is shrunk, on CPython."""
        files, made = firmware
        results = []
        for name, some in (("plain", files), ("shrunk", made)):
            for path, text in some.items():
                target = tmp_path / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text)
            results.append(_run_core(tmp_path / name))
        assert results[0] == results[1]
        assert results[0]["steps"] > 1000


def _asked(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


_CORE = """
import json
from dowel_host import core_loader
core_loader.install()
from dowel.core import pipeline
from dowel_host.twin.lifter import Plan, lifter

recording = lifter(3, "rdl", sets=1, reps=1)
core = pipeline.Pipeline(3)
crc, steps = 0, 0
blocks = [recording.block(role) for role in ("upper", "lower")]
for at in range(0, 20_000, 16):
    for role in range(2):
        n = min(16, len(blocks[role]) // 16 - at)
        if n > 0:
            core.feed(role, blocks[role][at * 16 : (at + n) * 16], n, False)
    while events := core.step():
        steps += 1
        crc = (crc * 31 + (core.flexion_cdeg & 0xFFFF) + events) & 0x3FFFFFFF
print(json.dumps({"crc": core.state_crc(crc), "steps": steps}))
"""


def _run_core(folder):
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'host'}"}
    done = subprocess.run(
        [sys.executable, "-c", _CORE], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
