"""One wheel holds both packages and main.py, and knows what files a board gets."""

import json
import subprocess
import sys
import tomllib
import zipfile

import pytest

import dowel_host
from dowel_host.firmware_files import FirmwareMissingError, firmware_files

# Asked in a process of its own: there the unpacked wheel comes before this checkout.
ASK = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
from dowel_host import firmware_files
assert firmware_files.__file__.startswith(sys.argv[1])
files = firmware_files.firmware_files()
print(json.dumps({path: hashlib.sha256(content).hexdigest() for path, content in files.items()}))
"""


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(build, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("dowel-*.whl")
    return wheel


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def ask(folder):
    return subprocess.run(
        [sys.executable, "-c", ASK, folder], capture_output=True, text=True, check=False
    )


def test_a_checkout_lists_the_files_of_a_board(root):
    files = firmware_files()
    assert files["main.py"] == (root / "firmware" / "main.py").read_bytes()
    on_disk = {path.relative_to(root / "firmware") for path in (root / "firmware").rglob("*.py")}
    assert set(files) == {path.as_posix() for path in on_disk}


def test_a_wheel_lists_the_same(unpacked):
    done = ask(unpacked)
    assert done.returncode == 0, done.stderr
    assert sorted(json.loads(done.stdout)) == sorted(firmware_files())


def test_a_wheel_without_main_py_says_so(unpacked, tmp_path):
    (unpacked / "dowel_host" / "firmware" / "main.py").rename(tmp_path / "main.py")
    # A stranger's main.py beside the installed packages is not ours.
    (unpacked / "main.py").write_text("print('stranger')\n")
    try:
        done = ask(unpacked)
    finally:
        (unpacked / "main.py").unlink()
        (tmp_path / "main.py").rename(unpacked / "dowel_host" / "firmware" / "main.py")
    assert done.returncode != 0
    assert FirmwareMissingError.__name__ in done.stderr
    assert "main.py is missing" in done.stderr


def test_a_wheel_holds_the_two_packages_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"dowel", "dowel_host"}
    assert "dowel_host/firmware/main.py" in names
    assert [name for name in names if name.endswith((".pyc", ".npz"))] == []


def test_the_version_is_one(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert project["version"] == dowel_host.__version__
