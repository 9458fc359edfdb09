"""The ways through lists of cases (列表检索): each in its order from an index, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
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
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from casework.access.finding import Words, by_key, by_words, holding, telling, words_of
from casework.access.readers import Reader, known_to_party, of_authorities, visible
from casework.acts.actors import in_force
from casework.models import Case, CaseHandler, CaseSearch, CaseWaiting, Participant
from casework.reading.lists.wanted import ALWAYS, Days
from state_machines.language.vocabulary import Role

Place = tuple[date | datetime, int]  # where a case stands in a list: what it is put by, and its id
# Written out, not bound: a value that comes with the query is none that the index knows.
_URGENCY = func.coalesce(Case.due_on, literal_column("DATE '9999-12-31'"))
_FIRST, _BATCH = 200, 1000  # cases that are looked into at once, at first and then
_SOON = 4000  # cases among which what is common is met often enough for a page


@dataclass(frozen=True)
class Way:
    """How a list is gone through: for whom, which queue, what it is narrowed by, and put by what:
    `due`, most urgent first; `id`, `opened` or `ended`, newest first.

    `handlers` are accounts one of which handles the case; `processes` are several of which it is
    one; `few` is a condition that only few cases meet.
    """

    reader: Reader
    queue: str | None
    narrow: Sequence[ColumnElement[bool]]
    by: Literal["due", "id", "opened", "ended"]
    due: Days = ALWAYS
    handlers: tuple[str, ...] | None = None
    processes: tuple[str, ...] = ()
    few: ColumnElement[bool] | None = None

    def put_by(self, due_on: Any = _URGENCY) -> Any:
        """The column that the list is put by, for one whose last day stands in `due_on`."""
        return {"opened": Case.opened_at, "ended": Case.ended_at}.get(self.by, due_on)

    def order(self, put_by: Any = None, case_id: Any = Case.id) -> tuple[Any, ...]:
        """Most urgent first, or else newest first."""
        put_by = self.put_by() if put_by is None else put_by
        if self.by == "due":
            return (put_by, case_id)
        return (case_id.desc(),) if self.by == "id" else (put_by.desc(), case_id.desc())

    def within(
        self, after: Place | None, due_on: Any = _URGENCY, case_id: Any = Case.id
    ) -> list[ColumnElement[bool]]:
        """What comes after a place of the list and has its last day on one of the days wanted."""
        found = [due_on >= self.due.first] if self.due.first else []
        found += [due_on <= self.due.last] if self.due.last else []
        if after is None:
            return found
        if self.by == "id":
            return [*found, case_id < after[1]]
        here, there = tuple_(self.put_by(due_on), case_id), tuple_(*map(literal, after))
        return [*found, here > there if self.by == "due" else here < there]

    def in_order(self, found: set[Place]) -> list[Place]:
        """Places in the order of the list."""
        if self.by == "id":
            return sorted(found, key=lambda place: -place[1])
        return sorted(found, reverse=self.by != "due")

    def on(self, due: Days) -> Way:
        """The same for other last days."""
        return replace(self, due=due)


def places(
    session: Session, way: Way, q: str | None, after: Place | None, most: int
) -> list[Place]:
    """The next places of the list, at most so many."""
    if not (q and q.strip()):
        if way.few is not None:
            return _that(session, way, way.few, after, most)
        return _next(session, way, after, most)
    few = [] if way.few is None else [way.few]
    key = by_key(session, q.strip())
    if key is not None:
        return _that(session, way, and_(key, *few), after, most)
    words = words_of(session, q)
    if not words.words:
        return []
    words, common = telling(session, words)
    if way.reader.authorities:  # whoever acts for parties alone has few cases
        if not few and common and (met := _met(session, way, words, after, most)) is not None:
            return met
        if (found := by_words(session, way.reader, q.strip(), words)) is not None:
            return _that(session, way, and_(found, *few), after, most)
    found_places, size = list[Place](), _FIRST
    while True:
        batch = places(session, way, None, after, size)
        held = holding(session, [case_id for _, case_id in batch], q.strip(), words)
        found_places += [place for place in batch if place[1] in held]
        if len(found_places) >= most or len(batch) < size:
            return found_places[:most]
        after, size = batch[-1], _BATCH


def _met(
    session: Session, way: Way, words: Words, after: Place | None, most: int
) -> list[Place] | None:
    """As many next places of the list as are wanted whose cases hold the words, met soon on the way
    through it; None if they are not."""
    found = set[Place]()
    for query in _ways(way, after, _SOON):
        soon = query.limit(_SOON).subquery()
        put_by, case_id = soon.c
        held = (
            select(put_by, case_id)
            .join(CaseSearch, CaseSearch.case_id == case_id)
            .where(words.held_in(CaseSearch.said))
            .order_by(*way.order(put_by, case_id))
        )
        met = session.execute(held.limit(most)).all()
        if len(met) < most and session.scalar(select(func.count()).select_from(soon)) == _SOON:
            return None
        found |= {_place(row) for row in met}
    return way.in_order(found)[:most]


def _that(
    session: Session,
    way: Way,
    condition: ColumnElement[bool],
    after: Place | None,
    most: int,
) -> list[Place]:
    """The next places of those cases that meet a condition, which are few."""
    waiting = [_awaits(way.reader)] if way.queue == "mine_to_do" else []
    handled = [] if way.handlers is None else [handled_by(way.handlers)]
    among = [Case.process.in_(way.processes)] if way.processes else []
    query = select(way.put_by(), Case.id).where(
        visible(way.reader),
        condition,
        *way.narrow,
        *waiting,
        *handled,
        *among,
        *way.within(after),
    )
    return [_place(row) for row in session.execute(query.order_by(*way.order()).limit(most))]


def handled_by(usernames: Sequence[str]) -> ColumnElement[bool]:
    """The condition on `Case` under which one of these accounts handles it; with none of them that
    nobody was named."""
    named = exists().where(CaseHandler.case_id == Case.id)
    return named.where(CaseHandler.username.in_(usernames)) if usernames else ~named


def _next(session: Session, way: Way, after: Place | None, most: int) -> list[Place]:
    """The next places of the list whatever was typed, from each of the ways through it."""
    ways = _ways(way, after, most)
    found = {_place(row) for query in ways for row in session.execute(query.limit(most))}
    return way.in_order(found)[:most]


def _ways(way: Way, after: Place | None, most: int) -> list[Select[Any]]:
    """The cases of each authority and of the parties, each in order from an index of its own."""
    ways: list[Select[Any]] = []
    if way.handlers:
        return [_handled(way, username, after) for username in way.handlers]
    if way.queue == "mine_to_do":
        for post in way.reader.posts:
            ways.append(_waiting(way, post.authority_id, post.role, after))
    else:
        for authority in sorted(way.reader.authorities):
            ways += (
                [_waiting(way, authority, "", after)]
                if way.queue
                else _of(way, authority, after, most)
            )
    if way.reader.parties:
        mine = [_awaits_party()] if way.queue == "mine_to_do" else []
        ways.append(
            select(way.put_by(), Case.id)
            .where(
                Case.party_id.in_(way.reader.parties),
                known_to_party(),
                *mine,
                *_narrowed(way),
                *way.within(after),
            )
            .order_by(*way.order())
        )
    return ways


def _narrowed(way: Way) -> list[ColumnElement[bool]]:
    """What narrows a way that has no index of its own for it."""
    nobody = [handled_by(())] if way.handlers == () else []
    among = [Case.process.in_(way.processes)] if way.processes else []
    return [*way.narrow, *nobody, *among]


def _of(way: Way, authority: int, after: Place | None, most: int) -> list[Select[Any]]:
    """The cases of an authority, and those in which it takes part, each once."""
    owned = (
        select(way.put_by().label("put_by"), Case.id)
        .where(Case.authority_id == authority, ~Case.private)
        .order_by(*way.order())
    )
    if way.processes and way.by == "id":
        # In order from the index of each: a matter that is rare is not looked for among all.
        wanted = literal(list(way.processes), ARRAY(Text))
        process = func.unnest(wanted).table_valued("key").render_derived(name="process")
        each = (
            owned.where(Case.process == process.c.key, *way.narrow, *_rest(way), *way.within(after))
            .limit(most)
            .lateral()
        )
        owned = select(each.c.put_by, each.c.id).select_from(process.join(each, true()))
        owned = owned.order_by(*way.order(each.c.put_by, each.c.id))
    else:
        owned = owned.where(*_narrowed(way), *way.within(after))
    # Written so that it can only go from one participation to the next, newest first: of a case
    # that few take part in, an estimate would go through all cases to find them.
    newest = replace(way, by="id")
    beyond = newest.within(after, case_id=Participant.case_id) if way.by == "id" else []
    guests = (
        select(Participant.case_id)
        .where(
            Participant.authority_id == authority,
            in_force(way.reader.today, Participant),
            *beyond,
        )
        .distinct()
        .order_by(*newest.order(case_id=Participant.case_id))
        .subquery()
    )
    later = [] if way.by == "id" else way.within(after)
    case = (
        select(way.put_by().label("put_by"), Case.id)
        .where(Case.id == guests.c.case_id, ~Case.private, *_narrowed(way), *later)
        .offset(0)
        .lateral()
    )
    theirs = select(case.c.put_by, case.c.id).select_from(guests.join(case, true()))
    return [owned, theirs.order_by(*way.order(case.c.put_by, guests.c.case_id))]


def _rest(way: Way) -> list[ColumnElement[bool]]:
    return [handled_by(())] if way.handlers == () else []


def _waiting(way: Way, authority: int, role: str, after: Place | None) -> Select[Any]:
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
            *_narrowed(way),
            *way.within(after, due_on, case_id),
        )
        .order_by(*way.order(due_on, case_id))
    )


def _handled(way: Way, username: str, after: Place | None) -> Select[Any]:
    """The cases that an account handles, the open ones alone for a queue."""
    due_on, case_id = CaseHandler.due_on, CaseHandler.case_id
    waiting = [_awaits(way.reader)] if way.queue == "mine_to_do" else []
    put_by = way.put_by(due_on)
    if way.queue:
        waiting.append(due_on.is_not(None))
    elif way.by == "id":
        put_by = _URGENCY  # one that has ended has no last day here
    return (
        select(put_by, case_id)
        .join(Case, Case.id == case_id)
        .where(
            CaseHandler.username == username,
            visible(way.reader),
            *way.narrow,
            *([Case.process.in_(way.processes)] if way.processes else []),
            *waiting,
            *way.within(after, due_on, case_id),
        )
        .order_by(*way.order(put_by, case_id))
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


def _place(row: Any) -> Place:
    put_by, case_id = row
    return put_by, case_id
