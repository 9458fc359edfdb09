"""A case's clocks (时限) for people: when they are due, and how that date came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Sight
from casework.common.timekeeping import ZONE, legal_date
from casework.models import Case, CaseClock
from casework.rules.counting import Derivation
from state_machines.language.vocabulary import Process, Track

# Stands for the derivation of a former run that nobody knows any more.
COUNTED_ANEW: Mapping[str, Any] = {"anew": True}
_STATUS = {"running": "计时中", "stopped": "中止", "expired": "已届满", "ended": "已结束"}


@dataclass(frozen=True)
class StopView:
    """Days that are not counted, `last` None while it goes on."""

    label: str
    first: date
    last: date | None


@dataclass(frozen=True)
class DayView:
    """One day that the counting looked at: its number, or None and why it was passed over."""

    day: date
    number: int | None
    reason: str


@dataclass(frozen=True)
class ClockView:
    """One run of a clock. `lines` explain the due date in Chinese, `days` day by day;
    `derivation` is the same for machines."""

    name: str
    label: str
    law: str
    run: int
    track: str | None
    status: str
    status_label: str
    live: bool
    started_at: datetime
    started_on: date
    due_on: date | None
    due_at: datetime | None
    ended_at: datetime | None
    days_left: int | None
    overdue: bool
    extended: bool
    stops: tuple[StopView, ...]
    lines: tuple[str, ...]
    days: tuple[DayView, ...]
    derivation: Mapping[str, Any]


def clocks_of(
    session: Session, case: Case, process: Process, sight: Sight, now: datetime
) -> tuple[ClockView, ...]:
    """All runs of the case's clocks, live ones first, then the ended ones, the latest first."""
    kept = session.scalars(
        select(CaseClock).where(CaseClock.case_id == case.id).order_by(CaseClock.id)
    )
    return clock_views(kept.all(), process, sight, now)


def clock_views(
    kept: Sequence[CaseClock], process: Process, sight: Sight, now: datetime
) -> tuple[ClockView, ...]:
    """The same of runs that are given in the order in which they began, kept or not."""
    rows = [row for row in kept if sight.shows_clock(process, process.clock(row.name))]
    live = [row for row in rows if row.ended_at is None]
    ended = [row for row in reversed(rows) if row.ended_at is not None]
    live.sort(key=lambda row: row.due_on or date.max)
    return tuple(_view(row, process, now) for row in (*live, *ended))


def _view(row: CaseClock, process: Process, now: datetime) -> ClockView:
    clock = process.clock(row.name)
    live = row.ended_at is None
    today = legal_date(now)
    track = _track(process, row.name)
    lines, days = explained(row)
    return ClockView(
        name=row.name,
        label=clock.label,
        law=clock.law,
        run=row.run,
        track=track.label if track else None,
        status=row.status,
        status_label=_STATUS[row.status],
        live=live,
        started_at=row.started_at,
        started_on=legal_date(row.started_at),
        due_on=row.due_on,
        due_at=row.fires_at,
        ended_at=row.ended_at,
        days_left=(row.due_on - today).days if live and row.due_on else None,
        overdue=live and (row.status == "expired" or (row.fires_at or now) < now),
        extended=row.extended,
        stops=tuple(
            StopView(
                stop["label"],
                date.fromisoformat(stop["first"]),
                date.fromisoformat(stop["last"]) if stop["last"] else None,
            )
            for stop in row.stops
        ),
        lines=lines,
        days=days,
        derivation=row.derivation or {},
    )


def _track(process: Process, clock: str) -> Track | None:
    return next((t for t in process.tracks if clock in {c.name for c in t.clocks}), None)


def explained(row: CaseClock) -> tuple[tuple[str, ...], tuple[DayView, ...]]:
    """How the due date of a run came about: in Chinese, and day by day."""
    told = row.derivation or {}
    if told == COUNTED_ANEW:
        return ("届满日是当时登记的；此后已经重新计算，当时的推导不再保留",), ()
    if "limit" in told:
        derived = Derivation.from_json(told)
        days = tuple(DayView(day.date, day.number, day.reason) for day in derived.days)
        return tuple(derived.explain()), days
    if "minutes" in told and row.fires_at:
        begins, ends = (
            f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"
            for instant in (row.started_at, row.fires_at)
        )
        line = f"{told['label']}：{told['minutes']}分钟（{told['law']}），自{begins}起，至{ends}止"
        return (line,), ()
    if "waits" in told:
        return (f"{told['waits']}，安排公布后计算",), ()
    if row.due_on:
        said = told.get("anchor", row.due_on.isoformat())
        if said != row.due_on.isoformat():
            moved = f"{said}不是工作日，顺延至{row.due_on:%Y-%m-%d}（《民法典》第二百零三条）"
            return (f"按所填日期，{moved}",), ()
        return (f"按所填日期，{row.due_on:%Y-%m-%d}届满",), ()
    return (), ()
