"""How clocks move (时限的起算、中止、延长、届满): pure, so that a replay gives the same runs.

`move` says what one transition does to the runs of the clocks it concerns; `set_due` derives when a
run is due. Nothing here reads a database or the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from casework.counting import Derivation, Stop, WorkCalendar, count, count_back, due_instant
from casework.rules import Rules
from casework.timekeeping import end_of, legal_date
from rulebook.models import Limit
from state_machines.vocabulary import Clock

RUNNING, STOPPED, EXPIRED, ENDED = "running", "stopped", "expired", "ended"


@dataclass(frozen=True)
class Stopped:
    """One stop of a run: its kind, why, and from and to which legal date (None: still open)."""

    kind: str
    label: str
    first: date
    last: date | None


@dataclass(frozen=True)
class Run:
    """One run of a clock.

    `status` is running, stopped, expired (it fell due and said so) or ended. `edition` pins the
    limit it started under; `fires_at` is the instant at which it is too late.
    """

    name: str
    number: int
    status: str
    started_at: datetime
    stops: tuple[Stopped, ...] = ()
    extended: bool = False
    edition: str | None = None
    due_on: date | None = None
    fires_at: datetime | None = None
    ended_at: datetime | None = None
    derivation: Mapping[str, Any] | None = None

    @property
    def live(self) -> bool:
        """Whether the run still means something for the case."""
        return self.status != ENDED


@dataclass(frozen=True)
class Transition:
    """A step taken: its name, from and to which state, and its legal instant."""

    step: str
    source: str
    target: str
    at: datetime


def move(
    clocks: Iterable[Clock], runs: Sequence[Run], passed: Transition
) -> tuple[list[Run], set[str]]:
    """The runs after a transition, and the names of clocks whose due date must be derived anew."""
    after = list(runs)
    stale: set[str] = set()
    for clock in clocks:
        resting = [s for s in clock.stops if passed.target in s.states]
        was_inside = _inside(clock, passed.source)
        is_inside = _inside(clock, passed.target)
        at = next((i for i, r in enumerate(after) if r.name == clock.name and r.live), None)
        if at is None:
            if is_inside and not was_inside:
                number = sum(run.name == clock.name for run in after) + 1
                run = Run(clock.name, number, RUNNING, passed.at)
                after.append(_with_stops(run, resting, passed.at))
                stale.add(clock.name)
            continue
        run = after[at]
        if not is_inside:
            after[at] = _ended(run, passed.at)
            continue
        changed = run
        if clock.extension and clock.extension.step == passed.step:
            changed = replace(changed, extended=True)
        changed = _with_stops(changed, resting, passed.at)
        if changed != run:
            if changed.status == EXPIRED and changed.extended and not run.extended:
                changed = replace(changed, status=RUNNING)
            after[at] = changed
            stale.add(clock.name)
    return after, stale


def end_all(runs: Sequence[Run], at: datetime) -> list[Run]:
    """The runs after the case has ended."""
    return [_ended(run, at) if run.live else run for run in runs]


def expire(runs: Sequence[Run], run: Run) -> list[Run]:
    """The runs after one of them fell due."""
    return [replace(r, status=EXPIRED) if r == run else r for r in runs]


def set_due(
    run: Run, clock: Clock, rules: Rules, region: str, data: Mapping[str, Any]
) -> tuple[Run, Limit | None]:
    """The run with its due date derived, and the limit used.

    Raises Misconfigured if the limit is unknown, CalendarUnknown if the calendar ends before it.
    """
    day = legal_date(run.started_at)
    limit: Limit | None = None
    edition = run.edition
    if clock.limit:
        if edition is None:
            limit, edition = rules.limit(clock.limit, day, region)
        else:
            limit = rules.limit_by_digest(edition)
    if limit and limit.unit == "min":
        instant = due_instant(limit, run.started_at)
        facts = {"minutes": limit.n, "label": limit.label, "law": limit.law}
        return replace(
            run, edition=edition, due_on=legal_date(instant), fires_at=instant, derivation=facts
        ), limit
    anchor = _anchor(clock, data)
    if limit is None:
        assert anchor is not None, f"clock {clock.name} has neither limit nor anchor"
        return replace(
            run, due_on=anchor, fires_at=end_of(anchor), derivation={"anchor": anchor.isoformat()}
        ), None
    derived = _derive(run, clock, limit, anchor or day, rules, region)
    due = derived.due
    return replace(
        run,
        edition=edition,
        due_on=due,
        fires_at=end_of(due) if due else None,
        derivation=derived.to_json(),
    ), limit


def _derive(
    run: Run, clock: Clock, limit: Limit, start: date, rules: Rules, region: str
) -> Derivation:
    calendar: WorkCalendar = rules.calendar
    if clock.count_back:
        return count_back(limit, start, calendar)
    extension = None
    if run.extended and clock.extension:
        extension, _ = rules.limit(clock.extension.limit, start, region)
    stops = [Stop(s.kind, s.label, s.first, s.last) for s in run.stops]
    return count(limit, start, stops, calendar, extension=extension)


def _inside(clock: Clock, state: str) -> bool:
    return state in clock.runs_in or any(state in stop.states for stop in clock.stops)


def _anchor(clock: Clock, data: Mapping[str, Any]) -> date | None:
    if not clock.anchor:
        return None
    step, field = clock.anchor.split(".")
    return date.fromisoformat(data[step][field])


def _with_stops(run: Run, resting: Sequence[Any], at: datetime) -> Run:
    """Open the stops the state asks for, close those it does not. Both end days are inside."""
    day = legal_date(at)
    kinds = {stop.kind for stop in resting}
    stops = [
        replace(s, last=day) if s.last is None and s.kind not in kinds else s for s in run.stops
    ]
    is_open = {s.kind for s in stops if s.last is None}
    stops += [Stopped(s.kind, s.label, day, None) for s in resting if s.kind not in is_open]
    if run.status == EXPIRED:
        return replace(run, stops=tuple(stops))
    return replace(run, stops=tuple(stops), status=STOPPED if kinds else RUNNING)


def _ended(run: Run, at: datetime) -> Run:
    day = legal_date(at)
    stops = tuple(replace(s, last=day) if s.last is None else s for s in run.stops)
    return replace(run, status=ENDED, ended_at=at, stops=stops)
