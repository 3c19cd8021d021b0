"""The results as tables for people."""

from collections.abc import Iterable, Mapping, Sequence

from bench.cost import ARCHITECTURES, BURSTS, Cost
from bench.results import Results
from bench.score import GOOD_DEG, POOR_RATIO, means, poor, ratios, worst
from bench.trial import is_lifting_like

# Filters in the order of their columns: name in the results, head of the column.
_COLUMNS = {
    "vqf": "VQF 6D",
    "vqf_scaled": "VQF scaled",
    "dowel": "dowel (VM)",
    "dowel_cpython": "(CPython)",
    "dowel_scaled": "scaled",
    "madgwick": "Madgwick",
    "mahony": "Mahony",
    "imufusion": "imufusion",
    "imufusion_default": "(default)",
}
_GROUPS = {"all": "mean of all", "lifting_like": "mean of the lifting-like (*)"}
_RATIOS = {"all": "of the means", "lifting_like": "lifting-like", "geometric": "geometric"}


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as columns of one width each; the first column to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def tilt(results: Results) -> str:
    """Return the errors, the means and the ratios to VQF."""
    errors = results.errors
    here = [one for one in _COLUMNS if one in next(iter(errors.values()))]
    rows = [["RMSE of inclination, degrees", *(_COLUMNS[one] for one in here), "dowel/VQF"]]
    for name, trial in errors.items():
        mark = " *" if is_lifting_like(name) else ""
        ratio = trial["dowel"] / trial["vqf"]
        rows.append([name + mark, *(f"{trial[one]:.3f}" for one in here), f"{ratio:.2f}"])
    for group, mean in means(errors).items():
        ratio = mean["dowel"] / mean["vqf"]
        rows.append([_GROUPS[group], *(f"{mean[one]:.3f}" for one in here), f"{ratio:.3f}"])
    parts = [table(rows), ""]
    parts += [
        _ratio_line(errors, one) for one in ("dowel", "dowel_scaled", "vqf_scaled") if one in here
    ]
    if "dowel" in here:
        parts.append("VM and CPython gave the same integers after every burst of every recording.")
    return "\n".join(parts)


def _ratio_line(errors: Mapping[str, Mapping[str, float]], one: str) -> str:
    each = ", ".join(f"{_RATIOS[kind]} {value:.3f}" for kind, value in ratios(errors, one).items())
    name, most = worst(errors, one)
    bad = poor(errors, one)
    return (
        f"ratio to VQF, {one}: {each}; worst {most:.2f} ({name}); "
        f"above {POOR_RATIO} and not below {GOOD_DEG} degrees: {', '.join(bad) or 'none'}"
    )


def learnt(results: Results) -> str:
    """Return the gyro scales."""
    lines = ["Gyro scale learnt from gravity alone (parts of 65536):"]
    for site, one in results.learnt.items():
        axes = ", ".join(
            f"{axis} {100 * error:+.2f} +-{100 * deviation:.2f} %"
            for axis, error, deviation in zip("xyz", one.error, one.deviation, strict=True)
        )
        integers = " ".join(map(str, one.scale))
        lines.append(f"  {site}, {one.recordings} recordings: {integers} ({axes})")
    lines.append("  An axis that is not known to 0.3 % stays as it is.")
    return "\n".join(lines)


def cold(results: Results) -> str:
    """Return the errors of starts without rest."""
    rows = [["rest cut off, from 30 s on", "", "VQF 6D", "dowel", "dowel/VQF", "worst"]]
    for bias_dps, errors in results.cold.items():
        if not errors:
            continue
        for group, mean in means(errors).items():
            ratio = mean["dowel"] / mean["vqf"]
            members = {
                name: trial
                for name, trial in errors.items()
                if group == "all" or is_lifting_like(name)
            }
            most = worst(members, "dowel")[1]
            rows.append(
                [
                    f"  {bias_dps:+.1f} degrees/s added",
                    group.replace("_", "-"),
                    f"{mean['vqf']:.3f}",
                    f"{mean['dowel']:.3f}",
                    f"{ratio:.3f}",
                    f"{most:.2f}",
                ]
            )
    return table(rows)


def cost(costs: Mapping[str, Cost]) -> str:
    """Return the costs."""
    rows = [["per sample and sensor", *costs]]
    for burst in BURSTS:
        counts = [
            f"{one.instructions[burst]:,.0f}" if one.instructions else "not counted"
            for one in costs.values()
        ]
        rows.append([f"x86 instructions, bursts of {burst}, call included", *counts])
    each = costs.values()
    rows.append(["heap, bytes", *(f"{one.heap_bytes:,.0f}" for one in each)])
    rows.append(["time on this machine, ns", *(f"{one.ns:,.0f}" for one in each)])
    rows.append(["Madgwick's time over it", *(f"{one.time_ratio:,.0f}" for one in each)])
    rows += [
        [f"code for {architecture}, bytes", *(f"{one.code_bytes[architecture]:,}" for one in each)]
        for architecture in ARCHITECTURES
    ]
    return table(rows)


def sentences(lines: Iterable[str]) -> str:
    """Return sentences, one a line, without repeats."""
    return "\n".join(dict.fromkeys(lines))
