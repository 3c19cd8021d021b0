"""What has to change on a board: found by content, bounded by what is ours."""

from dowel_host.flasher.board import BoardInfo, FileOnBoard
from dowel_host.flasher.plan import digest, make_plan

INFO = BoardInfo("Generic ESP32 module with ESP32", (1, 27, 0), "xtensawin", 4096, 100)
BUILT = {
    "boot.py": b"boot",
    "dowel/__init__.mpy": b"package",
    "dowel/core/tilt.mpy": b"t" * 5000,
    "main.py": b"main",
}


def on_board(**changes):
    """What lies on a board that has BUILT, with {path: content} changed; None: missing."""
    files = {f"/{path}": content for path, content in BUILT.items()} | changes
    return {
        path: FileOnBoard(digest(content), len(content))
        for path, content in files.items()
        if content is not None
    }


def test_nothing_to_do():
    plan = make_plan(BUILT, on_board(), INFO)
    assert plan.is_done
    assert (plan.copied, plan.copy_bytes) == (0, 0)


def test_an_empty_board():
    plan = make_plan(BUILT, {}, INFO)
    assert plan.copy == ["/dowel/__init__.mpy", "/dowel/core/tilt.mpy"]
    assert list(plan.start) == plan.new_start == ["/boot.py", "/main.py"]
    assert (plan.copied, plan.copy_bytes) == (4, 5007)
    # One block, two, one for each start file; two folders of a pair each; four to move in.
    assert plan.needed_blocks == 1 + 2 + 1 + 1 + 4 + 4


def test_what_differs_is_copied_and_its_room_counted_once():
    plan = make_plan(BUILT, on_board(**{"/dowel/core/tilt.mpy": b"u" * 5000}), INFO)
    assert plan.copy == ["/dowel/core/tilt.mpy"]
    assert plan.new_start == []
    assert plan.needed_blocks == 2 + 1 + 1 + 4 - 2


def test_only_code_in_our_folder_and_half_arrived_files_are_stale():
    plan = make_plan(
        BUILT,
        on_board(
            **{
                "/dowel/core/tilt.py": b"hides tilt.mpy",
                "/dowel/former.mpy": b"",
                "/main.py.new": b"ma",
                "/dowel/calibration.json": b"own",
                "/settings.py": b"own",
                "/lib/driver.mpy": b"own",
            }
        ),
        INFO,
    )
    assert plan.stale == ["/dowel/core/tilt.py", "/dowel/former.mpy", "/main.py.new"]
    assert plan.copy == []
    assert not plan.is_done


def test_a_missing_main():
    plan = make_plan(BUILT, on_board(**{"/main.py": None}), INFO)
    assert plan.new_start == ["/main.py"]
    assert not plan.is_done
