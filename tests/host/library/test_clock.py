"""Wall time of a device's moments, from anchors."""

from hypothesis import given
from hypothesis import strategies as st

from dowel_host.library.clock import Anchor, signed_ms, wall_ms

UTC_MS = 1_780_243_200_000
DAY_MS = 86_400_000
device_times = st.integers(0, 2**32 - 1)


def test_no_anchor_no_date():
    assert wall_ms([], 60_000) is None


def test_a_moment_before_the_host_came_is_dated_as_well():
    assert wall_ms([Anchor(60_000, UTC_MS)], 10_000) == UTC_MS - 50_000
    assert wall_ms([Anchor(60_000, UTC_MS)], 70_000) == UTC_MS + 10_000


def test_the_nearest_anchor_counts():
    """The board's clock ran 100 ms slow between two meetings."""
    anchors = [Anchor(0, UTC_MS), Anchor(1_000_000, UTC_MS + 1_000_100)]
    assert wall_ms(anchors, 10_000) == UTC_MS + 10_000
    assert wall_ms(anchors, 990_000) == UTC_MS + 990_100


def test_the_order_of_anchors_does_not_matter():
    anchors = [Anchor(0, UTC_MS), Anchor(1000, UTC_MS + 1100)]
    assert wall_ms(anchors, 500) == wall_ms(anchors[::-1], 500) == UTC_MS + 500


def test_the_wrap_of_the_device_clock_is_no_jump():
    before = 2**32 - 1000
    assert wall_ms([Anchor(before, UTC_MS)], 500) == UTC_MS + 1500
    assert wall_ms([Anchor(500, UTC_MS)], before) == UTC_MS - 1500


@given(device_times, st.integers(-24 * DAY_MS, 24 * DAY_MS))
def test_differences_are_right_up_to_24_days(earlier_ms, difference_ms):
    assert signed_ms((earlier_ms + difference_ms) % 2**32, earlier_ms) == difference_ms
