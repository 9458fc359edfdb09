"""Run the proofs that are named, or all of them: `python -m proofs [NAME …] [--seed N]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from proofs import (
    described,
    every_page,
    hard_stops,
    heavy,
    kills_under_load,
    old_cases,
    workers_killed,
)

# Each is given a seed and, if there is one, a data folder to use and keep.
PROOFS: dict[str, Callable[[int, Path | None], bool]] = {
    "described": described.prove,
    "every_page": every_page.prove,
    "hard_stops": hard_stops.prove,
    "heavy": heavy.prove,
    "kills_under_load": kills_under_load.prove,
    "old_cases": old_cases.prove,
    "workers_killed": workers_killed.prove,
}


def main() -> int:
    """Run them one after the other; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m proofs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="、".join(PROOFS))
    parser.add_argument("--seed", type=int, default=1, help="of the moments that are drawn")
    parser.add_argument("--data", type=Path, help="a data folder to use and keep")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in PROOFS]:
        parser.error(f"no such proof: {', '.join(unknown)}")
    held = [PROOFS[name](given.seed, given.data) for name in given.names or PROOFS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
