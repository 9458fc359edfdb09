"""The morning's digest (每日工作摘要): what waits for each desk, late first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.acts.actors import in_force
from casework.acts.notices import enqueue_for_desk
from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import in_chinese, legal_date
from casework.duties.one_by_one import EVERYTHING, Scope
from casework.kernel.office import Office
from casework.models import Authority, Case, CaseWaiting, Post, Publication
from casework.publicity.publications import may_be_shown
from state_machines.language.vocabulary import Role

_WEEK = timedelta(days=7)
# Whoever watches over the authority is told of all of it, also that nothing waits.
_OF_ALL = Role.SUPERVISOR


@dataclass(frozen=True)
class Waiting:
    """How many cases, or entries of the ledger, wait at a desk: late, due today, due within a week,
    and in all."""

    late: int
    today: int
    week: int
    total: int

    def __str__(self) -> str:
        return (
            f"共{self.total}件：逾期{self.late}件，今日到期{self.today}件，七日内到期{self.week}件"
        )


def send_digests(office: Office, scope: Scope = EVERYTHING) -> SweepReport:
    """Tell each desk of the authority what waits for it today, once a day."""
    now = office.time.now()
    today = legal_date(now)
    report = SweepReport()
    with office.database.session() as session:
        authorities = session.scalars(
            select(Authority)
            .where(Authority.code == scope.authority if scope.authority else Authority.id > 0)
            .order_by(Authority.id)
        ).all()
    for authority in authorities:
        try:
            with office.database.session() as session:
                for role, waiting in _desks(session, authority, today):
                    line = f"{authority.short}{role.label}：{waiting}"
                    if scope.dry_run or _send(session, authority, role, waiting, today, now):
                        report.done.append(line)
        except Exception as error:  # whatever went wrong with one authority, the next is told
            report.failed.append(f"{authority.name}：{reason(error)}")
    return report


def _desks(session: Session, authority: Authority, today: date) -> Iterator[tuple[Role, Waiting]]:
    """The desks of an authority for which something waits, and the supervisor's."""
    counts = {
        role: Waiting(*numbers)
        for role, *numbers in session.execute(
            select(CaseWaiting.role, *_counted(CaseWaiting.due_on, today))
            .where(CaseWaiting.authority_id == authority.id)
            .group_by(CaseWaiting.role)
        )
    }
    # No case waits for whoever publishes: the ledger does.
    counts[Role.PUBLICITY_OFFICER.value] = Waiting(
        *session.execute(
            select(*_counted(Publication.due_on, today))
            .join(Case, Case.id == Publication.case_id)
            .where(
                Case.authority_id == authority.id,
                Publication.published_on.is_(None),
                may_be_shown(today),
            )
        ).one()
    )
    held = session.scalars(
        select(Post.role)
        .where(Post.authority_id == authority.id, in_force(today, Post))
        .distinct()
        .order_by(Post.role)
    )
    for name in held:
        role = Role(name)
        # A case that waits for anybody stands once under no role.
        waiting = counts.get("" if role is _OF_ALL else name, Waiting(0, 0, 0, 0))
        if waiting.total or role is _OF_ALL:
            yield role, waiting


def _counted(due: InstrumentedAttribute[date], today: date) -> tuple[ColumnElement[int], ...]:
    """How many rows are what `Waiting` says, by the column of their last day."""
    return (
        func.count().filter(due < today),
        func.count().filter(due == today),
        func.count().filter(due.between(today, today + _WEEK)),
        func.count(),
    )


def _send(
    session: Session, authority: Authority, role: Role, waiting: Waiting, today: date, now: datetime
) -> bool:
    """Put a desk's digest into the outbox; gives whether it is new that day."""
    page = "公示台账" if role is Role.PUBLICITY_OFFICER else "待办"
    written = enqueue_for_desk(
        session,
        key=f"digest/{authority.code}/{role.value}/{today}",
        kind="digest",
        authority_id=authority.id,
        to_role=role.value,
        subject=f"{in_chinese(today)}{role.label}待办：{waiting.total}件",
        body=f"{authority.name}{role.label}的待办{waiting}。请在“{page}”页面按期限先后办理。",
        now=now,
    )
    return written is not None
