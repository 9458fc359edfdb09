"""Publication (公示督办): what is to be shown, or taken down, is asked for, before and after its
day.

First the publicity officer is told, when the last day is near and when it has passed; then, if it
is still not done, the supervisor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from casework.acts.notices import enqueue_unless_there
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import in_chinese, legal_date
from casework.deadlines.duty_book import PUBLICATION
from casework.duties.one_by_one import EVERYTHING, Scope, is_failure, may_be_tried, one_by_one
from casework.kernel.office import Office
from casework.models import Case, LogRow, Notice, Publication, SweepFailure
from casework.publicity import channel_lines
from casework.publicity.publications import may_be_shown, to_do
from state_machines.language.vocabulary import Role

_TOLD_BY = (LogRow.case_id == Publication.case_id) & (LogRow.seq == Publication.log_seq)


@dataclass(frozen=True)
class _Stage:
    """From how many days after the last day (before it: negative) who is told that it is so."""

    name: str
    days: int
    to: Role
    said: str

    def is_reached(self, today: date) -> ColumnElement[bool]:
        """The condition that it is so today: what has passed its last day is not about to."""
        last = Publication.due_on <= today - timedelta(days=self.days)
        return last if self.days > 0 else last & (Publication.due_on >= today)


def chase_publications(
    office: Office, scope: Scope = EVERYTHING, *, limit: int = 1000
) -> SweepReport:
    """Tell of every entry of the ledger that is due soon or late, each stage once, at most `limit`
    entries a stage."""
    now = office.time.now()
    today = legal_date(now)
    report = SweepReport()
    with office.database.session() as session:
        stages = _stages(office, session, today)
    for stage in stages:
        key = func.concat("publication/", Publication.id, f"/{stage.name}")
        found = (
            select(
                Publication.id,
                Publication.due_on,
                Publication.register,
                Publication.case_id,
                Case.number,
                Case.version_digest,
                LogRow.header["name"].as_string().label("step"),
                SweepFailure.attempts,
                key.label("key"),
            )
            .join(Case, Case.id == Publication.case_id)
            .join(LogRow, _TOLD_BY)
            .outerjoin(SweepFailure, is_failure(PUBLICATION))
            .where(
                Publication.published_on.is_(None),
                stage.is_reached(today),
                may_be_shown(today),
                ~exists().where(Notice.key == key),
                scope.of_cases,
                may_be_tried(now),
            )
            .order_by(Publication.due_on, Publication.id)
            .limit(limit)
        )
        with office.database.session() as session:
            rows = session.execute(found).all()
            if scope.dry_run:
                report.done += [_line(row, stage, _what(office, session, row)) for row in rows]
        if scope.dry_run:
            continue

        def tell(row: Any, stage: _Stage = stage) -> str | None:
            return office.database.in_transaction(
                lambda session: _tell(office, session, row, stage)
            )

        report += one_by_one(office, PUBLICATION, rows, tell)
    return report


def _stages(office: Office, session: Session, today: date) -> tuple[_Stage, ...]:
    rules = office.rules.current(session)
    before, after = rules.value("publicity.chase_days", today, "")
    return (
        _Stage("soon", -int(before), Role.PUBLICITY_OFFICER, "将到期"),
        _Stage("late", 1, Role.PUBLICITY_OFFICER, "已逾期"),
        _Stage("chased", int(after), Role.SUPERVISOR, "逾期仍未办理"),
    )


def _tell(office: Office, session: Session, row: Any, stage: _Stage) -> str | None:
    """Put a reminder into the outbox; gives what it is about, None if there is none to send."""
    entry = session.scalar(
        select(Publication)
        .where(Publication.id == row.id, Publication.published_on.is_(None))
        .with_for_update(skip_locked=True)
    )
    if entry is None:
        return None
    case, now = session.get_one(Case, entry.case_id), office.time.now()
    process = office.versions.by_digest(session, case.version_digest)
    rules = office.rules.current(session)
    register = _what(office, session, row)
    what = f"“{to_do(entry.withdrawn_because, entry.shows)}”"
    there = {line.channel for line in channel_lines.lines_of(session, entry)}
    shown = channel_lines.shown_in(session, rules, entry)
    missing = "、".join(one for one in shown if one not in there)
    told = enqueue_unless_there(
        session,
        case,
        process,
        key=row.key,
        kind="reminder",
        to=stage.to.value,
        subject=f"公示{stage.said}：{register}（{case.number}）",
        body=(
            f"{case.number}的{register}应于{in_chinese(entry.due_on)}前办理{what}，{stage.said}，"
            f"尚缺渠道：{missing}。请办理后在“公示台账”逐个渠道登记日期，并上传回执或者截图。"
        ),
        now=now,
    )
    return _line(row, stage, register) if told else None


def _what(office: Office, session: Session, row: Any) -> str:
    """The register, and the step that asks for it: a case may ask for several entries."""
    today = legal_date(office.time.now())
    register = office.rules.current(session).register(row.register, today, "").label
    process = office.versions.by_digest(session, row.version_digest)
    labels = {step.name: step.label for step in process.every_step}
    return f"{register}（{labels[row.step]}）" if row.step in labels else register


def _line(row: Any, stage: _Stage, register: str) -> str:
    due = f"{row.due_on:%Y-%m-%d}"
    return f"{row.number} {register} 应于 {due} 前办理，{stage.said}，告{stage.to.label}"
