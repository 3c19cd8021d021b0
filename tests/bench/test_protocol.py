"""A start without rest: cut at the movement, biased, judged from 30 s on."""

import numpy as np
import pytest

from bench.protocol import without_rest


@pytest.fixture(scope="module")
def whole(simulated, trial):
    return trial(simulated(40))


def cut(whole, bias_dps):
    trial = without_rest(whole, bias_dps)
    assert trial is not None
    return trial


def test_what_comes_before_the_movement_is_gone(whole):
    begin = int(np.argmax(whole.judged))
    one = cut(whole, 0.0)
    assert one.sensor.t_us[0] == 0
    assert (one.sensor.acc == whole.sensor.acc[begin:]).all()
    assert (one.up == whole.up[begin:]).all()


def test_bias_is_added_to_every_axis_in_counts(whole):
    begin = int(np.argmax(whole.judged))
    added = cut(whole, 0.1).sensor.gyr.astype(int) - whole.sensor.gyr[begin:]
    assert set(added.ravel()) == {3}  # 0.105 degrees/s
    assert set((cut(whole, -0.5).sensor.gyr - whole.sensor.gyr[begin:]).ravel()) == {-14}


def test_bias_does_not_wrap_at_the_end_of_the_range(whole):
    gyr = whole.sensor.gyr.copy()
    gyr[-1] = 32767
    assert (cut(whole.with_gyr(gyr), 0.5).sensor.gyr[-1] == 32767).all()


def test_the_first_30_s_are_not_judged(whole):
    one = cut(whole, 0.2)
    assert one.sensor.t_us[np.argmax(one.judged)] == pytest.approx(30e6, abs=5000)


def test_a_recording_that_ends_before_is_left_out(simulated, trial):
    assert without_rest(trial(simulated(30)), 0.1) is None
