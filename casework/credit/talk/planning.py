"""Whom to talk with (待约谈): parties that stand at a grade for it, and have not been talked with
since they fell to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.acts.successions import line_of
from casework.common.codes import normalise
from casework.common.database import by_index
from casework.common.problems import bad_field
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office, Outcome
from casework.models import Case, CreditEvent, CreditRating, Party, PartySuccession
from rulebook.models import RatingGrade
from state_machines.credit.talk.process import CREDIT_TALK
from state_machines.language.vocabulary import Role

MOST = 200  # parties of the list


@dataclass(frozen=True)
class TalkDue:
    """A party to be called in: its grade and points, and the day it fell to such a grade."""

    code: str
    party: str
    grade: str
    label: str
    score: int
    since: date


def talks_due(
    office: Office, session: Session, actor: Actor, *, code: str | None = None
) -> tuple[TalkDue, ...]:
    """The parties that a credit officer has to call in, those first that fell first, or only the
    party of that `code`: each has a record of an authority at which the actor is an officer. For
    anybody else there are none; of more than `MOST` those are given that were rated first."""
    reader = reader_of(office, session, actor)
    authorities = [
        post.authority_id for post in reader.posts if post.role == Role.CREDIT_OFFICER.value
    ]
    if not authorities:
        return ()
    by_index(session)
    grades: dict[str, RatingGrade] = {
        grade.grade: grade
        for grade in office.rules.current(session).rating_table(reader.today, "")[0].grades
        if grade.talk
    }
    talk_dues: list[TalkDue] = []
    after = 0
    while len(talk_dues) < MOST:
        rows = _low(session, grades, reader.today, code, after)
        talk_dues += _due(session, rows, grades, authorities, reader.today)
        if len(rows) < MOST:
            break
        after = rows[-1][0].id
    return tuple(sorted(talk_dues, key=lambda talk_due: (talk_due.since, talk_due.code)))[:MOST]


def plan_talk(office: Office, actor: Actor, code: str, *, key: str | None = None) -> Outcome:
    """Open the talk (登记约谈) with a party that is due for one. Raises BadInput if none is."""
    with office.database.session() as session:
        due = next(iter(talks_due(office, session, actor, code=normalise(code))), None)
    if due is None:
        raise bad_field("party", "当事人", "这个当事人不在待约谈名单内，或者已经登记约谈")
    reason = f"信用等级降为{due.grade}级（{due.label}），{due.score}分"
    return office.open_case(CREDIT_TALK.key, {"reason": reason}, actor, party=code, key=key)


_Row = tuple[CreditRating, Party]


def _low(
    session: Session, grades: Collection[str], today: date, code: str | None, after: int
) -> list[_Row]:
    """The next parties whose latest rating is one of these grades, each under the code by which it
    goes on."""
    newer = aliased(CreditRating)
    continued = exists().where(
        PartySuccession.old_party_id == CreditRating.party_id, PartySuccession.since <= today
    )
    query = (
        select(CreditRating, Party)
        .join(Party, Party.id == CreditRating.party_id)
        .where(
            CreditRating.grade.in_(grades),
            CreditRating.id > after,
            ~exists().where(newer.party_id == CreditRating.party_id, newer.id > CreditRating.id),
            ~continued,
        )
        .order_by(CreditRating.id)
        .limit(MOST)
    )
    if code is not None:
        query = query.where(Party.code == code)
    return [(rating, party) for rating, party in session.execute(query)]


def _due(
    session: Session,
    rows: Sequence[_Row],
    grades: Mapping[str, RatingGrade],
    authorities: Collection[int],
    today: date,
) -> Iterator[TalkDue]:
    """Those with a record of these authorities who have not been talked with since they fell."""
    lines = _lines(session, [party.id for _, party in rows], today)
    whose = {member: party for party, line in lines.items() for member in line}
    recorded = session.scalars(
        select(CreditEvent.party_id)
        .join(Case, Case.id == CreditEvent.case_id)
        .where(CreditEvent.party_id.in_(whose), Case.authority_id.in_(authorities))
        .distinct()
    )
    here = {whose[party] for party in recorded}
    fell = _fell_on(session, here, frozenset(grades))
    talks = session.execute(
        select(Case.party_id, Case.opened_at).where(
            Case.process == CREDIT_TALK.key,
            Case.party_id.in_([member for party in here for member in lines[party]]),
            Case.authority_id.in_(authorities),
            Case.state != "called_off",
        )
    )
    talked = {whose[party] for party, opened in talks if legal_date(opened) >= fell[whose[party]]}
    for rating, party in rows:
        if party.id in here and party.id not in talked:
            label = grades[rating.grade].label
            yield TalkDue(party.code, party.name, rating.grade, label, rating.score, fell[party.id])


def _lines(session: Session, parties: Sequence[int], today: date) -> dict[int, list[int]]:
    """Each party with all that it continues, which few have."""
    continuing = session.scalars(
        select(PartySuccession.new_party_id).where(PartySuccession.new_party_id.in_(parties))
    )
    lines = {party: [party] for party in parties}
    return lines | {
        party: list(session.scalars(line_of(party, today))) for party in set(continuing)
    }


def _fell_on(session: Session, parties: Collection[int], low: frozenset[str]) -> dict[int, date]:
    """The day since which each party stands at one of the grades `low`."""
    kept = session.execute(
        select(CreditRating.party_id, CreditRating.grade, CreditRating.as_of)
        .where(CreditRating.party_id.in_(parties))
        .order_by(CreditRating.party_id, CreditRating.id)
    )
    since: dict[int, date] = {}
    for party, grade, as_of in kept:
        if grade not in low:
            since.pop(party, None)
        else:
            since.setdefault(party, as_of)
    return since
