"""The lines of lists (列表的一行): where a case stands, when it is due and what of it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from casework.access.finding import is_among
from casework.access.readers import Reader, Sight, party_sight, reader_of, visible
from casework.acts.actors import Actor, in_force
from casework.acts.redactions import REDACT
from casework.common.database import by_index
from casework.common.timekeeping import legal_date
from casework.deadlines.next_day import NextDay, first, party_days
from casework.kernel.office import Office
from casework.licensing.penalised.standing_licence import standing_of
from casework.models import (
    Account,
    Authority,
    Case,
    CaseClock,
    CaseHandler,
    Participant,
    Party,
    PendingSignature,
    Person,
)
from casework.reading.lists.next_acts import Beside, NextAct, awaits, beside_of, may_take, next_act
from casework.reading.lists.places import Place
from state_machines.language.vocabulary import Process, Role
from state_machines.parts.officers.forms import HAND_OVER


@dataclass(frozen=True)
class CaseLine:
    """One line of a list. `due_on` is the nearest due date, of the limit `due_label`; `overdue`
    that it has passed; `next_day` what the party must know next; `mine` that the case waits for a
    role the reader holds, and `act` for which step of its reader. For officers `awaits` is what it
    waits for, whoever is to do it, and `handlers` are the names of who handles it;
    `may_hand_over`: the reader may give it to others."""

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
    act: NextAct | None
    awaits: str
    handlers: tuple[str, ...]
    may_hand_over: bool


def numbered(
    office: Office, session: Session, actor: Actor, numbers: Sequence[str]
) -> tuple[CaseLine, ...]:
    """The visible cases of these numbers, in this order."""
    reader = reader_of(office, session, actor)
    by_index(session)
    found = {
        line.number: line for line in lines_of(office, session, reader, Case.number.in_(numbers))
    }
    return tuple(found[number] for number in numbers if number in found)


def lines_of(
    office: Office, session: Session, reader: Reader, condition: ColumnElement[bool]
) -> tuple[CaseLine, ...]:
    """The visible cases that meet a condition, oldest first."""
    rows = session.execute(_selected(reader).where(visible(reader), condition).order_by(Case.id))
    return _lines(office, session, reader, rows.all())


def shown_in_order(
    office: Office, session: Session, reader: Reader, shown: Sequence[Place]
) -> tuple[CaseLine, ...]:
    """The lines of the visible cases at these places, in this order."""
    rows = session.execute(
        _selected(reader).where(
            visible(reader), is_among(Case.id, (case_id for _, case_id in shown))
        )
    )
    found = {case.id: (case, *rest) for case, *rest in rows}
    return _lines(
        office, session, reader, [found[case_id] for _, case_id in shown if case_id in found]
    )


def _selected(reader: Reader) -> Select[Any]:
    """A case with all that its line says, in one row."""
    guests = select(
        func.json_agg(func.json_build_array(Participant.track, Participant.authority_id))
    ).where(Participant.case_id == Case.id, in_force(reader.today, Participant))
    signed = select(
        func.json_agg(func.json_build_array(PendingSignature.step, PendingSignature.person_id))
    ).where(
        PendingSignature.case_id == Case.id,
        PendingSignature.case_version == Case.version,
        PendingSignature.step != REDACT,
    )
    handlers = (
        select(func.array_agg(aggregate_order_by(Person.name, CaseHandler.username)))
        .select_from(CaseHandler)
        .join(Account, Account.username == CaseHandler.username)
        .join(Person, Person.id == Account.person_id)
        .where(CaseHandler.case_id == Case.id)
    )
    # The clock whose last day comes first.
    limit = (
        select(CaseClock.name)
        .where(
            CaseClock.case_id == Case.id,
            CaseClock.ended_at.is_(None),
            CaseClock.due_on.is_not(None),
        )
        .order_by(CaseClock.due_on, CaseClock.id)
        .limit(1)
    )
    return (
        select(
            Case,
            Party.name,
            Authority.short,
            limit.scalar_subquery(),
            guests.scalar_subquery(),
            signed.scalar_subquery(),
            handlers.scalar_subquery(),
        )
        .join(Party, Case.party_id == Party.id)
        .join(Authority, Case.authority_id == Authority.id)
    )


def _lines(
    office: Office, session: Session, reader: Reader, rows: Sequence[Any]
) -> tuple[CaseLine, ...]:
    listed = [case for case, *_ in rows]
    days = party_days(office, session, listed)
    return tuple(
        _line(
            office,
            session,
            reader,
            case,
            party,
            authority,
            days[case.id],
            limit or "",
            beside_of(*beside),
        )
        for case, party, authority, limit, *beside in rows
    )


def _line(
    office: Office,
    session: Session,
    reader: Reader,
    case: Case,
    party: str,
    authority: str,
    days: Sequence[NextDay],
    limit: str,
    beside: Beside,
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
        act=next_act(process, case, reader, sight, beside),
        awaits=awaits(process, case) if reader.serves(case) else "",
        handlers=beside.handlers if reader.serves(case) else (),
        may_hand_over=may_take(process, case, HAND_OVER, reader, beside),
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
