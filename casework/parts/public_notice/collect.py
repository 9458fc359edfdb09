"""What was made public, and what was said of it (公示), counted from the latest notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.dossier import dossier_of
from casework.acts.handed_in import kept_since, labels
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import read
from casework.kernel.facts import FactTable
from casework.models import Case, LogRow
from casework.rules.counting import count
from casework.rules.versions import as_released
from state_machines.language.step_names import F, StepName
from state_machines.parts.public_notice.facts import (
    AnswersGiven,
    AnswerTime,
    NoticeTime,
    OpenComments,
    PublicText,
)
from state_machines.parts.public_notice.forms import (
    ANSWER_COMMENTS,
    COMMENT,
    OPEN_NOTICE,
    Answers,
)
from state_machines.parts.public_notice.part import ANSWERS, CLOCK, PUBLIC_TEXT


def rows_since_notice(session: Session, case: Case) -> Sequence[LogRow]:
    """What was said of the latest notice, in order; where nothing was, nothing is read."""
    file = dossier_of(session, case)
    notice = file.last_step(OPEN_NOTICE)
    if notice is None:
        return ()
    said = [
        header["seq"]
        for header in file.headers
        if header["seq"] > notice["seq"]
        and header["kind"] == "step"
        and header["name"] in (COMMENT, ANSWER_COMMENTS)
    ]
    if not said:
        return ()
    rows = select(LogRow).where(LogRow.case_id == case.id, LogRow.seq.in_(said))
    return session.scalars(rows.order_by(LogRow.seq)).all()


def comments(act: Act) -> list[str]:
    """The comments on the latest notice."""
    return [filled.text for filled in _filled(rows_since_notice(act.session, act.case), COMMENT)]


def open_comments(rows: Sequence[LogRow]) -> list[str]:
    """Those of the comments in such rows that were not answered, each text once."""
    answered = {
        answer.comment for filled in _filled(rows, ANSWER_COMMENTS) for answer in filled.answers
    }
    texts = dict.fromkeys(filled.text for filled in _filled(rows, COMMENT))
    return [text for text in texts if text not in answered]


def _filled(rows: Sequence[LogRow], step: StepName[F]) -> Iterator[F]:
    for row in rows:
        if row.header["name"] == step:
            yield read(step.form, row.payload["input"])


def _time(act: Act) -> NoticeTime:
    run = next((run for run in reversed(act.runs) if run.name == CLOCK), None)
    if run is None or run.fires_at is None:
        return NoticeTime(None, None, begun=False, over=False, law=_law(act))
    return NoticeTime(
        legal_date(run.started_at),
        run.due_on,
        begun=act.day >= legal_date(run.started_at),
        over=act.at >= run.fires_at,
        law=_law(act),
    )


def _open(act: Act) -> OpenComments:
    return OpenComments(len(open_comments(rows_since_notice(act.session, act.case))), _law(act))


def _answer_time(act: Act) -> AnswerTime:
    """Also in a version that has no such clock the limit runs, from the day of the notice."""
    on_notice = act.case.state in act.process.step(COMMENT).moves
    open_now = len(open_comments(rows_since_notice(act.session, act.case))) if on_notice else 0
    since, until = _time(act).since, None
    released, _ = as_released(act.process, act.step)
    if on_notice and since and (key := released.clock(ANSWERS).limit):
        limit, _ = act.rules.limit(key, since, act.region)
        until = count(limit, since, (), act.rules.calendar).due
    over = until is not None and act.day > until
    return AnswerTime(on_notice, open_now, until, over, _law(act))


def _answers(act: Act) -> AnswersGiven:
    waiting = open_comments(rows_since_notice(act.session, act.case))
    given = [answer.comment for answer in act.filled(Answers).answers]
    return AnswersGiven(tuple(text for text in given if text not in waiting), _law(act))


def _text(act: Act) -> PublicText:
    notice = act.dossier.last_step(OPEN_NOTICE)
    changed = notice is not None and bool(kept_since(act, PUBLIC_TEXT, notice["seq"]))
    return PublicText(changed, labels(act).get(PUBLIC_TEXT, "公开文本"), _law(act))


def _law(act: Act) -> str:
    return act.process.step(OPEN_NOTICE).law


FACTS: FactTable = {
    AnswersGiven: _answers,
    AnswerTime: _answer_time,
    NoticeTime: _time,
    OpenComments: _open,
    PublicText: _text,
}
