"""Ways that begin alike are gone once: where they part, all is kept and brought back.

What is kept at a fork is every row of the town, the hour, and what the walker remembers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from tests.support.front import Front
from tests.support.rows import Rows, Signs, signs
from tests.support.ways import Beginning, Route, Walker, Way

# A part of the way to a beginning: by whom the case was brought so far, and by whom it is now.
Stage = tuple[Beginning, Callable[[Walker | None], Walker]]


@dataclass(frozen=True)
class _Fork:
    """How far it is, and all that was there."""

    route: Route
    rows: Rows
    signs: Signs
    instant: datetime
    walker: Walker | None
    remembered: Mapping[str, Any]


class Explorer:
    """Takes one way after the other through a town of its own, each from the last fork that it has
    in common with the one before; `routes` are all that it may be asked to go."""

    def __init__(self, front: Front, owner: psycopg.Connection, routes: Iterable[Route]) -> None:
        self.front = front
        self._forks = _forks(routes)
        self._owner = owner
        self._kept: list[_Fork] = []
        # How far it has come; None on the way from one fork to the next.
        self._at: Route | None = None
        self._keep((), None)

    def walk(self, way: Way, *stages: Stage) -> Walker:
        """Go a way to its end; gives who went it, to be asked what there is.

        The `stages` bring a case to where the way begins, unless one stands there already.
        """
        route = way.route(*(beginning for beginning, _ in stages))
        while route[: len(self._kept[-1].route)] != self._kept[-1].route:
            self._kept.pop()
        fork = self._kept[-1]
        if self._at != fork.route:
            self._bring_back(fork)
        self._at = None
        walker, done = fork.walker, len(fork.route)
        for n, (_, prepare) in enumerate(stages, start=1):
            if n > done:
                walker = prepare(walker)
                self._arrive(route[:n], walker)
        assert walker is not None
        if done <= len(stages):
            assert walker.case()["state"] == way.states[0]
        for n, step in enumerate(way.taken, start=1 + len(stages)):
            if n > done:
                walker.take(*step, way)
                self._arrive(route[:n], walker)
        return walker

    def _arrive(self, route: Route, walker: Walker) -> None:
        self._at = None
        if route in self._forks:
            self._keep(route, walker)

    def _keep(self, route: Route, walker: Walker | None) -> None:
        remembered = deepcopy(walker.memory) if walker else {}
        now = self.front.town.time.instant
        found, known = signs(self._owner), {}
        if self._kept:
            last = self._kept[-1]
            known = {t: r for t, r in last.rows.tables.items() if found[t] == last.signs[t]}
        rows = Rows.read(self._owner, known)
        self._kept.append(_Fork(route, rows, found, now, walker, remembered))
        self._owner.commit()
        self._at = route

    def _bring_back(self, fork: _Fork) -> None:
        found = signs(self._owner)
        fork.rows.put_back(self._owner, [name for name in found if found[name] != fork.signs[name]])
        self._owner.commit()
        self.front.town.time.instant = fork.instant
        self.front.log_in_again()
        if fork.walker is not None:
            fork.walker.memory = deepcopy(fork.remembered)


@contextmanager
def exploring(front: Front, routes: Iterable[Route]) -> Iterator[Explorer]:
    """An explorer of the town of `front` as it is now."""
    with psycopg.connect(front.town.url) as owner:
        yield Explorer(front, owner, routes)


def _forks(routes: Iterable[Route]) -> set[Route]:
    """Where ways part, or one ends and another goes on."""
    onward: dict[Route, set[str]] = defaultdict(set)
    for route in routes:
        for n in range(len(route) + 1):
            onward[route[:n]].add(route[n] if n < len(route) else "")
    return {route for route, further in onward.items() if len(further) > 1}
