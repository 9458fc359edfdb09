"""Days of 行政复议 and 行政诉讼, which do not count for a late fee (处罚法73): read from the legal
dates of the steps that began and ended them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Stay:
    """The time during which one of them was pending, both days included; `last` None if it is."""

    kind: str
    first: date
    last: date | None


def stays(dates: Mapping[str, date]) -> tuple[Stay, ...]:
    """The stays of a case, from the legal date of the latest of each of its steps."""
    found = []
    for kind in ("reconsideration", "litigation"):
        if f"file_{kind}" in dates:
            ending = (f"{how}_{kind}" for how in ("end", "vary_by", "change_by"))
            ends = [dates[step] for step in ending if step in dates]
            found.append(Stay(kind, dates[f"file_{kind}"], max(ends, default=None)))
    return tuple(found)


def days_counted(first: date, last: date, stayed: Iterable[Stay]) -> int:
    """How many days from `first` to `last`, both included, lie in no stay; 0 if there are none."""
    resting = list(stayed)
    day, counted = first, 0
    while day <= last:
        counted += not any(s.first <= day and (s.last is None or day <= s.last) for s in resting)
        day += _ONE
    return counted
