"""Run a benchmark on an embedded database of its own and print the figures.

`python -m benchmarks` measures steps; `python -m benchmarks idle` measures what a demo costs while
nobody asks it for anything; `python -m benchmarks search` lists and searches among a
million cases, and `python -m benchmarks clocks` lets happen what fell due among ten thousand open
cases and among a million; either needs 12 GB of disk. With `--data DIR` the city that is searched
is kept and used again. `python -m benchmarks imports` takes in a hundred thousand rows of outside
data, as CSV and as a workbook.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.clock_speed import clock_speed
from benchmarks.idle_cost import idle_cost
from benchmarks.import_speed import import_speed
from benchmarks.search_speed import search_speed
from benchmarks.step_speed import step_speed
from casework.operations.embedded import embedded_database

_COPIES = 1441  # of the demo city's 694 cases make a million

_CASES = 1_000_000
_ROWS = 100_000


def main() -> int:
    """Print machine and date, then the benchmark's figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=("steps", "search", "clocks", "idle", "imports"), default="steps"
    )
    parser.add_argument("--copies", type=int, default=_COPIES, help="of the demo city")
    parser.add_argument("--cases", type=int, default=_CASES, help="that are open, among the many")
    parser.add_argument("--rows", type=int, default=_ROWS, help="to be imported")
    parser.add_argument("--seconds", type=float, default=300.0, help="that it is idle")
    parser.add_argument("--data", type=Path, help="a folder to keep the city in")
    given = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}  Python {platform.python_version()}  {platform.machine()}")
    with ExitStack() as stack:
        folder = given.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if given.what == "idle":
            idle_cost(folder, seconds=given.seconds)
            return 0
        server = stack.enter_context(embedded_database(folder))
        if given.what == "search":
            search_speed(server, copies=given.copies, keep=given.data is not None)
        elif given.what == "imports":
            return 0 if import_speed(server, rows=given.rows) else 1
        elif given.what == "clocks":
            return 0 if clock_speed(server, many=given.cases) else 1
        else:
            step_speed(server, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
