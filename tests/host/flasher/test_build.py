"""What the firmware is compiled to."""

import pytest

from dowel_host.flasher.build import build


@pytest.mark.parametrize(("arch", "number"), [("xtensawin", 10), ("rv32imc", 11), ("x86", 1)])
def test_for_each_architecture(few, arch, number):
    built = build(few, arch)
    assert built["main.py"] == few["main.py"]
    assert built["boot.py"] == few["boot.py"]
    assert len(built) == len(few)
    code = built["dowel/core/strapdown.mpy"]
    assert code[:2] == b"M\x06"
    assert code[2] >> 2 == number, "viper code is the chip's own"


def test_the_same_bytes_every_time_and_the_names_of_the_board_in_them(few):
    one, two = build(few, "xtensawin"), build(few, "xtensawin")
    assert one == two
    assert b"dowel.keeper" in one["dowel/keeper.mpy"]
    assert b"/tmp" not in b"".join(one.values())


def test_it_says_how_far_it_is(few):
    done = []
    build(few, "xtensawin", done.append)
    assert done == list(range(1, len(few) + 1))
