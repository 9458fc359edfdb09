"""A promise as its party reads it: whether it waits for one, and the questions before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority, Case, LogRow
from casework.parts.promise.education import drawn
from state_machines.parts.promise.forms import COMMIT, DECLINE, INFORM, WITHDRAW_COMMITMENT

# What a promise waits for, and how it is answered: the latest of them counts.
SETTLING = (INFORM, COMMIT, DECLINE, WITHDRAW_COMMITMENT)


@dataclass(frozen=True)
class QuestionView:
    """A question with its options; `chosen` is what was answered. Of a wrong answer `why` says
    what is right, and `law` by which article; of any other they are empty."""

    key: str
    text: str
    options: tuple[str, ...]
    chosen: int | None
    why: str
    law: str


@dataclass(frozen=True)
class QuizView:
    """What is to be read before, and the questions that are asked in a case."""

    reading: tuple[str, ...]
    questions: tuple[QuestionView, ...]


def quiz_of(
    office: Office, session: Session, case: Case, chosen: Mapping[str, int] | None = None
) -> QuizView:
    """What is asked in a case today; with what was `chosen`, by question, what is wrong of it."""
    process = office.versions.by_digest(session, case.version_digest)
    rules = office.rules.current(session)
    today = legal_date(office.time.now())
    region = session.get_one(Authority, case.authority_id).region
    quiz = rules.quiz(process.matter or "", today, region)

    def told(text: str) -> str:
        return rules.with_limits(text, today, region)

    def is_wrong(key: str, right: int) -> bool:
        return chosen is not None and chosen.get(key) != right

    return QuizView(
        tuple(map(told, quiz.reading)),
        tuple(
            QuestionView(
                key=one.key,
                text=told(one.text),
                options=tuple(map(told, one.options)),
                chosen=(chosen or {}).get(one.key),
                why=told(one.why) if is_wrong(one.key, one.answer) else "",
                law=told(one.law) if is_wrong(one.key, one.answer) else "",
            )
            for one in drawn(quiz, case.number)
        ),
    )


def awaiting_promise(session: Session, numbers: Collection[str]) -> frozenset[str]:
    """Those of these cases whose party was told of the conditions last, and has neither promised
    nor declined since."""
    name = LogRow.header["name"].as_string()
    rows = session.execute(
        select(Case.number, name)
        .join(LogRow, LogRow.case_id == Case.id)
        .where(
            Case.number.in_(numbers),
            LogRow.header["kind"].as_string() == "step",
            name.in_(SETTLING),
        )
        .order_by(LogRow.id)
    )
    latest = dict(rows.tuples().all())
    return frozenset(number for number, last in latest.items() if last == INFORM)
