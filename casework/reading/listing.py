"""Lists of cases (案件列表): a desk's queue by urgency, or all one may see, newest first."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from casework.actors import Actor
from casework.database import by_index
from casework.models import Authority, Case, CaseWaiting, Participant, Party, Post
from casework.office import Office
from casework.penalised_licences import standing_of
from casework.problems import BadInput
from casework.reading.access import (
    Reader,
    in_force_as_guest,
    known_to_party,
    reader_of,
    visible,
)
from casework.reading.finding import find_cases, holding, is_among
from casework.timekeeping import legal_date
from state_machines.vocabulary import Role

Queue = Literal["mine_to_do", "open"]
MOST = 100
# Written out, not bound: a value that comes with the query is none that the index knows.
_URGENCY = func.coalesce(Case.due_on, literal_column("DATE '9999-12-31'"))
_BATCH = 2000  # cases that are looked into at once


@dataclass(frozen=True)
class CaseLine:
    """One line of a list. `due_on` is the nearest due date; `overdue` that it has passed;
    `mine` that the case waits for a role the reader holds."""

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
    have not ended, most urgent first; None all of them, newest first. `q` is what somebody typed
    (`finding`). Raises BadInput.
    """
    reader = reader_of(office, session, actor)
    if queue is not None and queue not in get_args(Queue):
        raise _bad("queue", f"没有名为“{queue}”的列表，可选：{'、'.join(get_args(Queue))}")
    narrow = [
        condition
        for wanted, condition in (
            (queue, Case.ended_at.is_(None)),
            (process, Case.process == process),
            (state, Case.state == state),
        )
        if wanted
    ]
    # Each of the ways below has its index, and an estimate must not turn one into a scan of all.
    by_index(session)
    way = _Way(reader, queue, narrow)
    after = _read_cursor(cursor) if cursor else None
    size = max(1, min(limit, MOST))
    places = _places(session, way, q, after, size + 1)
    shown = places[:size]
    rows = session.execute(
        _selected().where(visible(reader), is_among(Case.id, (case_id for _, case_id in shown)))
    )
    found = {case.id: (case, *rest) for case, *rest in rows}
    lines = tuple(
        _line(office, session, reader, *found[case_id]) for _, case_id in shown if case_id in found
    )
    return CasePage(lines, _cursor_after(shown[-1]) if len(places) > size else None)


def lines_of(
    office: Office, session: Session, reader: Reader, condition: ColumnElement[bool]
) -> tuple[CaseLine, ...]:
    """The visible cases that meet a condition, oldest first."""
    rows = session.execute(_selected().where(visible(reader), condition).order_by(Case.id))
    return tuple(_line(office, session, reader, *row) for row in rows)


def _selected() -> Select[Any]:
    return (
        select(Case, Party.name, Authority.short)
        .join(Party, Case.party_id == Party.id)
        .join(Authority, Case.authority_id == Authority.id)
    )


_Place = tuple[date, int]  # where a case stands in a list: its next due date and its id


@dataclass(frozen=True)
class _Way:
    """How a list is gone through: for whom, which queue, and what it is narrowed by."""

    reader: Reader
    queue: str | None
    narrow: Sequence[ColumnElement[bool]]

    def order(self, due_on: Any = _URGENCY, case_id: Any = Case.id) -> tuple[Any, ...]:
        """Most urgent first in a queue, otherwise newest first."""
        return (due_on, case_id) if self.queue else (case_id.desc(),)

    def beyond(
        self, after: _Place | None, due_on: Any = _URGENCY, case_id: Any = Case.id
    ) -> list[ColumnElement[bool]]:
        """What comes after a place of the list."""
        if after is None:
            return []
        if self.queue:
            return [tuple_(due_on, case_id) > tuple_(*map(literal, after))]
        return [case_id < after[1]]

    def key(self, place: _Place) -> Any:
        """What places sort by."""
        return place if self.queue else -place[1]


def _places(
    session: Session, way: _Way, q: str | None, after: _Place | None, most: int
) -> list[_Place]:
    """The next places of the list, at most so many."""
    if not (q and q.strip()):
        return _next(session, way, after, most)
    found = find_cases(session, way.reader, q)
    if found.condition is not None:
        waiting = [_awaits(way.reader)] if way.queue == "mine_to_do" else []
        query = select(_URGENCY, Case.id).where(
            visible(way.reader), found.condition, *way.narrow, *waiting, *way.beyond(after)
        )
        return [_place(row) for row in session.execute(query.order_by(*way.order()).limit(most))]
    places: list[_Place] = []
    size = min(10 * most, _BATCH)  # what is common is soon met
    while len(places) < most:
        batch = _next(session, way, after, size)
        held = holding(session, [case_id for _, case_id in batch], found.words)
        places += [place for place in batch if place[1] in held]
        if len(batch) < size:
            break
        after, size = batch[-1], _BATCH
    return places[:most]


def _next(session: Session, way: _Way, after: _Place | None, most: int) -> list[_Place]:
    """The next places of the list whatever was typed: those of each authority and of the parties,
    each read in order from its own index, and put together."""
    ways = [query for authority in sorted(way.reader.authorities) for query in _of(way, authority)]
    if way.queue == "mine_to_do":
        ways = [query for post in way.reader.posts for query in _waiting(way, post, after)]
    else:
        ways = [
            query.where(~Case.private, *way.narrow, *way.beyond(after)).order_by(*way.order())
            for query in ways
        ]
    if way.reader.parties:
        mine = [_awaits_party()] if way.queue == "mine_to_do" else []
        ways.append(
            select(_URGENCY, Case.id)
            .where(
                Case.party_id.in_(way.reader.parties),
                known_to_party(),
                *mine,
                *way.narrow,
                *way.beyond(after),
            )
            .order_by(*way.order())
        )
    found = {_place(row) for query in ways for row in session.execute(query.limit(most))}
    return sorted(found, key=way.key)[:most]


def _of(way: _Way, authority: int) -> list[Select[Any]]:
    """The cases of an authority, and those in which it takes part, each once."""
    guests = (
        select(Participant.case_id)
        .where(Participant.authority_id == authority, in_force_as_guest(way.reader.today))
        .distinct()
        .subquery()
    )
    return [
        select(_URGENCY, Case.id).where(Case.authority_id == authority),
        select(_URGENCY, Case.id).join(guests, guests.c.case_id == Case.id),
    ]


def _waiting(way: _Way, post: Post, after: _Place | None) -> list[Select[Any]]:
    """The cases that wait for the role of a post at its authority, or where that takes part."""
    due_on, case_id = CaseWaiting.due_on, CaseWaiting.case_id
    waiting = (
        select(due_on, case_id)
        .join(Case, Case.id == case_id)
        .where(
            CaseWaiting.role == post.role,
            *way.narrow,
            *way.beyond(after, due_on, case_id),
        )
        .order_by(*way.order(due_on, case_id))
    )
    takes_part = exists().where(
        Participant.case_id == case_id,
        Participant.authority_id == post.authority_id,
        in_force_as_guest(way.reader.today),
    )
    return [
        waiting.where(CaseWaiting.authority_id == post.authority_id),
        waiting.where(takes_part),
    ]


def _awaits(reader: Reader) -> ColumnElement[bool]:
    """The condition on `Case` under which it waits for a role that the reader holds; of a post at
    an authority that owns it or takes part in it, which `visible` does not tell apart."""
    ways: list[ColumnElement[bool]] = [
        exists().where(
            CaseWaiting.case_id == Case.id,
            CaseWaiting.role == post.role,
            or_(
                CaseWaiting.authority_id == post.authority_id,
                exists().where(
                    Participant.case_id == CaseWaiting.case_id,
                    Participant.authority_id == post.authority_id,
                    in_force_as_guest(reader.today),
                ),
            ),
        )
        for post in reader.posts
    ]
    if reader.parties:
        ways.append(and_(Case.party_id.in_(reader.parties), _awaits_party()))
    return or_(*ways) if ways else false()


def _awaits_party() -> ColumnElement[bool]:
    return Case.awaiting.contains([Role.APPLICANT.value])


def _place(row: Any) -> _Place:
    due_on, case_id = row
    return due_on, case_id


def _cursor_after(place: _Place) -> str:
    text = json.dumps([place[0].isoformat(), place[1]])
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


def _line(
    office: Office, session: Session, reader: Reader, case: Case, party: str, authority: str
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
        days_left=(case.due_on - reader.today).days if case.due_on else None,
        overdue=case.due_on is not None and case.due_on < reader.today,
        whose_turn=turns(case),
        mine=_is_mine(reader, case),
    )


def turns(case: Case, hidden: frozenset[Role] = frozenset()) -> tuple[str, ...]:
    """Whose turn it is, in Chinese, without those that are `hidden` from the reader."""
    return tuple(Role(role).label for role in case.awaiting if role not in hidden)


def _is_mine(reader: Reader, case: Case) -> bool:
    """As the queue; a role held at an authority that is only visible here takes part in it."""
    held = {post.role for post in reader.posts}
    if reader.represents(case):
        held.add(Role.APPLICANT.value)
    return case.ended_at is None and bool(held & set(case.awaiting))
