"""Errors of filters on trials: root mean square by trial, means over trials, ratios to VQF."""

from collections.abc import Mapping

import numpy as np

from bench.trial import Floats, Trial, is_lifting_like

# Degrees, by trial and filter.
Errors = Mapping[str, Mapping[str, float]]
REFERENCE = "vqf"
# A trial is poor beyond so many times VQF's error, unless its own is below so many degrees.
POOR_RATIO = 1.3
GOOD_DEG = 1.0


def rmse_deg(up: Floats, trial: Trial) -> float:
    """Root mean square angle between estimated up (n, 3) and the truth, degrees.

    The formula of the recordings' description.
    """
    return float(np.degrees(np.sqrt(np.mean(angle_rad(up, trial.up)[trial.judged] ** 2))))


def angle_rad(up: Floats, other: Floats) -> Floats:
    """Angle between unit vectors, (n, 3) each, radians (n,)."""
    return np.arccos(np.clip((up * other).sum(1), -1, 1))


def groups(errors: Errors) -> dict[str, list[str]]:
    """Names of the trials by group: all, and lifting_like where there are any."""
    lifting = [name for name in errors if is_lifting_like(name)]
    return {"all": list(errors)} | ({"lifting_like": lifting} if lifting else {})


def means(errors: Errors) -> dict[str, dict[str, float]]:
    """Mean error by group and filter, degrees. Every trial must have every filter."""
    filters = list(next(iter(errors.values())))
    return {
        group: {one: float(np.mean([errors[name][one] for name in names])) for one in filters}
        for group, names in groups(errors).items()
    }


def ratios(errors: Errors, one: str) -> dict[str, float]:
    """Error of a filter over that of VQF: of the means by group, and geometric over the trials."""
    result = {group: mean[one] / mean[REFERENCE] for group, mean in means(errors).items()}
    each = [trial[one] / trial[REFERENCE] for trial in errors.values()]
    result["geometric"] = float(np.exp(np.mean(np.log(each))))
    return result


def worst(errors: Errors, one: str) -> tuple[str, float]:
    """The trial on which a filter does worst beside VQF, and that ratio."""
    by_trial = {name: trial[one] / trial[REFERENCE] for name, trial in errors.items()}
    name = max(by_trial, key=by_trial.__getitem__)
    return name, by_trial[name]


def poor(errors: Errors, one: str) -> list[str]:
    """Trials on which a filter is much worse than VQF and not good either."""
    return [
        name
        for name, trial in errors.items()
        if trial[one] > POOR_RATIO * trial[REFERENCE] and trial[one] >= GOOD_DEG
    ]
