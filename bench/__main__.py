"""The tilt filter beside its peers over a folder of recordings: `make bench`."""

import argparse
import os
import sys
from pathlib import Path

from bench import report
from bench.cost import costs
from bench.document import check_place, document, save
from bench.results import add_cold, add_scaled, compare, to_stderr
from bench.scale import learn_by_site
from bench.trial import load_sensors, load_trials
from dowel_host.errors import DowelError

_ROOT = Path(__file__).resolve().parent.parent


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    recordings = os.environ.get("DOWEL_RECORDINGS") or _ROOT.parent / "shared" / "data"
    parser.add_argument("--data", type=_path, default=recordings, help="folder of recordings")
    parser.add_argument("--json", type=_path, help="file for the results")
    parser.add_argument(
        "--scale-from", type=_path, help="folder of recordings to learn the gyro's scale from"
    )
    return parser.parse_args()


def _path(text: str) -> Path:
    # Make hands ~ on as it is.
    return Path(text).expanduser()


def bench(data: Path, json: Path | None, scale_from: Path | None) -> None:
    """Measure and print. DowelError."""
    if json is not None:
        check_place(json)
    trials, skipped = load_trials(data)
    scales = None
    if scale_from is not None:
        sensors, unread = load_sensors(scale_from)
        skipped += unread
        to_stderr(f"learning the gyro's scale from {len(sensors)} sensors")
        scales = learn_by_site(sensors)
    cost, missing = costs()
    results = compare(trials, to_stderr)
    if scales is not None:
        add_scaled(results, trials, scales)
    add_cold(results, trials)
    parts = [report.sentences([*skipped, *missing]), report.tilt(results)]
    if results.learnt:
        parts.append(report.learnt(results))
    parts += [report.cold(results), report.cost(cost)]
    print("\n\n".join(part for part in parts if part))
    if json is not None:
        save(json, document(results, cost))


def main() -> int:
    """Run; return the exit status."""
    chosen = arguments()
    try:
        bench(chosen.data, chosen.json, chosen.scale_from)
    except DowelError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
