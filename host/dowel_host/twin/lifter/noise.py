"""Noise of a given band, and the lag of soft tissue, over a whole recording at once."""

import numpy as np

from dowel_host.twin.lifter.rotation import RATE_HZ, Floats

LEAST_SAMPLES = 1 << 15  # 157 s


def band_noise(
    rng: np.random.Generator, samples: int, low_hz: float, high_hz: float, slope: float = 0.0
) -> Floats:
    """Return noise (n,) of standard deviation 1 between two frequencies.

    slope: its amplitude falls with frequency to this power (0: white, 1: as sway does).
    """
    # A power of two is fast; a short recording is cut from a longer one, or it had no slow noise.
    padded = max(LEAST_SAMPLES, 1 << (samples - 1).bit_length())
    frequency_hz = np.fft.rfftfreq(padded, 1.0 / RATE_HZ)
    inside = (frequency_hz >= low_hz) & (frequency_hz <= high_hz)
    spectrum = np.zeros(len(frequency_hz), np.complex128)
    count = int(inside.sum())
    spectrum[inside] = rng.normal(size=count) + 1j * rng.normal(size=count)
    spectrum[inside] /= frequency_hz[inside] ** slope
    # Parseval: the whole signal's deviation, not that of the piece that is used.
    deviation = np.sqrt(2.0 * np.sum(np.abs(spectrum) ** 2)) / padded
    return np.fft.irfft(spectrum, padded)[:samples] / deviation


def lagged(values: Floats, lag_s: float) -> Floats:
    """Return values (n,) through a first-order lag of this time constant."""
    # Leave room for the lag to die out: the transform is circular.
    pad = int(8.0 * lag_s * RATE_HZ) + 1
    size = 1 << (len(values) + pad - 1).bit_length()
    start = values[0]
    spectrum = np.fft.rfft(values - start, size)
    spectrum /= 1.0 + 2j * np.pi * lag_s * np.fft.rfftfreq(size, 1.0 / RATE_HZ)
    return np.fft.irfft(spectrum, size)[: len(values)] + start
