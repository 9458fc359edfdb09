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

_CITY = "standing"
_LAYING_OUT = 120.0  # seconds, with some to spare
_TABLE = Path(__file__).parents[1] / "data" / "seconds.csv"


def _read() -> dict[str, tuple[float, bool]]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            f"tests/{row['file']}": (float(row["seconds"]), bool(row["apart"]))
            for row in csv.DictReader(file)
        }


_SECONDS = _read()


def takes_long(item: pytest.Item) -> bool:
    """Whether the test is of a file that the table says takes long."""
    return _file_of(item.nodeid) in _SECONDS


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of what takes long before all others, but let only one file wait for the city
    of all states at the beginning; while it is laid out the other worker has something to do."""
    seconds = {_file_of(item.nodeid): 0.0 for item in items}
    seconds |= {file: _SECONDS[file][0] for file in seconds if file in _SECONDS}
    need_city = {_file_of(item.nodeid) for item in items if _CITY in _fixtures(item)}
    queue = sorted(seconds, key=lambda file: -seconds[file])
    # Those that are not apart wait for it once.
    first = [file for file in queue if file in need_city and not _goes_apart(file)][:1]
    others = [file for file in queue if file not in first]
    meanwhile, done = [], 0.0
    for file in [file for file in others if file not in need_city]:
        if done < _LAYING_OUT:
            meanwhile.append(file)
            done += seconds[file]
    begun = {*first, *meanwhile}
    order = [*first, *meanwhile, *(file for file in others if file not in begun)]
    place = {file: n for n, file in enumerate(order)}
    items.sort(key=lambda item: place[_file_of(item.nodeid)])


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


def _goes_apart(file: str) -> bool:
    return _SECONDS.get(file, (0.0, False))[1]


class Balanced(LoadScopeScheduling):
    """Gives a worker that has done its tests the next file, or the next test of one that may go
    apart."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        # In the order of the tests, and not what has most of them first.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = _file_of(nodeid)
        return nodeid if _goes_apart(file) else file


def _file_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]
