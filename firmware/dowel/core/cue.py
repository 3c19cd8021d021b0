"""A threshold with hysteresis: when the motor speaks."""

# Limits of lumbar flexion, cdeg, until a calibration knows the wearer's own. On: small, every
# hinge cues (a good one shows some 10 degrees); large, rounding is missed (cues in the literature
# sit at 70 to 80 % of ranges of 35 to 60 degrees). Off: near on, the motor stutters.
ON_CDEG = 2500
OFF_CDEG = 2000

CHANGED_ON = 1
CHANGED_OFF = -1

_ABSENT = const(-32768)


class Cue:
    """On from on_cdeg upwards, off again below off_cdeg, and off while the angle is not known."""

    def __init__(self, on_cdeg=ON_CDEG, off_cdeg=OFF_CDEG):
        self.on_cdeg = on_cdeg
        self.off_cdeg = off_cdeg
        self.is_on = False

    def step(self, angle_cdeg):
        """Take the angle of a step; return CHANGED_ON, CHANGED_OFF or 0."""
        if self.is_on:
            if angle_cdeg == _ABSENT or angle_cdeg < self.off_cdeg:
                self.is_on = False
                return CHANGED_OFF
        elif angle_cdeg >= self.on_cdeg:
            self.is_on = True
            return CHANGED_ON
        return 0
