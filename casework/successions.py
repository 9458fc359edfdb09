"""Who is the same subject under several codes (主体代码变更): the line of a party.

What is remembered of any party of a line is remembered of all of it: whoever asks by one code is
answered for the line, as it was on the day that is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.codes import normalise
from casework.models import Party, PartySuccession


def lines_of(session: Session, parties: Iterable[int], on: date) -> frozenset[int]:
    """These parties and all that they continue, or are continued by, as of a day."""
    line = set(parties)
    while line:
        pairs = session.execute(
            select(PartySuccession.old_party_id, PartySuccession.new_party_id).where(
                PartySuccession.old_party_id.in_(line) | PartySuccession.new_party_id.in_(line),
                PartySuccession.since <= on,
            )
        ).all()
        found = {party for pair in pairs for party in pair} - line
        if not found:
            break
        line |= found
    return frozenset(line)


def line_of(session: Session, party_id: int, on: date) -> frozenset[int]:
    """The party and all that it continues, or is continued by, as of a day."""
    return lines_of(session, [party_id], on)


def ahead_of(session: Session, party_id: int, on: date) -> tuple[int, ...]:
    """The party, and those that continue it one after the other: whoever acts for one of them acts
    for the party."""
    found = [party_id]
    while (
        following := session.scalar(
            select(PartySuccession.new_party_id).where(
                PartySuccession.old_party_id == found[-1], PartySuccession.since <= on
            )
        )
    ) is not None:
        found.append(following)
    return tuple(found)


def current_of(session: Session, party_id: int, on: date) -> int:
    """The party under whose code the subject goes on as of a day."""
    return ahead_of(session, party_id, on)[-1]


def behind(session: Session, parties: Iterable[int], on: date) -> frozenset[int]:
    """These parties and all that they continue: what was theirs is the business of these."""
    found: set[int] = set()
    fresh = set(parties)
    while fresh:
        found |= fresh
        fresh = (
            set(
                session.scalars(
                    select(PartySuccession.old_party_id).where(
                        PartySuccession.new_party_id.in_(fresh), PartySuccession.since <= on
                    )
                )
            )
            - found
        )
    return frozenset(found)


def lock_line(session: Session, party_id: int, on: date) -> None:
    """Lock the standing of a whole line, in order of id."""
    _lock(session, line_of(session, party_id, on))


def lock_claim(session: Session, party: Party, code: str, on: date) -> None:
    """Lock both lines that a claim would make one, so that two claims see each other."""
    old = session.scalars(select(Party.id).where(Party.code == normalise(code))).all()
    _lock(session, lines_of(session, [party.id, *old], on))


def _lock(session: Session, parties: Iterable[int]) -> None:
    session.scalars(
        select(Party).where(Party.id.in_(sorted(parties))).order_by(Party.id).with_for_update()
    ).all()
