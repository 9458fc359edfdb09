"""Lists of cases (案件列表): a desk's queue by urgency, or all one may see, newest first."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from casework.actors import Actor
from casework.codes import normalise
from casework.models import Authority, Case, CaseClock, Party, Place
from casework.office import Office
from casework.penalised_licences import standing_of
from casework.problems import BadInput
from casework.reading.access import Reader, reader_of, visible, waits_for
from casework.reading.next_day import NextDay, first, party_days
from casework.timekeeping import legal_date
from state_machines.vocabulary import Role

Queue = Literal["mine_to_do", "open"]
MOST = 100
_NEVER = date(9999, 12, 31)


@dataclass(frozen=True)
class CaseLine:
    """One line of a list. `due_on` is the nearest due date, of the limit `due_label`; `overdue`
    that it has passed; `next_day` what the party must know next; `mine` that the case waits for a
    role the reader holds."""

    number: str
    process: str
    process_label: str
    state: str
    state_label: str
    ended: bool
    version: int
    party_name: str
    place_name: str
    authority: str
    opened_on: date
    due_on: date | None
    due_label: str
    next_day: NextDay | None
    days_left: int | None
    overdue: bool
    whose_turn: tuple[str, ...]
    mine: bool


@dataclass(frozen=True)
class CasePage:
    """A page of a list. `next_cursor` asks for the one after it; None on the last."""

    cases: tuple[CaseLine, ...]
    next_cursor: str | None


def cases(
    office: Office,
    session: Session,
    actor: Actor,
    *,
    queue: str | None = None,
    process: str | None = None,
    state: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> CasePage:
    """The cases the actor may see.

    `queue`: `mine_to_do` those that wait for a role held now, most urgent first; `open` those that
    have not ended, most urgent first; None all of them, newest first. `q` is looked for in number,
    party name, place and address, or is the party's code. Raises BadInput.
    """
    reader = reader_of(office, session, actor)
    query = _selected().where(visible(reader))
    if queue is not None and queue not in get_args(Queue):
        raise _bad("queue", f"没有名为“{queue}”的列表，可选：{'、'.join(get_args(Queue))}")
    if queue:
        query = query.where(Case.ended_at.is_(None))
    if queue == "mine_to_do":
        query = query.where(waits_for(reader))
    if process:
        query = query.where(Case.process == process)
    if state:
        query = query.where(Case.state == state)
    if q and q.strip():
        query = query.where(_matches(q.strip()))
    size = max(1, min(limit, MOST))
    rows = session.execute(_paged(query, by_urgency=queue is not None, cursor=cursor, size=size))
    found = rows.all()
    shown = found[:size]
    lines = _lines(office, session, reader, shown)
    following = _cursor_after(shown[-1][0]) if len(found) > size else None
    return CasePage(lines, following)


def lines_of(
    office: Office, session: Session, reader: Reader, condition: ColumnElement[bool]
) -> tuple[CaseLine, ...]:
    """The visible cases that meet a condition, oldest first."""
    rows = session.execute(_selected().where(visible(reader), condition).order_by(Case.id))
    return _lines(office, session, reader, rows.all())


def _selected() -> Select[Any]:
    return (
        select(Case, Party.name, Authority.short)
        .join(Party, Case.party_id == Party.id)
        .join(Authority, Case.authority_id == Authority.id)
    )


def holds(text: Any, q: str) -> ColumnElement[bool]:
    """Whether a text holds what was typed, which is no pattern, in whatever case."""
    said = f"%{q.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
    matched: ColumnElement[bool] = text.ilike(said, escape="/")
    return matched


def _matches(q: str) -> ColumnElement[bool]:
    return or_(
        holds(Case.number, q),
        holds(Party.name, q),
        Party.code == normalise(q),
        holds(Case.data["application"]["place_name"].as_string(), q),
        Case.place_id.in_(select(Place.id).where(holds(Place.address, q))),
    )


def _paged(query: Select[Any], *, by_urgency: bool, cursor: str | None, size: int) -> Select[Any]:
    urgency = func.coalesce(Case.due_on, literal(_NEVER))
    after = _read_cursor(cursor) if cursor else None
    if by_urgency:
        if after:
            query = query.where(tuple_(urgency, Case.id) > tuple_(*map(literal, after)))
        return query.order_by(urgency, Case.id).limit(size + 1)
    if after:
        query = query.where(Case.id < after[1])
    return query.order_by(Case.id.desc()).limit(size + 1)


def _cursor_after(case: Case) -> str:
    text = json.dumps([(case.due_on or _NEVER).isoformat(), case.id])
    return urlsafe_b64encode(text.encode()).decode()


def _read_cursor(cursor: str) -> tuple[date, int]:
    try:
        day, number = json.loads(urlsafe_b64decode(cursor.encode()))
        if not (isinstance(number, int) and 0 < number < 2**63):
            raise ValueError
        return date.fromisoformat(day), number
    except (ValueError, TypeError):
        raise _bad("cursor", "翻页标记无效，请从第一页重新查看") from None


def _bad(field: str, text: str) -> BadInput:
    return BadInput(text, [{"field": field, "label": "", "text": text}])


def _lines(
    office: Office, session: Session, reader: Reader, rows: Sequence[Any]
) -> tuple[CaseLine, ...]:
    listed = [case for case, _, _ in rows]
    days, limits = party_days(office, session, listed), _next_limits(session, listed)
    return tuple(
        _line(
            office,
            session,
            reader,
            case,
            party,
            authority,
            days[case.id],
            limits.get(case.id, ""),
        )
        for case, party, authority in rows
    )


def _next_limits(session: Session, cases: Sequence[Case]) -> dict[int, str]:
    """The name of the clock whose last day comes first, by the case's id."""
    rows = session.execute(
        select(CaseClock.case_id, CaseClock.name)
        .where(
            CaseClock.case_id.in_([case.id for case in cases]),
            CaseClock.ended_at.is_(None),
            CaseClock.due_on.is_not(None),
        )
        .order_by(CaseClock.due_on.desc(), CaseClock.id.desc())
    )
    return dict(rows.tuples().all())


def _line(
    office: Office,
    session: Session,
    reader: Reader,
    case: Case,
    party: str,
    authority: str,
    days: Sequence[NextDay],
    limit: str,
) -> CaseLine:
    process = office.versions.by_digest(session, case.version_digest)
    said = case.data.get("application", {})
    ended = case.ended_at is not None
    return CaseLine(
        number=case.number,
        process=case.process,
        process_label=process.label,
        state=case.state,
        state_label=standing_of(process, case, reader.today).label,
        ended=ended,
        version=case.version,
        party_name=party,
        place_name=said.get("place_name", ""),
        authority=authority,
        opened_on=legal_date(case.opened_at),
        due_on=case.due_on,
        due_label=process.clock(limit).label if limit else "",
        next_day=first(days),
        days_left=(case.due_on - reader.today).days if case.due_on else None,
        overdue=case.due_on is not None and case.due_on < reader.today,
        whose_turn=turns(case),
        mine=_is_mine(reader, case),
    )


def turns(case: Case, hidden: frozenset[Role] = frozenset()) -> tuple[str, ...]:
    """Whose turn it is, in Chinese, without those that are `hidden` from the reader."""
    return tuple(Role(role).label for role in case.awaiting if role not in hidden)


def _is_mine(reader: Reader, case: Case) -> bool:
    """As `waits_for`; a role held at an authority that is only visible here takes part in it."""
    held = {post.role for post in reader.posts}
    if reader.represents(case):
        held.add(Role.APPLICANT.value)
    return case.ended_at is None and bool(held & set(case.awaiting))
