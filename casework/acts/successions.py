"""Who is the same subject under several codes (主体代码变更): the line of a party.

What is remembered of any party of a line is remembered of all of it: whoever asks by one code is
answered for the line, as it was on the day that is asked about. Lines are queries of party ids, to
be asked as part of a larger one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import CTE, BindParameter, ColumnElement, Select, case, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.common.codes import normalise
from casework.models import Party, PartySuccession

_OLD, _NEW = PartySuccession.old_party_id, PartySuccession.new_party_id
_LOCKED = "locked_lines"
_Party = ColumnElement[int] | InstrumentedAttribute[int]


def lines_of(parties: Iterable[int] | Select[tuple[int]], on: date) -> Select[tuple[int]]:
    """These parties and all that they continue, or are continued by, as of a day."""
    line = _these(parties)
    other = case((line.c.id == _OLD, _NEW), else_=_OLD)
    return _with(line, other, (line.c.id == _OLD) | (line.c.id == _NEW), on)


def line_of(party_id: int, on: date) -> Select[tuple[int]]:
    """The party and all that it continues, or is continued by, as of a day."""
    return lines_of([party_id], on)


def successors(
    party_id: int | BindParameter[int], on: date | BindParameter[date]
) -> Select[tuple[int]]:
    """The party, and those that continue it one after the other: whoever acts for one of them acts
    for the party."""
    line = select(Party.id).where(Party.id == party_id).cte(recursive=True)
    return _with(line, _NEW, line.c.id == _OLD, on)


def behind(parties: Iterable[int] | Select[tuple[int]], on: date) -> Select[tuple[int]]:
    """These parties and all that they continue: what was theirs is the business of these."""
    line = _these(parties)
    return _with(line, _OLD, line.c.id == _NEW, on)


def current_of(session: Session, party_id: int, on: date) -> int:
    """The party under whose code the subject goes on as of a day."""
    return session.scalars(
        select(Party.id).where(Party.id.in_(successors(party_id, on)), ~_is_continued(on))
    ).one()


def currents_of(session: Session, parties: Iterable[int], on: date) -> dict[int, int]:
    """For each of many parties what `current_of` says of one, by one statement."""
    rows = session.execute(select(_OLD, _NEW).where(PartySuccession.since <= on))
    continued: dict[int, int] = dict(rows.tuples().all())
    found = {}
    for party in parties:
        current = party
        while current in continued:
            current = continued[current]
        found[party] = current
    return found


def lock_line(session: Session, party_id: int, on: date) -> int:
    """Lock the standing of a whole line, in order of id; gives the party under whose code it goes
    on as of that day."""
    locked: dict[tuple[int, date], int] = session.info.setdefault(_LOCKED, {})
    if (party_id, on) not in locked:
        rows = session.execute(
            select(Party, _is_continued(on))
            .where(Party.id.in_(line_of(party_id, on)))
            .order_by(Party.id)
            .with_for_update(of=Party)
        ).all()
        [locked[party_id, on]] = (party.id for party, continued in rows if not continued)
    return locked[party_id, on]


def locks_given_back(session: Session) -> None:
    """Lock anew whatever is asked for next: a part of the transaction was rolled back."""
    session.info.pop(_LOCKED, None)


def lock_claim(session: Session, party: Party, code: str, on: date) -> None:
    """Lock both lines that a claim would make one, so that two claims see each other."""
    old = session.scalars(select(Party.id).where(Party.code == normalise(code))).all()
    _lock(session, lines_of([party.id, *old], on))


def _is_continued(on: date) -> ColumnElement[bool]:
    return exists().where(Party.id == _OLD, PartySuccession.since <= on)


def _these(parties: Iterable[int] | Select[tuple[int]]) -> CTE:
    return select(Party.id).where(Party.id.in_(parties)).cte(recursive=True)


def _with(
    line: CTE, further: _Party, joined: ColumnElement[bool], on: date | BindParameter[date]
) -> Select[tuple[int]]:
    """What a line begins with, and what it leads to step by step."""
    whole = line.union(select(further).where(joined, PartySuccession.since <= on))
    return select(whole.c.id)


def _lock(session: Session, parties: Select[tuple[int]]) -> None:
    session.scalars(
        select(Party).where(Party.id.in_(parties)).order_by(Party.id).with_for_update()
    ).all()
