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
    true,
    tuple_,
)
from sqlalchemy.orm import Session

from casework.access.finding import Words, by_key, by_words, holding, is_among, telling, words_of
from casework.access.readers import (
    Reader,
    Sight,
    known_to_party,
    of_authorities,
    party_sight,
    reader_of,
    stands_in,
    visible,
)
from casework.acts.actors import Actor, in_force
from casework.common.database import by_index
from casework.common.problems import BadInput
from casework.common.timekeeping import legal_date
from casework.deadlines.next_day import NextDay, first, party_days
from casework.kernel.office import Office
from casework.licensing.penalised.standing_licence import standing_of
from casework.models import Authority, Case, CaseClock, CaseSearch, CaseWaiting, Participant, Party
from state_machines.language.vocabulary import Process, Role

Queue = Literal["mine_to_do", "open"]
MOST = 100
# Written out, not bound: a value that comes with the query is none that the index knows.
_URGENCY = func.coalesce(Case.due_on, literal_column("DATE '9999-12-31'"))
_FIRST, _BATCH = 200, 1000  # cases that are looked into at once, at first and then
_SOON = 4000  # cases among which what is common is met often enough for a page


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
            (state, stands_in(reader, state or "")),
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
    lines = _lines(
        office, session, reader, [found[case_id] for _, case_id in shown if case_id in found]
    )
    return CasePage(lines, _cursor_after(shown[-1]) if len(places) > size else None)


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
    key = by_key(session, q.strip())
    if key is not None:
        return _that(session, way, key, after, most)
    words = words_of(session, q)
    if not words.words:
        return []
    words, common = telling(session, words)
    if way.reader.authorities:  # whoever acts for parties alone has few cases
        if common and (met := _met(session, way, words, after, most)) is not None:
            return met
        if (few := by_words(session, way.reader, q.strip(), words)) is not None:
            return _that(session, way, few, after, most)
    places, size = list[_Place](), _FIRST
    while True:
        batch = _next(session, way, after, size)
        held = holding(session, [case_id for _, case_id in batch], q.strip(), words)
        places += [place for place in batch if place[1] in held]
        if len(places) >= most or len(batch) < size:
            return places[:most]
        after, size = batch[-1], _BATCH


def _met(
    session: Session, way: _Way, words: Words, after: _Place | None, most: int
) -> list[_Place] | None:
    """As many next places of the list as are wanted whose cases hold the words, met soon on the way
    through it; None if they are not."""
    found = set[_Place]()
    for query in _ways(way, after):
        soon = query.limit(_SOON).subquery()
        due_on, case_id = soon.c
        held = (
            select(due_on, case_id)
            .join(CaseSearch, CaseSearch.case_id == case_id)
            .where(words.held_in(CaseSearch.said))
            .order_by(*way.order(due_on, case_id))
        )
        met = session.execute(held.limit(most)).all()
        if len(met) < most and session.scalar(select(func.count()).select_from(soon)) == _SOON:
            return None
        found |= {_place(row) for row in met}
    return sorted(found, key=way.key)[:most]


def _that(
    session: Session,
    way: _Way,
    condition: ColumnElement[bool],
    after: _Place | None,
    most: int,
) -> list[_Place]:
    """The next places of those cases that meet a condition, which are few."""
    waiting = [_awaits(way.reader)] if way.queue == "mine_to_do" else []
    query = select(_URGENCY, Case.id).where(
        visible(way.reader), condition, *way.narrow, *waiting, *way.beyond(after)
    )
    return [_place(row) for row in session.execute(query.order_by(*way.order()).limit(most))]


def _next(session: Session, way: _Way, after: _Place | None, most: int) -> list[_Place]:
    """The next places of the list whatever was typed, from each of the ways through it."""
    ways = _ways(way, after)
    found = {_place(row) for query in ways for row in session.execute(query.limit(most))}
    return sorted(found, key=way.key)[:most]


def _ways(way: _Way, after: _Place | None) -> list[Select[Any]]:
    """The cases of each authority and of the parties, each in order from an index of its own."""
    ways: list[Select[Any]] = []
    if way.queue == "mine_to_do":
        for post in way.reader.posts:
            ways.append(_waiting(way, post.authority_id, post.role, after))
    else:
        for authority in sorted(way.reader.authorities):
            ways += (
                [_waiting(way, authority, "", after)] if way.queue else _of(way, authority, after)
            )
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
    return ways


def _of(way: _Way, authority: int, after: _Place | None) -> list[Select[Any]]:
    """The cases of an authority, and those in which it takes part, each once."""
    owned = (
        select(_URGENCY, Case.id)
        .where(Case.authority_id == authority, ~Case.private, *way.narrow, *way.beyond(after))
        .order_by(*way.order())
    )
    # Written so that it can only go from one participation to the next, newest first: of a case
    # that few take part in, an estimate would go through all cases to find them.
    guests = (
        select(Participant.case_id)
        .where(
            Participant.authority_id == authority,
            in_force(way.reader.today, Participant),
            *way.beyond(after, case_id=Participant.case_id),
        )
        .distinct()
        .order_by(*way.order(case_id=Participant.case_id))
        .subquery()
    )
    case = (
        select(_URGENCY.label("due_on"), Case.id)
        .where(Case.id == guests.c.case_id, ~Case.private, *way.narrow)
        .offset(0)
        .lateral()
    )
    theirs = select(case.c.due_on, case.c.id).select_from(guests.join(case, true()))
    return [owned, theirs.order_by(*way.order(case_id=guests.c.case_id))]


def _waiting(way: _Way, authority: int, role: str, after: _Place | None) -> Select[Any]:
    """The open cases that wait for a role (or for anybody) at an authority which owns them or takes
    part in them."""
    due_on, case_id = CaseWaiting.due_on, CaseWaiting.case_id
    return (
        select(due_on, case_id)
        .join(Case, Case.id == case_id)
        .where(
            CaseWaiting.authority_id == authority,
            CaseWaiting.role == role,
            of_authorities(frozenset({authority}), way.reader.today),
            *way.narrow,
            *way.beyond(after, due_on, case_id),
        )
        .order_by(*way.order(due_on, case_id))
    )


def _awaits(reader: Reader) -> ColumnElement[bool]:
    """The condition on `Case` under which it waits for a role that the reader holds at an authority
    that owns it or takes part in it."""
    ways: list[ColumnElement[bool]] = [
        and_(
            exists().where(
                CaseWaiting.case_id == Case.id,
                CaseWaiting.role == post.role,
                CaseWaiting.authority_id == post.authority_id,
            ),
            of_authorities(frozenset({post.authority_id}), reader.today),
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
    """The day and the id after which a page begins. Raises BadInput."""
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
    sight = party_sight(case) if reader.represents(case) else Sight()
    state = sight.state_of(process, case)
    clock = process.clock(limit) if limit else None
    due_on = case.due_on if clock is None or sight.shows_clock(process, clock) else None
    return CaseLine(
        number=case.number,
        process=case.process,
        process_label=process.label,
        state=state.name,
        state_label=(state if sight.veil else standing_of(process, case, reader.today)).label,
        ended=ended,
        version=case.version,
        party_name=party,
        place_name=said.get("place_name", ""),
        authority=authority,
        opened_on=legal_date(case.opened_at),
        due_on=due_on,
        due_label=clock.label if clock and due_on else "",
        next_day=first(days),
        days_left=(due_on - reader.today).days if due_on else None,
        overdue=due_on is not None and due_on < reader.today,
        whose_turn=turns(process, case, sight),
        mine=_is_mine(reader, case),
    )


def turns(
    process: Process, case: Case, sight: Sight, hidden: frozenset[Role] = frozenset()
) -> tuple[str, ...]:
    """Whose turn it is, in Chinese, without those that are `hidden` from the reader."""
    return tuple(role.label for role in sight.turns(process, case) if role not in hidden)


def _is_mine(reader: Reader, case: Case) -> bool:
    """As the queue; a role held at an authority that is only visible here takes part in it."""
    held = {post.role for post in reader.posts}
    if reader.represents(case):
        held.add(Role.APPLICANT.value)
    return case.ended_at is None and bool(held & set(case.awaiting))
