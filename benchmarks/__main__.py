"""Run every benchmark on an embedded database of its own and print the figures."""

from __future__ import annotations

import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.step_speed import step_speed
from casework.embedded import embedded_database


def main() -> int:
    """Print machine and date, then each benchmark's figures."""
    print(f"{datetime.now(UTC):%Y-%m-%d}  Python {platform.python_version()}  {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder, embedded_database(Path(folder)) as server:
        step_speed(server, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
