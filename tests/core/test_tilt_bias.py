"""The responses by which the bias is learnt in movement, against rotation matrices."""

from array import array

import numpy as np
import pytest

from core.movement import rotation
from dowel.core.bias import learn_bias
from dowel.core.tilt import Tilt

# Words of the state: tilt.py.
TURN, CORRECTION, RESPONSE = 26, 49, 53
ONE = 8000
BOUND = 16383


def turned(vectors, turn_rad) -> np.ndarray:
    """The responses after one block, without leak and without gravity."""
    state = Tilt().state
    state[TURN : TURN + 3] = array("i", [round(x * (1 << 18)) for x in turn_rad])
    state[RESPONSE : RESPONSE + 9] = array("i", [round(x) for x in np.ravel(vectors)])
    learn_bias(state, 0)
    return np.array(state[RESPONSE : RESPONSE + 9]).reshape(3, 3)


@pytest.mark.parametrize(
    "turn_rad", [(0.2, 0, 0), (0, -0.2, 0), (0, 0, 0.2), (0.1, -0.15, 0.2), (-0.2, -0.1, 0.1)]
)
def test_responses_turn_with_the_sensor(turn_rad):
    vectors = np.eye(3) * ONE
    exact = vectors @ rotation(turn_rad)  # rows: what stands still, seen from what turns
    assert abs(turned(vectors, turn_rad) - exact).max() < 0.003 * ONE + 2


def test_no_response_leaves_its_bounds():
    for sign in (1, -1):
        for turn_rad in ((0.3, 0.3, 0.3), (0.7, 0, 0), (-0.3, 0.2, 0.3)):
            assert abs(turned(np.full((3, 3), sign * BOUND), turn_rad)).max() <= BOUND


def test_a_turn_too_fast_to_learn_from_begins_the_responses_anew():
    assert not turned(np.eye(3) * ONE, (0.9, 0.3, 0)).any()


def test_each_axis_answers_for_what_it_did_to_gravity():
    """Upright, a bias of x or z tilts gravity; that of y, about up itself, does nothing."""
    state = Tilt().state
    state[1] = 4098 << 16
    for _ in range(5):
        learn_bias(state, 0)
    response = np.array(state[RESPONSE : RESPONSE + 9]).reshape(3, 3) / 128 / 5
    exact = np.cross(np.eye(3), (0, 1, 0))
    assert abs(response - exact).max() < 0.02
    before = state[9:12]
    state[CORRECTION] = 100  # gravity was turned towards x
    learn_bias(state, 3000)
    learnt = np.array(state[9:12]) - np.array(before)
    assert learnt[2] < 0
    assert learnt[0] == learnt[1] == 0
