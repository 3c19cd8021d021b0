"""Rotation matrices over time, and derivatives of what is sampled at RATE_HZ.

A matrix of a segment takes its axes (X forward, Y up, Z right) to those of the world, which are
the same where it stands upright and looks ahead.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE_HZ = 208.0


def segment_rotation(inclination_deg: Floats, lateral_deg: Floats, heading_deg: Floats) -> Floats:
    """Return (n, 3, 3): forward about its own Z, then to the side, then about the vertical.

    All (n,), degrees; inclination forward positive, lateral right positive, heading left positive.
    So 'up' in the segment's axes is (-sin i cos l, cos i cos l, -sin l), as the design has it.
    """
    return about_y(heading_deg) @ about_x(lateral_deg) @ about_z(-inclination_deg)


def about_x(angle_deg: Floats) -> Floats:
    """Return the rotations (n, 3, 3) by angles (n,), degrees, about X."""
    return _about(angle_deg, 1, 2)


def about_y(angle_deg: Floats) -> Floats:
    """Return the rotations (n, 3, 3) by angles (n,), degrees, about Y."""
    return _about(angle_deg, 2, 0)


def about_z(angle_deg: Floats) -> Floats:
    """Return the rotations (n, 3, 3) by angles (n,), degrees, about Z."""
    return _about(angle_deg, 0, 1)


def _about(angle_deg: Floats, first: int, second: int) -> Floats:
    angle = np.radians(np.atleast_1d(angle_deg))
    matrix = np.zeros((len(angle), 3, 3))
    matrix[:, range(3), range(3)] = 1.0
    matrix[:, first, first] = matrix[:, second, second] = np.cos(angle)
    matrix[:, second, first] = np.sin(angle)
    matrix[:, first, second] = -matrix[:, second, first]
    return matrix


def from_vector(vector_deg: Floats) -> Floats:
    """Return the rotations (n, 3, 3) by rotation vectors (n, 3), degrees: Rodrigues' formula."""
    vector = np.radians(np.atleast_2d(vector_deg))
    angle = np.linalg.norm(vector, axis=1)[:, None, None]
    x, y, z = vector.T
    cross = np.zeros((len(vector), 3, 3))
    cross[:, 0, 1], cross[:, 0, 2], cross[:, 1, 2] = -z, y, -x
    cross -= cross.transpose(0, 2, 1)
    # sinc: sin(a) / a without a division by zero.
    half = np.sinc(angle / (2.0 * np.pi))
    return np.eye(3) + np.sinc(angle / np.pi) * cross + 0.5 * half**2 * (cross @ cross)


def apply(matrices: Floats, vectors: Floats) -> Floats:
    """Return (n, 3): each matrix (n, 3, 3) on its vector (n, 3) or on the one vector (3,)."""
    return np.einsum("nij,nj->ni", matrices, np.broadcast_to(vectors, (len(matrices), 3)))


def apply_inverse(matrices: Floats, vectors: Floats) -> Floats:
    """Return (n, 3): the inverse of each matrix on its vector."""
    return np.einsum("nji,nj->ni", matrices, np.broadcast_to(vectors, (len(matrices), 3)))


def rate_rad_s(matrices: Floats) -> Floats:
    """Return the angular rate (n, 3) in the segment's own axes, rad/s."""
    # R^T dR/dt is the cross product matrix of the rate.
    cross = matrices.transpose(0, 2, 1) @ first_derivative(matrices)
    return 0.5 * np.stack(
        (
            cross[:, 2, 1] - cross[:, 1, 2],
            cross[:, 0, 2] - cross[:, 2, 0],
            cross[:, 1, 0] - cross[:, 0, 1],
        ),
        1,
    )


def first_derivative(values: Floats) -> Floats:
    """Return the derivative by time along the first axis: five points, so 20 Hz lose 0.4 %."""
    v = _extended(values)
    return (v[:-4] - 8.0 * v[1:-3] + 8.0 * v[3:-1] - v[4:]) * (RATE_HZ / 12.0)


def second_derivative(values: Floats) -> Floats:
    """Return the second derivative by time along the first axis: five points."""
    v = _extended(values)
    return (-v[:-4] + 16.0 * v[1:-3] - 30.0 * v[2:-2] + 16.0 * v[3:-1] - v[4:]) * (
        RATE_HZ**2 / 12.0
    )


def _extended(values: Floats) -> Floats:
    # By two at either end, mirrored through the end's own value: no jerk there.
    before = 2.0 * values[:1] - values[2:0:-1]
    after = 2.0 * values[-1:] - values[-2:-4:-1]
    return np.concatenate((before, values, after))


def angles_deg(up: Floats) -> tuple[Floats, Floats]:
    """Return inclination and lateral (n,), degrees, of 'up' (n, 3) in a segment's axes."""
    inclination = np.degrees(np.arctan2(-up[:, 0], up[:, 1]))
    return inclination, np.degrees(np.arcsin(np.clip(-up[:, 2], -1.0, 1.0)))


def turn_between(start: Floats, end: Floats) -> Floats:
    """Return the smallest rotation (3, 3) that takes the direction start (3,) to end (3,)."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis = np.cross(a, b)
    sine, cosine = float(np.linalg.norm(axis)), float(a @ b)
    if sine < 1e-12:
        return np.eye(3)
    return from_vector(np.degrees(axis / sine * np.arctan2(sine, cosine)))[0]
