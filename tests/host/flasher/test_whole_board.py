"""The firmware itself, flashed onto a whole board: it starts, and the board says what it found."""

from dowel_host.flasher.install import flash
from dowel_host.flasher.link import BoardLink
from dowel_host.twin.flash import Flash
from twin.repl.whole import whole_board

NO_SENSOR = "dowel: no sensor at 0x6A or 0x6B"


def test_it_runs(micropython):
    # The board runs in real time: how long its start takes is up to the machine.
    for watch_s in (2.0, 8.0, 32.0):
        with whole_board(Flash(None)) as board:
            with BoardLink(board.port, watch_s=watch_s) as link:
                first = flash(link)
            # It is stopped for the next flashing.
            with BoardLink(board.port, watch_s=0.1) as link:
                second = flash(link)
        if NO_SENSOR in first.said:
            break
    assert NO_SENSOR in first.said
    assert (first.version, second.version) == ("0.1.0", "0.1.0")
    assert (second.copied, second.same) == (0, first.copied)
