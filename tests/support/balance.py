"""Which worker runs which tests: what takes long begins first, and may go to several.

What the tests of one file share is laid out once, so a file stays together, unless
tests/data/seconds.csv says that its tests may go `apart`. It also says what takes long.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

_TABLE = Path(__file__).parents[1] / "data" / "seconds.csv"


def _read() -> dict[str, tuple[float, bool]]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            f"tests/{row['file']}": (float(row["seconds"]), bool(row["apart"]))
            for row in csv.DictReader(file)
        }


_SECONDS = _read()


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of what takes long before all others."""
    items.sort(key=lambda item: -_SECONDS.get(_file_of(item.nodeid), (0.0, False))[0])


class Balanced(LoadScopeScheduling):
    """Gives a worker that has done its tests the next file, or the next test of one that may go
    apart."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        # In the order of the tests, and not what has most of them first.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = _file_of(nodeid)
        return nodeid if _SECONDS.get(file, (0.0, False))[1] else file


def _file_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]
