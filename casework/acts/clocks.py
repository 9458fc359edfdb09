"""How clocks move (时限的起算、中止、延长、届满): pure, so that a replay gives the same runs.

`pass_on` says what a step does to the runs of its case's clocks; `set_due` derives when a run is
due. Nothing here reads a database or the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from casework.common.timekeeping import end_of, legal_date
from casework.rules.counting import (
    CalendarUnknown,
    Derivation,
    Stop,
    count,
    count_back,
    due_instant,
    working_day,
)
from casework.rules.rule_cache import Rules
from rulebook.models import Limit
from state_machines.language.vocabulary import Clock, Process, applies
from state_machines.language.vocabulary import Stop as DeclaredStop

RUNNING, STOPPED, EXPIRED, ENDED = "running", "stopped", "expired", "ended"
TOGETHER = "各环节同时中止"
# Clocks of days that were set for a payment: one that is a day of rest moves (民法典203).
ROLLING = ("instalments", "deferral")
# Under which services are kept, and beside a day of theirs that of its entry, if that came
# afterwards (专项补录) or too late.
SERVICE = "service"
ENTERED_ON = "entered_on"
# What gives the party time although its limit has run out: `clocks` that wait, `until` a day.
HELD = "held"
_CHOSEN = re.compile(r"\{(\w+)\.(\w+)\}")


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
    """A step taken: its name, in which states the case and its tracks were and now are, its legal
    instant, whether the case has ended, and the clock that took it; `entered` is when, if that was
    later (专项补录)."""

    step: str
    before: frozenset[str]
    after: frozenset[str]
    at: datetime
    ended: bool = False
    clock: str | None = None
    entered: datetime | None = None


def pass_on(
    process: Process, runs: Sequence[Run], passed: Transition
) -> tuple[list[Run], set[str]]:
    """The runs after a step, and the names of clocks whose due date must be derived anew."""
    after = list(runs)
    stale: set[str] = set()
    for clock in process.every_clock:
        resting = [stop for stop in clock.stops if passed.after & set(stop.states)]
        was_inside = _inside(clock, passed.before)
        # A case that has ended is nowhere any more: but what overlies it goes on.
        is_inside = (clock.after_end or not passed.ended) and _inside(clock, passed.after)
        at = next((i for i, r in enumerate(after) if r.name == clock.name and r.live), None)
        if at is None:
            if is_inside and not was_inside:
                number = sum(run.name == clock.name for run in after) + 1
                # What is entered afterwards shortens nothing of the party's.
                party = clock.binds == "party" and passed.entered is not None
                began = max(passed.at, passed.entered or passed.at) if party else passed.at
                run = Run(clock.name, number, RUNNING, began)
                after.append(_with_stops(run, clock, resting, replace(passed, at=began)))
                stale.add(clock.name)
            continue
        run = after[at]
        if not is_inside:
            after[at] = ended(run, passed.at)
            continue
        changed = run
        if clock.extension and clock.extension.step == passed.step:
            changed = replace(changed, extended=True)
        changed = _with_stops(changed, clock, resting, passed)
        if changed != run:
            if changed.status == EXPIRED and changed.extended and not run.extended:
                changed = replace(changed, status=RUNNING)
            after[at] = changed
            stale.add(clock.name)
    return after, stale


def tracks_after(process: Process, state: str, tracks: Mapping[str, str]) -> dict[str, str]:
    """The open tracks once the case is in `state`: entering it opens them, leaving it ends them."""
    belong = {track.name: track.initial for track in process.tracks if state in track.opens_in}
    return {name: tracks.get(name, initial) for name, initial in belong.items()}


def expire(runs: Sequence[Run], name: str) -> list[Run]:
    """The runs after the running one of a clock fell due."""
    return [
        replace(run, status=EXPIRED) if run.name == name and run.status == RUNNING else run
        for run in runs
    ]


def set_due(
    run: Run,
    clock: Clock,
    rules: Rules,
    region: str,
    data: Mapping[str, Any],
    *,
    may_wait: bool = False,
) -> Run:
    """The run with its due date derived.

    If the calendar ends before it, a run that `may_wait` has no date yet, as if provisionally: it
    is counted again when the calendar is there. Raises Misconfigured if the limit is unknown,
    CalendarUnknown if the calendar ends and the run may not wait.
    """
    limit, edition = _limit(run, clock, rules, region, data)
    if limit and limit.unit == "min":
        fires_at = due_instant(limit, run.started_at)
        minutes = {"minutes": limit.n, "label": limit.label, "law": limit.law}
        return replace(
            run,
            edition=edition,
            due_on=legal_date(fires_at),
            fires_at=fires_at,
            derivation=minutes,
        )
    start = _anchor(clock, data) if clock.anchor else legal_date(run.started_at)
    if start is None:  # it waits for what it counts from
        return replace(run, edition=edition, due_on=None, fires_at=None, derivation=None)
    if limit is None:
        due, said = _on_the_day(clock, start, rules)
        return replace(run, due_on=due, fires_at=end_of(_held(clock, due, data)), derivation=said)
    try:
        longer = run.extended or extended_before(clock, data)
        derived = _derive(run, clock, limit, start, rules, region, extended=longer)
    except CalendarUnknown as unknown:
        if not may_wait:
            raise
        waits = {"waits": str(unknown), "provisional": True}
        return replace(run, edition=edition, due_on=None, fires_at=None, derivation=waits)
    return replace(
        run,
        edition=edition,
        due_on=derived.due,
        fires_at=end_of(_held(clock, derived.due, data)) if derived.due else None,
        derivation=derived.to_json(),
    )


def _held(clock: Clock, due: date, data: Mapping[str, Any]) -> date:
    """The last day on which nothing comes of a limit: it may run out before."""
    until = (one["until"] for one in held_in(data).values() if clock.name in one["clocks"])
    return max((due, *map(date.fromisoformat, until)))


def held_in(data: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """What gives the party time although a limit has run out, by the row of the log that gave it,
    as a case's data keeps it."""
    found: Mapping[str, Mapping[str, Any]] = data.get(HELD, {})
    return found


def _on_the_day(clock: Clock, day: date, rules: Rules) -> tuple[date, dict[str, Any]]:
    """The last day of a clock that is due on its anchor, and how that comes about."""
    said: dict[str, Any] = {"anchor": day.isoformat()}
    if clock.name not in ROLLING:
        return day, said
    due = working_day(day, rules.calendar)
    try:
        provisional = rules.calendar.day(due).provisional
    except CalendarUnknown:
        provisional = True
    return due, {**said, **({"provisional": True} if provisional else {})}


def _limit(
    run: Run, clock: Clock, rules: Rules, region: str, data: Mapping[str, Any]
) -> tuple[Limit | None, str | None]:
    """The limit the run started under, and the digest of its edition."""
    if clock.limit is None:
        return None, None
    said = clock.limit
    if clock.instead and applies(clock.instead[0], data):
        said = clock.instead[1]
    chosen = _CHOSEN.search(said)
    key = _CHOSEN.sub(lambda found: str(data[found[1]][found[2]]), said)
    if run.edition is not None:
        pinned = rules.limit_by_digest(run.edition)
        # What chose the limit may have changed, as the class of a record does with its decision.
        if not chosen or pinned.key == key:
            return pinned, run.edition
    day = _anchor(clock, data) if clock.as_of_anchor else None
    return rules.limit(key, day or legal_date(run.started_at), region)


def extended_before(clock: Clock, data: Mapping[str, Any]) -> bool:
    """Whether a clock was extended in the case that this one goes on from."""
    said = clock.extension.before if clock.extension else ""
    return bool(said and data["application"].get(said))


def _derive(
    run: Run,
    clock: Clock,
    limit: Limit,
    start: date,
    rules: Rules,
    region: str,
    *,
    extended: bool,
) -> Derivation:
    if clock.count_back:
        return count_back(limit, start, rules.calendar)
    extension = None
    if extended and clock.extension:
        extension, _ = rules.limit(clock.extension.limit, start, region)
    # Whether the days of pause and of resumption are lost is each authority's rule.
    counted = bool(run.stops) and rules.value("licensing.count_pause_boundary_days", start, region)
    edge = timedelta(days=1 if counted else 0)
    stops = [
        Stop(s.kind, s.label, s.first + edge, s.last - edge if s.last else None)
        for s in _counted(run, clock, rules, start, region)
    ]
    return count(limit, start, stops, rules.calendar, extension=extension)


def _inside(clock: Clock, states: frozenset[str]) -> bool:
    return bool(states & set(clock.runs_in)) or any(
        states & set(stop.states) for stop in clock.stops
    )


def _anchor(clock: Clock, data: Mapping[str, Any]) -> date | None:
    """The day that the clock is anchored to; None if nothing has been served yet."""
    root, *path = (clock.anchor or "").split(".")
    found: Any = data.get(root, {}) if len(path) > 1 else data[root]
    holds: Any = {}
    for name in path:
        holds, found = found, found.get(name) or {} if len(path) > 1 else found[name]
    if not found:
        return None
    # Of a service that was entered afterwards the party's time counts from the entry.
    served = root == SERVICE and clock.binds == "party"
    entered = holds.get(ENTERED_ON) if served else None
    return max(map(date.fromisoformat, (found, entered or found)))


def _with_stops(run: Run, clock: Clock, resting: Sequence[DeclaredStop], passed: Transition) -> Run:
    """Open the stops the states ask for, close those they do not. Both end days are inside."""
    day = legal_date(passed.at)
    told = {name for stop in clock.stops if stop.end_told for name in (stop.kind, stop.alone)}
    wanted = {stop.kind: stop.label for stop in resting}
    stopped = any(not stop.alone for stop in resting)
    for key in dict.fromkeys(stop.alone for stop in clock.stops if stop.alone):
        if all(stop.kind in wanted for stop in clock.stops if stop.alone == key):
            wanted[key] = TOGETHER
            stopped = True
    stops = [
        replace(s, last=_last_day(s, passed, told=s.kind in told))
        if s.last is None and s.kind not in wanted
        else s
        for s in run.stops
    ]
    is_open = {s.kind for s in stops if s.last is None}
    stops += [
        Stopped(kind, label, day, None) for kind, label in wanted.items() if kind not in is_open
    ]
    if run.status == EXPIRED:
        return replace(run, stops=tuple(stops))
    return replace(run, stops=tuple(stops), status=STOPPED if stopped else RUNNING)


def _last_day(stop: Stopped, passed: Transition, *, told: bool) -> date:
    """The last day of a stop that ends; one whose end was told, and that a clock ends when that day
    is over, does not take the next one with it."""
    day = legal_date(passed.at)
    return max(stop.first, day - timedelta(days=1)) if told and passed.clock else day


def _counted(run: Run, clock: Clock, rules: Rules, start: date, region: str) -> Iterator[Stopped]:
    """The stops that count: of those that belong together each one, or their time in common."""
    alone = {stop.kind: stop.alone for stop in clock.stops}
    for stop in run.stops:
        # The time in common is kept under the key itself.
        key = alone.get(stop.kind, stop.kind)
        if not key or bool(rules.value(key, start, region)) == (stop.kind in alone):
            yield stop


def ended(run: Run, at: datetime) -> Run:
    """The run once the case has left the states in which it runs."""
    day = legal_date(at)
    stops = tuple(replace(s, last=day) if s.last is None else s for s in run.stops)
    return replace(run, status=ENDED, ended_at=at, stops=stops)
