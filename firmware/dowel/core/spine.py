"""Angles of trunk and pelvis from where each sensor sees up.

Segment frame: X forward, Y up, Z to the right. With u the unit up in it:

    inclination = atan2(-u_x, u_y)    forward positive, unwrapped
    lateral     = asin(-u_z)          right positive
    flexion     = trunk inclination - pelvic tilt, rounding positive

Upright standing makes Y. Until a calibration gives the axis about which this wearer bends, Z is
a nominal axis of the sensor (its Z; another by set_axis) made square to Y. Where that axis
is within 17 degrees of vertical it cannot be: then X is the sensor's X made square, and Z follows.
"""

from array import array

from dowel.core.angle import atan2_mdeg, isqrt

ABSENT = -32768  # an angle that cannot be known, in cdeg; never zero

# Words of the angles that come out, cdeg.
TRUNK = 0
PELVIS = 1
FLEXION = 2
LATERAL = 3

_TRUNK = const(0)
_PELVIS = const(1)
_FLEXION = const(2)
_LATERAL = const(3)
_ABSENT = const(-32768)

# Words of the state: two segments of these, the upper first.
_KNOWN = const(0)  # 1: upright is known
_FOLLOWED = const(1)  # 1: _ANGLE is where unwrapping stands
_ANGLE = const(2)  # inclination, mdeg
_SIDE = const(3)  # lateral, mdeg
_FRAME = const(4)  # x9, rows X, Y, Z of the segment in sensor axes, 2^-14
_SEGMENT = const(13)

_MOMENT_UP = const(3)
_MOMENT_OWN_FLAGS = const(9)

_GAP_BIT = const(1)
_RESTART_BIT = const(64)
_REST_BIT = const(128)

_ONE = const(16384)  # 1 in 2^-14
# An axis whose horizontal part is shorter than this (0.3) is too near the vertical to be used.
_STEEP = const(4915)
# At rest and less than this from upright, mdeg: a standing pause, unwrapping begins anew.
_STANDING_MDEG = const(45000)
# Beyond this the unwrapped angle no longer fits int16 cdeg: one turn is taken off.
_UNWRAPPED_MAX_MDEG = const(327670)
_TURN_MDEG = const(360000)


def _unit(v):
    """Scale a vector (three words) to 2^-14; return its length before. One of length 0 stays."""
    length = isqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    if length == 0:
        return 0
    for i in range(3):
        v[i] = (v[i] * _ONE + (length >> 1)) // length
    return length


def _square(v, y):
    """Take from v what lies along the unit vector y, both 2^-14."""
    along = (v[0] * y[0] + v[1] * y[1] + v[2] * y[2]) >> 14
    for i in range(3):
        v[i] -= (along * y[i]) >> 14


def _cross(out, a, b):
    """Set out = a x b, all 2^-14."""
    for i in range(3):
        j = (i + 1) % 3
        k = (i + 2) % 3
        out[i] = (a[j] * b[k] - a[k] * b[j]) >> 14


class Spine:
    """Frames of the two segments, and how far their inclinations are unwrapped."""

    def __init__(self):
        self.state = array("i", [0] * (2 * _SEGMENT))
        self.angles = array("i", [ABSENT] * 4)
        self._axis = array("i", (0, 0, _ONE, 0, 0, _ONE))
        # One each, so that setting a zero allocates nothing.
        self._x = array("i", (0, 0, 0))
        self._y = array("i", (0, 0, 0))
        self._z = array("i", (0, 0, 0))

    def set_axis(self, role, x, y, z):
        """Name the sensor axis that points to the wearer's right; any length up to 16384."""
        z_axis = array("i", (x, y, z))
        _unit(z_axis)
        for i in range(3):
            self._axis[3 * role + i] = z_axis[i]

    def set_upright(self, role, x, y, z):
        """Take up as the sensor sees it in upright standing (1 g = 16393) as zero of a segment.

        Return False, and know nothing, where it is no vector.
        """
        s = self.state
        at = _SEGMENT * role
        s[at + _KNOWN] = 0
        if x == 0 and y == 0 and z == 0:
            return False
        across = self._x
        up = self._y
        right = self._z
        up[0] = x
        up[1] = y
        up[2] = z
        _unit(up)
        for i in range(3):
            right[i] = self._axis[3 * role + i]
        _square(right, up)
        if _unit(right) < _STEEP:
            across[0] = _ONE
            across[1] = 0
            across[2] = 0
            _square(across, up)
            _unit(across)
            _cross(right, across, up)
            _unit(right)
        _cross(across, up, right)
        for i in range(3):
            s[at + _FRAME + i] = across[i]
            s[at + _FRAME + 3 + i] = up[i]
            s[at + _FRAME + 6 + i] = right[i]
        s[at + _FOLLOWED] = 0
        s[at + _KNOWN] = 1
        return True

    def step(self, moment):
        """Set `angles` (TRUNK, PELVIS, FLEXION, LATERAL; cdeg or ABSENT) for this moment."""
        _angles(self.state, moment, self.angles)


@micropython.viper
def _angles(state, moment, angles):
    """Inclination and lateral of both segments, their difference."""
    s = ptr32(state)
    a = ptr32(angles)
    upper = int(_incline(state, moment, 0))
    lower = int(_incline(state, moment, 1))
    a[_TRUNK] = _ABSENT
    a[_PELVIS] = _ABSENT
    a[_FLEXION] = _ABSENT
    a[_LATERAL] = _ABSENT
    if upper & 1:
        a[_TRUNK] = (s[_ANGLE] + 5) // 10
    if lower & 1:
        a[_PELVIS] = (s[_SEGMENT + _ANGLE] + 5) // 10
    if upper & lower & 1:
        flexion = s[_ANGLE] - s[_SEGMENT + _ANGLE]
        while flexion > _TURN_MDEG // 2:
            flexion -= _TURN_MDEG
        while flexion < 0 - _TURN_MDEG // 2:
            flexion += _TURN_MDEG
        a[_FLEXION] = (flexion + 5) // 10
    # The trunk's; the pelvis' where the lower sensor is the only one.
    if upper:
        a[_LATERAL] = (s[_SIDE] + 5) // 10
    elif lower:
        a[_LATERAL] = (s[_SEGMENT + _SIDE] + 5) // 10


@micropython.viper
def _incline(state, moment, role: int) -> int:
    """Set angle and side of a segment; return 1 if inclination is known, + 2 if lateral is."""
    s = ptr32(state)
    m = ptr32(moment)
    at = role * _SEGMENT
    x = m[_MOMENT_UP + role * 3]
    y = m[_MOMENT_UP + role * 3 + 1]
    z = m[_MOMENT_UP + role * 3 + 2]
    if s[at + _KNOWN] == 0 or (x | y | z) == 0:
        return 0
    k = at + _FRAME
    forward = (s[k] * x + s[k + 1] * y + s[k + 2] * z) >> 14
    up = (s[k + 3] * x + s[k + 4] * y + s[k + 5] * z) >> 14
    right = (s[k + 6] * x + s[k + 7] * y + s[k + 8] * z) >> 14
    sagittal = int(isqrt(forward * forward + up * up))
    s[at + _SIDE] = int(atan2_mdeg(0 - right, sagittal))
    # hypot(u_x, u_y) < 0.2, as a ratio of the parts: 0.2 / sqrt(1 - 0.04) = 10 / 49
    if sagittal * 49 < ((right ^ (right >> 31)) - (right >> 31)) * 10:
        return 2
    angle = int(atan2_mdeg(0 - forward, up))
    flags = m[_MOMENT_OWN_FLAGS + role]
    anew = s[at + _FOLLOWED] == 0 or (flags & (_GAP_BIT | _RESTART_BIT)) != 0
    if (flags & _REST_BIT) and angle < _STANDING_MDEG and angle > 0 - _STANDING_MDEG:
        anew = True
    if not anew:
        last = s[at + _ANGLE]
        while angle - last > _TURN_MDEG // 2:
            angle -= _TURN_MDEG
        while angle - last < 0 - _TURN_MDEG // 2:
            angle += _TURN_MDEG
        if angle > _UNWRAPPED_MAX_MDEG:
            angle -= _TURN_MDEG
        if angle < 0 - _UNWRAPPED_MAX_MDEG:
            angle += _TURN_MDEG
    s[at + _ANGLE] = angle
    s[at + _FOLLOWED] = 1
    return 3
