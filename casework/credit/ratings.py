"""Ratings as they stand (信用等级): calculated when a file changes and every night, kept when they
change, reproducible from the events as of any day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.deliveries import still_to_serve
from casework.acts.notices import PARTY
from casework.acts.successions import current_of, line_of, lock_line
from casework.common.timekeeping import legal_date
from casework.models import Case, CreditEvent, CreditRating, Notice, Party
from casework.parts.credit_file import Item, file_of
from casework.rules.rule_cache import Rules
from rulebook.models import RatingTable
from state_machines.credit.rating import Rating, Remembered, advice, rate
from state_machines.language.vocabulary import Role


@dataclass(frozen=True)
class Recalculated:
    """A rating, and the edition of the table it was calculated by."""

    rating: Rating
    table: RatingTable
    edition: str


def rating_of(
    session: Session,
    rules: Rules,
    party_id: int,
    on: date,
    made: tuple[int, int] | None = None,
) -> Recalculated:
    """The party's rating as of a day, from its file as it was on that day; a decision that is being
    `made` (case, seq) was not served yet."""
    table, edition = rules.rating_table(on, "")
    file = file_of(session, rules, party_id, on)
    now = (
        replace(item, unserved=True) if (item.event.case_id, item.event.log_seq) == made else item
        for item in file
    )
    return Recalculated(rate(table, remembered(now), on), table, edition)


def remembered(items: Iterable[Item]) -> list[Remembered]:
    """What counts of a file: all that was neither repaired nor corrected, and has come to the
    party."""
    return [
        Remembered(item.event.kind, item.event.occurred_on, item.counts_until)
        for item in items
        if item.weighs
    ]


def recalculate(
    session: Session,
    rules: Rules,
    party_id: int,
    on: date,
    now: datetime,
    made: tuple[int, int] | None = None,
) -> str:
    """Keep the party's rating as of a day, if it is another than the one kept last, and tell of it;
    gives what the rating is, or "" if it is the same. It is kept under the code by which the party
    goes on. A decision that is being `made` (case, seq) was not served yet.

    Two that recalculate one party wait for each other.
    """
    party_id = lock_line(session, party_id, on)
    session.flush()
    recalculated = rating_of(session, rules, party_id, on, made)
    lines = [asdict(line) for line in recalculated.rating.lines]
    last = latest(session, party_id)
    said = (recalculated.rating.grade.grade, recalculated.rating.score, lines, recalculated.edition)
    if last and (last.grade, last.score, last.lines, last.edition) == said:
        return ""
    kept = CreditRating(
        party_id=party_id,
        as_of=on,
        grade=recalculated.rating.grade.grade,
        score=recalculated.rating.score,
        lines=lines,
        edition=recalculated.edition,
        reckoned_at=now,
    )
    session.add(kept)
    session.flush()
    before = last.grade if last else rate(recalculated.table, (), on).grade.grade
    return _tell(session, kept, recalculated, before, now)


def rate_again(act: Act) -> None:
    """Recalculate the rating of the act's party as of its day, and tell of it if it is another."""
    made = (act.case.id, act.case.head_seq + 1) if still_to_serve(act) else None
    recalculate(act.session, act.rules, act.case.party_id, act.day, act.context.now, made)


def latest(session: Session, party_id: int) -> CreditRating | None:
    """The rating kept last."""
    return session.scalar(
        select(CreditRating)
        .where(CreditRating.party_id == party_id)
        .order_by(CreditRating.id.desc())
        .limit(1)
    )


def _tell(
    session: Session, kept: CreditRating, found: Recalculated, before: str, now: datetime
) -> str:
    """Tell the party of a new rating, if its grade fell or is near to (预警、提醒), and the credit
    officer, if it fell to a grade that asks for a talk (约谈); gives what the rating is. They are
    told by the case that last wrote into the file."""
    grade = found.rating.grade
    said = f"{grade.grade}级（{grade.label}），{found.rating.score}分"
    fell = before < grade.grade
    if not (fell or found.rating.warning):
        return said
    today = legal_date(now)
    party_id = current_of(session, kept.party_id, today)
    case = session.scalars(
        select(Case)
        .join(CreditEvent, CreditEvent.case_id == Case.id)
        .where(CreditEvent.party_id.in_(line_of(party_id, today)))
        .order_by(CreditEvent.id.desc())
        .limit(1)
    ).one()
    raising = "；".join(advice(found.table, found.rating)) or "保持守信"
    body = f"当前信用等级：{said}。{'；'.join(grade.measures)}。提升办法：{raising}。"
    if found.rating.warning:
        body = f"预警：再失分将降为{found.rating.warning}级。{body}"
    notice = {
        "kind": "rating",
        "case_id": case.id,
        "authority_id": case.authority_id,
        "created_at": now,
        "attempts": 0,
        "next_try_at": now,
    }
    session.add(
        Notice(
            key=f"rating/{kept.id}/{PARTY}",
            to_party_id=party_id,
            subject="信用等级提醒" if fell else "信用等级预警",
            body=body,
            **notice,
        )
    )
    if fell and grade.talk:
        name = session.get_one(Party, party_id).name
        session.add(
            Notice(
                key=f"rating/{kept.id}/{Role.CREDIT_OFFICER.value}",
                to_role=Role.CREDIT_OFFICER.value,
                subject=f"应当约谈：{name}",
                body=f"{name}的信用等级由{before}级降为{said}。请在“信用管理”登记约谈。",
                **notice,
            )
        )
    return said


def remembered_parties(session: Session, on: date) -> list[int]:
    """Everybody of whom something is remembered, each by the code under which it goes on."""
    known = session.scalars(select(CreditEvent.party_id).distinct())
    return sorted({current_of(session, party, on) for party in known})
