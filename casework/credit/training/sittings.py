"""Training (信用培训): the paper of a sitting, its marks, and the certificate still good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.successions import line_of
from casework.common.timekeeping import legal_date
from casework.models import Authority, Case, Document, LogRow
from casework.parts.promise.education import drawn
from casework.rules.counting import count
from casework.rules.rule_cache import Rules
from rulebook.models import Question
from state_machines.credit.training.forms import START_EXAM, Chosen

BANK = "credit_training"


@dataclass(frozen=True)
class Sitting:
    """One time the exam was sat: the seed of its paper, and the keys of its questions in order."""

    seed: str
    questions: tuple[str, ...]
    began_at: datetime


def draw(rules: Rules, seed: str, on: date, region: str) -> tuple[str, ...]:
    """Keys of the questions of a paper, drawn by its seed from the bank in force."""
    return tuple(question.key for question in drawn(rules.quiz(BANK, on, region), seed))


def sittings(session: Session, case: Case) -> list[Sitting]:
    """Every time the exam was sat in this case, the earliest first, as the log tells."""
    rows = session.scalars(
        select(LogRow)
        .where(LogRow.case_id == case.id, LogRow.header["name"].as_string() == START_EXAM)
        .order_by(LogRow.seq)
    )
    return [_sitting(row) for row in rows]


def paper(rules: Rules, sitting: Sitting, region: str) -> list[Question]:
    """The questions of a sitting, by the bank in force on the day on which it began."""
    bank = rules.quiz(BANK, legal_date(sitting.began_at), region)
    known = {question.key: question for question in bank.questions}
    return [known[key] for key in sitting.questions if key in known]


def right(questions: list[Question], answers: Iterable[Chosen]) -> int:
    """How many of these questions an answer sheet has right; one that is not there is wrong."""
    chosen = {answer.question: answer.choice for answer in answers}
    return sum(chosen.get(question.key) == question.answer for question in questions)


def certificate_of(session: Session, rules: Rules, party_id: int, on: date) -> str | None:
    """The number of the party's training certificate that is good on that day, the newest."""
    rows = session.execute(
        select(Document.number, Document.issued_on, Authority.region)
        .join(Case, Case.id == Document.case_id)
        .join(Authority, Authority.id == Case.authority_id)
        .where(
            Case.party_id.in_(line_of(party_id, on)),
            Case.process == BANK,
            Document.key == "training_certificate",
            Document.issued_on <= on,
        )
        .order_by(Document.id.desc())
    )
    for number, issued_on, region in rows:
        limit, _ = rules.limit("training.certificate", issued_on, region)
        due = count(limit, issued_on, (), rules.calendar).due
        if due is None or on <= due:
            return str(number)
    return None


def _sitting(row: LogRow) -> Sitting:
    drawn_paper = row.payload.get("facts", {}).get("ExamPaper", {})
    began = datetime.fromisoformat(row.header["effective_at"])
    return Sitting(row.previous, tuple(drawn_paper.get("questions", ())), began)
