"""Viper folds only constants of its own file, so files repeat them: they must agree."""

import ast
import re

import pytest

from dowel.core import flags
from dowel.core.tilt import Tilt
from dowel.link import wire


def constants(path) -> dict[str, int]:
    """All NAME = const(number) of a file."""
    found = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            name, call = node.targets[0], node.value
            if isinstance(name, ast.Name) and ast.unparse(call.func) == "const":
                found[name.id] = ast.literal_eval(call.args[0])
    return found


@pytest.fixture(scope="module")
def core_files(root):
    return {path.stem: path for path in (root / "firmware/dowel/core").glob("*.py")}


def test_words_of_the_tilt_state_are_the_same_in_every_file(core_files):
    table = {
        name: int(word)
        for word, name in re.findall(
            r"^ ?(\d+)(?:  x\d)? +([A-Z_]+)[ ,]", core_files["tilt"].read_text(), re.MULTILINE
        )
    }
    checked = set()
    for file in ("tilt", "strapdown", "gaps", "observer", "bias", "saturation"):
        for name, value in constants(core_files[file]).items():
            if name[1:] in table:
                assert value == table[name[1:]], f"{file}.{name}"
                checked.add(name[1:])
    assert checked == set(table)
    assert len(Tilt().state) == max(table.values()) + 1


@pytest.mark.parametrize(
    "name",
    [
        "_START_MAX",
        "_CLIP_BELOW",
        "_GAP_BIT",
        "_TICK_MASK",
        "_BLIND",
        "_UNCERTAIN_CLIPPED",
        "_BIAS_MAX",
        "_GRAVITY_MAX",
    ],
)
def test_shared_bounds_agree(core_files, name):
    values = {constants(path).get(name) for path in core_files.values()} - {None}
    assert len(values) == 1


def test_flags_in_viper_files_are_the_flags(core_files):
    for path in core_files.values():
        for name, value in constants(path).items():
            if name.endswith("_BIT") and hasattr(flags, name[1:-4]):
                assert value == getattr(flags, name[1:-4]), f"{path.name} {name}"


@pytest.mark.parametrize("name", ["GAP", "SATURATED", "NO_ZERO", "CUE", "ONE_SENSOR", "OVERRUN"])
def test_flags_go_on_the_wire_as_they_are(name):
    assert getattr(flags, name) == getattr(wire, f"FLAG_{name}")


def test_words_shared_between_files_agree(core_files):
    def words(file):
        """Public NAME = number of a file, as text: importing it would not find a repeated one."""
        text = core_files[file].read_text()
        return {n: int(v) for n, v in re.findall(r"^([A-Z_]+) = (\d+)", text, re.MULTILINE)}

    moment, angles = words("pair"), words("spine")
    assert moment["LOWER"] == moment["UPPER"] + 3
    moment["UP"] = moment["UPPER"]
    seen = 0
    for file in ("zero", "spine", "reps", "pipeline"):
        for name, value in constants(core_files[file]).items():
            if name.startswith("_MOMENT_"):
                assert value == moment[name.removeprefix("_MOMENT_")], f"{file}.{name}"
                seen += 1
            elif name[1:] in angles:
                assert value == angles[name[1:]], f"{file}.{name}"
                seen += 1
    assert seen > 12
    tilt = constants(core_files["tilt"])
    assert words("tilt")["GAPS"] == tilt["_GAPS"]
    assert words("tilt")["SATURATED"] == tilt["_SATURATED"]
