"""What a town went through since it was settled: what another went through before is brought back.

Many tests begin with the same journey. As long as no case of a town was touched by anything but
`remembered` journeys, what comes of the next one is known if some town of this process went that
way before.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from threading import get_ident
from typing import Any, ClassVar, Protocol, TypeVar, cast

import psycopg
from psycopg.errors import LockNotAvailable

from tests.support.rows import Rows, Signs, signs

_Deed = TypeVar("_Deed", bound=Callable[..., Any])
Route = tuple[Any, ...]

# What took less, in seconds, is sooner done again than brought back.
_WORTH_KEEPING = 0.06
_MOST_BYTES = 200_000_000
# Who logged in meanwhile is no part of it.
_ASIDE = "login_session"
_LOG = "case_log"


class _Clock(Protocol):
    instant: datetime


class _Town(Protocol):
    time: _Clock
    history: History | None


@dataclass(frozen=True)
class _Known:
    """What came of a journey: the rows and the hour after it, and what it gave."""

    rows: Rows
    instant: datetime
    given: Any
    bytes: int  # of rows that nothing else keeps


class History:
    """The journeys of one town, which begins with `rows`."""

    # By all towns of this process.
    _known: ClassVar[OrderedDict[Route, _Known]] = OrderedDict()
    _bytes: ClassVar[int] = 0

    def __init__(self, owner: psycopg.Connection, rows: Rows, signs_of_rows: Signs) -> None:
        self._owner = owner
        self._route: Route = ()
        self._under_way = False
        self._over = False  # somebody else touched its cases
        self._thread, self._crossed = 0, False
        self._spent = 0.0  # on journeys since rows were kept or brought back
        self._signs = _but_who_logged_in(signs_of_rows)
        # Rows as they once were, and the signs of that: where these still stand, so do those.
        self._rows, self._signs_then = rows, self._signs

    def through(self, town: _Town, name: str, how: str, deed: Callable[[], Any]) -> Any:
        """What a journey gives, be it gone or brought back."""
        if not self._goes_on():
            return deed()
        route = (*self._route, (town.time.instant, name, how))
        known = self._known.get(route)
        if known is not None and self._bring_back(town, route, known):
            return known.given
        return self._gone(town, route, deed)

    def along(self, town: _Town, hows: Sequence[str], deed: Callable[[int], Any]) -> None:
        """Do one after the other, from the longest part of them on that was done before."""
        done, routes = 0, []
        if self._goes_on():
            start = (*self._route, town.time.instant)
            routes = [(*start, *hows[:n]) for n in range(1, len(hows) + 1)]
            for n, route in reversed(list(enumerate(routes, start=1))):
                known = self._known.get(route)
                if known is not None and self._bring_back(town, route, known):
                    done = n
                    break
        for n in range(done, len(hows)):
            if routes:
                self._gone(town, routes[n], lambda: deed(n))  # noqa: B023
            else:
                deed(n)

    def _goes_on(self) -> bool:
        """Whether it is known where the next journey begins. What somebody else has changed since
        the last one is part of the way, but for steps of cases: no two are the same."""
        if self._under_way:
            # Two at once: nobody knows any more what came of which.
            self._crossed = self._crossed or get_ident() != self._thread
        if self._under_way or self._over:
            return False
        try:
            found = self._read_signs()
        except LockNotAvailable:
            self._owner.rollback()
            self._over = True
            return False
        if touched := [table for table in found if found[table] != self._signs[table]]:
            self._over = _LOG in touched
            if not self._over:
                self._route = (*self._route, *(self._digest(table) for table in touched))
                self._signs = found
        return not self._over

    def _gone(self, town: _Town, route: Route, deed: Callable[[], Any]) -> Any:
        began, self._thread = time.perf_counter(), get_ident()
        self._under_way = self._over = True
        try:
            given = deed()
        finally:
            self._under_way = False
        if self._crossed:
            return given
        self._over = False
        self._route, self._signs = route, self._read_signs()
        self._spent += time.perf_counter() - began
        # Only text is the same for whoever is given it.
        if self._spent > _WORTH_KEEPING and isinstance(given, str | None):
            self._spent = 0.0
            known = {t: rows for t, rows in self._rows.tables.items() if not self._moved(t)}
            self._rows, self._signs_then = Rows.read(self._owner, known), self._signs
            self._owner.commit()  # a test may want to lock what was read
            added = sum(len(rows) for t, rows in self._rows.tables.items() if t not in known)
            self._keep(_Known(self._rows, town.time.instant, given, added))
        return given

    def _keep(self, known: _Known) -> None:
        self._known[self._route] = known
        History._bytes += known.bytes
        while History._bytes > _MOST_BYTES:
            _, former = self._known.popitem(last=False)
            History._bytes -= former.bytes

    def _bring_back(self, town: _Town, route: Route, known: _Known) -> bool:
        """Put the rows there; False if a session that is not over holds some of those that are."""
        wanted, there = known.rows, self._rows.tables
        changed = [
            table
            for table in self._signs
            if self._moved(table) or there.get(table) != wanted.tables.get(table)
        ]
        try:
            wanted.put_back(self._owner, changed)
            wanted.count_on(self._owner)
        except LockNotAvailable:
            self._owner.rollback()
            return False
        self._rows, self._signs = wanted, self._read_signs()
        self._signs_then = self._signs
        self._known.move_to_end(route)
        self._route, self._spent = route, 0.0
        town.time.instant = known.instant
        return True

    def _digest(self, table: str) -> Any:
        query = f"SELECT sum(hashtextextended(t::text, 0)) FROM {table} t"  # noqa: S608
        found = self._owner.execute(query).fetchone()
        self._owner.commit()
        return table, found

    def _moved(self, table: str) -> bool:
        return self._signs.get(table) != self._signs_then.get(table)

    def _read_signs(self) -> Signs:
        found = _but_who_logged_in(signs(self._owner))
        self._owner.commit()
        return found


def _but_who_logged_in(found: Signs) -> Signs:
    return {table: sign for table, sign in found.items() if table != _ASIDE}


def remembered(deed: _Deed) -> _Deed:
    """For a journey of a town, or of whoever is in one: what comes of it must follow from its
    arguments alone."""

    @wraps(deed)
    def remembering(who: Any, *given: Any, **options: Any) -> Any:
        town: _Town = getattr(who, "town", who)
        if town.history is None:
            return deed(who, *given, **options)
        how = repr((given, sorted(options.items())))
        name = f"{deed.__module__}.{deed.__qualname__}"  # several files open a lead
        return town.history.through(town, name, how, lambda: deed(who, *given, **options))

    return cast(_Deed, remembering)


def step_by_step(
    town: _Town,
    way: tuple[str, ...],
    steps: Sequence[tuple[str, str]],
    inputs: Mapping[str, Any],
    take: Callable[[str, str], Any],
) -> None:
    """Take steps, each by somebody, from where another town was brought in the same `way`; what
    comes of one must follow from what was before, and from what `inputs` says of it."""
    if town.history is None:
        for step, by in steps:
            take(step, by)
        return
    hows = [repr((*way, step, by, inputs.get(step))) for step, by in steps]
    town.history.along(town, hows, lambda n: take(*steps[n]))
