"""The faults that a device tells of itself, in words."""

from dowel.link import wire

# By bit of wire.FAULT_*. Sensors that are missing, and a broken calibration, are told elsewhere.
_WORDS = {
    wire.FAULT_UPPER_NOT_1G: "the upper sensor did not read 1 g at the start: hold still, restart",
    wire.FAULT_LOWER_NOT_1G: "the lower sensor did not read 1 g at the start: hold still, restart",
    wire.FAULT_BUS_STUCK: "its I2C data line is held low: check the wiring",
    wire.FAULT_SETTINGS_BROKEN: "its settings are broken and the defaults used: set them again",
}


def fault_words(faults: int) -> list[str]:
    """Return a phrase for each fault, from INFO."""
    return [words for bit, words in _WORDS.items() if faults & bit]
