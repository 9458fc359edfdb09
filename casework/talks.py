"""Whom to talk with (待约谈): parties that stand at a grade for it, and have not been talked with
since they fell to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from casework.actors import Actor
from casework.codes import normalise
from casework.models import Case, CreditEvent, CreditRating, Party, PartySuccession
from casework.office import Office, Outcome
from casework.problems import bad_field
from casework.reading import reader_of
from casework.successions import line_of, lines_of
from casework.timekeeping import legal_date
from state_machines.credit_talk import CREDIT_TALK
from state_machines.vocabulary import Role


@dataclass(frozen=True)
class TalkDue:
    """A party to be called in: its grade and points, and the day it fell to such a grade."""

    code: str
    party: str
    grade: str
    label: str
    score: int
    since: date


def talks_due(office: Office, session: Session, actor: Actor) -> tuple[TalkDue, ...]:
    """The parties that a credit officer has to call in, those first that fell first: each has a
    record of an authority at which the actor is one. For anybody else there are none."""
    reader = reader_of(office, session, actor)
    authorities = [
        post.authority_id for post in reader.posts if post.role == Role.CREDIT_OFFICER.value
    ]
    grades = {
        grade.grade: grade
        for grade in office.rules.current(session).rating_table(reader.today, "")[0].grades
        if grade.talk
    }
    recorded_here = (
        select(CreditEvent.party_id)
        .join(Case, Case.id == CreditEvent.case_id)
        .where(Case.authority_id.in_(authorities))
    )
    recorded = lines_of(recorded_here, reader.today)
    # A rating stands under the code by which its party goes on.
    continued = select(PartySuccession.old_party_id).where(PartySuccession.since <= reader.today)
    newest = (
        select(func.max(CreditRating.id))
        .where(CreditRating.party_id.notin_(continued))
        .group_by(CreditRating.party_id)
    )
    rows = session.execute(
        select(CreditRating, Party)
        .join(Party, Party.id == CreditRating.party_id)
        .where(
            CreditRating.id.in_(newest),
            CreditRating.grade.in_(grades),
            CreditRating.party_id.in_(recorded),
        )
    ).all()
    found = []
    for rating, party in rows:
        since = _fell_on(session, party.id, frozenset(grades))
        if not _talked_with(session, line_of(party.id, reader.today), authorities, since):
            label = grades[rating.grade].label
            found.append(TalkDue(party.code, party.name, rating.grade, label, rating.score, since))
    return tuple(sorted(found, key=lambda one: (one.since, one.code)))


def plan_talk(office: Office, actor: Actor, code: str, *, key: str | None = None) -> Outcome:
    """Open the talk (登记约谈) with a party that is due for one. Raises BadInput if none is."""
    with office.database.session() as session:
        due = next(
            (one for one in talks_due(office, session, actor) if one.code == normalise(code)), None
        )
    if due is None:
        raise bad_field("party", "当事人", "这个当事人不在待约谈名单内，或者已经登记约谈")
    reason = f"信用等级降为{due.grade}级（{due.label}），{due.score}分"
    return office.open_case(CREDIT_TALK.key, {"reason": reason}, actor, party=code, key=key)


def _fell_on(session: Session, party_id: int, low: frozenset[str]) -> date:
    """The day since which the party stands at one of the grades `low`."""
    kept = session.execute(
        select(CreditRating.grade, CreditRating.as_of)
        .where(CreditRating.party_id == party_id)
        .order_by(CreditRating.id.desc())
    ).all()
    since: date = kept[0].as_of
    for grade, as_of in kept:
        if grade not in low:
            break
        since = as_of
    return since


def _talked_with(
    session: Session, line: Select[tuple[int]], authorities: list[int], since: date
) -> bool:
    opened = session.scalars(
        select(Case.opened_at).where(
            Case.process == CREDIT_TALK.key,
            Case.party_id.in_(line),
            Case.authority_id.in_(authorities),
            Case.state != "called_off",
        )
    )
    return any(legal_date(one) >= since for one in opened)
