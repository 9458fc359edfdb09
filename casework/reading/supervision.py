"""What whoever supervises must know (督办): what is late and whose, how the weeks went, what stands
still."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Date,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from casework.access.finding import is_among
from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor
from casework.common.database import by_index, counted_rows
from casework.common.problems import Misconfigured, NotAllowed
from casework.common.timekeeping import ZONE, start_of
from casework.deadlines import duty_book as duties
from casework.deadlines.duty_book import DUTIES, DutyState
from casework.kernel.met_in_time import UNDONE
from casework.kernel.office import Office
from casework.models import (
    Account,
    Authority,
    Case,
    CaseHandler,
    Notice,
    Person,
    Publication,
    SweepFailure,
)
from casework.publicity.publications import is_late
from casework.reading.desk import NoticeView, newest_notices
from casework.reading.lists.listing import places_of
from casework.reading.lists.narrowing import MOST_EXPORTED, breaches
from casework.reading.lists.wanted import NOBODY, Wanted, matters_of, spans
from state_machines.language.vocabulary import Process, Role
from state_machines.processes import PROCESSES

_SHOWN = 50
_SUPERVISING = (Role.SUPERVISOR.value, Role.ADMIN.value)
_WEEKS = 12
_WEEK = timedelta(days=7)
AGES = {
    "late_3": "三个工作日以内",
    "late_10": "四至十个工作日",
    "late_more": "超过十个工作日",
}


@dataclass(frozen=True)
class OverdueView:
    """How many open cases of a process are past a due date."""

    process: str
    process_label: str
    count: int


@dataclass(frozen=True)
class LateGroup:
    """So many late cases that have something in common; `asks` is what a list of just these is
    asked for, beside `due` and `part`."""

    label: str
    count: int
    asks: Mapping[str, str]


@dataclass(frozen=True)
class LateView:
    """The late cases of the house, in all and by how late they are, by who handles them, by matter
    and by where they stand. A case with two handlers, or of two matters, counts for each.
    `cut`: there are more than were looked at, those that were due first."""

    total: int
    cut: bool
    ages: tuple[LateGroup, ...]
    officers: tuple[LateGroup, ...]
    matters: tuple[LateGroup, ...]
    states: tuple[LateGroup, ...]


@dataclass(frozen=True)
class WeekView:
    """How many cases were opened in a week, from Monday on, how many ended, and of how many a limit
    was breached."""

    first: date
    last: date
    opened: int
    ended: int
    breached: int


@dataclass(frozen=True)
class SweepFailureView:
    """A case that a sweep could not take further; `sweep` is the name of the duty."""

    case: str
    sweep: str
    sweep_label: str
    error: str
    attempts: int
    failed_at: datetime
    next_try_at: datetime


@dataclass(frozen=True)
class OverviewView:
    """What a supervisor must know: what is `late`, the last `weeks`, the latest breaches and
    failures; `undelivered` counts notices whose delivery failed, `unpublished` entries past their
    last day of publication, both no further than to one more than `MOST_COUNTED`. `duties` is what
    the house does by itself, for all authorities alike."""

    late: LateView
    overdue: tuple[OverdueView, ...]
    weeks: tuple[WeekView, ...]
    breaches: tuple[NoticeView, ...]
    failures: tuple[SweepFailureView, ...]
    undelivered: int
    unpublished: int
    duties: tuple[DutyState, ...]


def supervisor_overview(office: Office, session: Session, actor: Actor) -> OverviewView:
    """What stands still at the authorities the actor supervises. Raises NotAllowed."""
    reader = reader_of(office, session, actor)
    mine = {post.authority_id for post in reader.posts if post.role in _SUPERVISING}
    if not mine:
        raise NotAllowed("督办总览由督办人员和系统管理员查看")
    codes = session.scalars(select(Authority.code).where(Authority.id.in_(mine))).all()
    by_index(session)
    known = {p.key: p for p in office.versions.known(session, reader.today)}
    late, cut = _late_cases(office, session, reader)
    return OverviewView(
        late=_late_view(office, session, reader, known, late, cut=cut),
        overdue=_overdue(known, late),
        weeks=_weeks(session, reader),
        breaches=_breaches(session, mine),
        failures=_failures(session, mine),
        undelivered=_undelivered(session, mine),
        unpublished=_unpublished(session, mine, reader.today),
        duties=duties.states(office, session, codes),
    )


@dataclass(frozen=True)
class _Late:
    process: str
    state: str
    due_on: date
    handlers: tuple[tuple[str, str], ...]


def _late_cases(office: Office, session: Session, reader: Reader) -> tuple[list[_Late], bool]:
    """The late cases as their list has them, those that were due first, and whether there are
    more."""
    wanted = Wanted(due="late", part="own")
    found = places_of(office, session, reader, wanted, MOST_EXPORTED + 1)
    handlers = (
        select(
            func.json_agg(
                aggregate_order_by(
                    func.json_build_array(CaseHandler.username, Person.name), CaseHandler.username
                )
            )
        )
        .select_from(CaseHandler)
        .outerjoin(Account, Account.username == CaseHandler.username)
        .outerjoin(Person, Person.id == Account.person_id)
        .where(CaseHandler.case_id == Case.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Case.process, Case.state, Case.due_on, handlers).where(
            is_among(Case.id, found[:MOST_EXPORTED])
        )
    )
    late = [
        _Late(process, state, due_on, tuple((who, name or who) for who, name in named or ()))
        for process, state, due_on, named in rows
    ]
    return late, len(found) > MOST_EXPORTED


def _late_view(
    office: Office,
    session: Session,
    reader: Reader,
    known: Mapping[str, Process],
    late: Sequence[_Late],
    *,
    cut: bool,
) -> LateView:
    rules = office.rules.current(session)
    ages = spans(reader.today, rules.calendar)

    def matter_label(key: str) -> str:
        try:
            return rules.matter(key, reader.today, "").label
        except Misconfigured:
            return key

    def at(one: _Late) -> tuple[str, str]:
        return one.process, one.state

    return LateView(
        total=len(late),
        cut=cut,
        ages=tuple(
            LateGroup(label, sum(one.due_on in ages[age] for one in late), {"due": age})
            for age, label in AGES.items()
        ),
        officers=_grouped(
            (who for one in late for who in one.handlers or ((NOBODY, "未指定承办人"),)),
            lambda who: (who[1], {"officer": who[0]}),
        ),
        matters=_grouped(
            (
                matter
                for one in late
                if one.process in PROCESSES
                for matter in matters_of(PROCESSES[one.process])
            ),
            lambda key: (matter_label(key), {"matter": key}),
        ),
        states=_grouped(
            map(at, late),
            lambda here: (_place(known, *here), {"process": here[0], "state": here[1]}),
        ),
    )


def _grouped(found: Iterable[Any], told: Any) -> tuple[LateGroup, ...]:
    """How often each comes, the most frequent first."""
    counted: Counter[Hashable] = Counter(found)
    groups = [(told(one), n) for one, n in counted.items()]
    groups.sort(key=lambda group: (-group[1], group[0][0]))
    return tuple(LateGroup(label, n, asks) for (label, asks), n in groups)


def _place(known: Mapping[str, Process], process: str, state: str) -> str:
    """Where a case stands, in Chinese; by its keys where this release knows it no more."""
    try:
        return f"{known[process].label}：{known[process].state(state).label}"
    except KeyError:
        return f"{process}：{state}"


def _overdue(known: Mapping[str, Process], late: Sequence[_Late]) -> tuple[OverdueView, ...]:
    counted = Counter(one.process for one in late)
    return tuple(
        OverdueView(key, known[key].label if key in known else key, n)
        for key, n in sorted(counted.items())
    )


def _weeks(session: Session, reader: Reader) -> tuple[WeekView, ...]:
    """The last twelve weeks, the present one last."""
    monday = reader.today - timedelta(days=reader.today.weekday())
    firsts = [monday - _WEEK * n for n in reversed(range(_WEEKS))]
    since = start_of(firsts[0])
    ours = (Case.authority_id.in_(sorted(reader.authorities)), ~Case.private)

    def week(instant: Any) -> Any:
        here = func.timezone(literal_column(f"'{ZONE.key}'"), instant)
        return cast(func.date_trunc(literal_column("'week'"), here), Date)

    told = breaches(reader).add_columns(Notice.created_at).where(Notice.created_at >= since)
    told_of = told.subquery()
    parts = [
        select(literal(kind, String), week(at), func.count())
        .where(*ours, at >= since)
        .group_by(week(at))
        for kind, at in (("opened", Case.opened_at), ("ended", Case.ended_at))
    ]
    in_week = week(told_of.c.created_at)
    parts.append(
        select(
            literal("breached", String), in_week, func.count(told_of.c.case_id.distinct())
        ).group_by(in_week)
    )
    counts = {(kind, first): n for kind, first, n in session.execute(union_all(*parts))}
    return tuple(
        WeekView(
            first,
            first + _WEEK - timedelta(days=1),
            *(counts.get((kind, first), 0) for kind in ("opened", "ended", "breached")),
        )
        for first in firsts
    )


def _failures(session: Session, mine: Iterable[int]) -> tuple[SweepFailureView, ...]:
    rows = session.execute(
        select(SweepFailure, Case.number)
        .join(Case, SweepFailure.case_id == Case.id)
        .where(Case.authority_id.in_(mine))
        .order_by(SweepFailure.failed_at.desc())
        .limit(_SHOWN)
    )
    return tuple(
        SweepFailureView(
            number,
            row.sweep,
            DUTIES[row.sweep].label if row.sweep in DUTIES else row.sweep,
            row.error,
            row.attempts,
            row.failed_at,
            row.next_try_at,
        )
        for row, number in rows
    )


def _breaches(session: Session, mine: Iterable[int]) -> tuple[NoticeView, ...]:
    later = aliased(Notice)
    undone = exists().where(later.key == Notice.key + UNDONE)
    ways = [
        and_(Notice.authority_id == one, Notice.kind == "breach", ~undone) for one in sorted(mine)
    ]
    return newest_notices(session, ways, None, _SHOWN)


def _undelivered(session: Session, mine: Iterable[int]) -> int:
    found = select(Notice.id).where(
        Notice.authority_id.in_(mine), Notice.delivered_at.is_(None), Notice.attempts > 0
    )
    return counted_rows(session, found)


def _unpublished(session: Session, mine: Iterable[int], today: date) -> int:
    found = (
        select(Publication.id)
        .join(Case, Publication.case_id == Case.id)
        .where(Case.authority_id.in_(mine), is_late(today))
    )
    return counted_rows(session, found)
