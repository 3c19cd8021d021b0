"""The results as the JSON document that the recordings' description gives."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from bench.cost import Cost
from bench.errors import FolderError
from bench.results import Results
from bench.score import means, ratios

FILTERS = ("dowel", "vqf", "madgwick", "mahony", "imufusion")
SCALED = "dowel_scaled"
_DIGITS = 6


def document(results: Results, costs: Mapping[str, Cost]) -> dict[str, Any]:
    """Return the document; what is not known is absent."""
    scaled = any(SCALED in trial for trial in results.errors.values())
    filters = (*FILTERS, SCALED) if scaled else FILTERS
    errors = {name: {one: trial[one] for one in filters} for name, trial in results.errors.items()}
    tilt: dict[str, Any] = {
        "trials": errors,
        "mean": means(errors),
        "ratio_to_vqf": ratios(errors, "dowel"),
    }
    if scaled:
        tilt["ratio_to_vqf_scaled"] = ratios(errors, SCALED)
    return _rounded({"tilt": tilt, "cost": {name: _cost(one) for name, one in costs.items()}})


def save(path: Path, content: Mapping[str, Any]) -> None:
    """Write a document; it appears whole or not at all. FolderError."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(json.dumps(content, indent=1) + "\n")
        part.replace(path)
    except OSError as error:
        why = f"cannot be written ({error.strerror})"
        raise FolderError(path, why, "name another place with JSON=FILE") from error


def check_place(path: Path) -> None:
    """Find out before the long work whether a document could be written. FolderError."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        why = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
        raise FolderError(path, why, "name a file with JSON=FILE")


def _cost(cost: Cost) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "time_ratio": cost.time_ratio,
        "heap_bytes": round(cost.heap_bytes),
        "code_bytes": cost.code_bytes,
    }
    if cost.instructions is not None:
        entry["instructions_per_sample"] = {
            str(burst): round(count) for burst, count in cost.instructions.items()
        }
    return entry


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _rounded(one) for key, one in items}
    return value
