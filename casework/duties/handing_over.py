"""Notices (通知送出): the outbox is lined up as messages, and these are sent."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, true

from casework.acts.notices import CODE, TAKEN_BACK
from casework.common.retries import reason, wait_after
from casework.common.sweep_report import SweepReport
from casework.duties.one_by_one import Scope
from casework.kernel.office import Office
from casework.models import Case, Message, Notice
from casework.notifying.arrived_deliveries import settle
from casework.notifying.gateways import Gateways
from casework.notifying.sending import may_be_sent, send_waiting
from casework.operations.channels import Channel
from state_machines.language.vocabulary import Role


def deliver_notices(
    office: Office, channel: Channel, scope: Scope | None = None, *, limit: int = 1000
) -> SweepReport:
    """Hand undelivered notices over to a channel, the oldest first, at most `limit`: those of the
    authority of the `scope`, or of none, or without a scope all.

    Each is handed over by one worker only. What the channel refuses is tried again after 1, 2,
    4 … minutes, at most a day apart; supervisors see the error on the notice.
    """
    now = office.time.now()
    report = SweepReport()
    with office.database.session() as session:
        ids = session.scalars(
            select(Notice.id)
            .where(
                Notice.delivered_at.is_(None), Notice.next_try_at <= now, _in_scope(Notice, scope)
            )
            .order_by(Notice.next_try_at, Notice.id)
            .limit(limit)
        ).all()
        if scope and scope.dry_run:
            subjects = select(Notice.subject).where(Notice.id.in_(ids)).order_by(Notice.id)
            return SweepReport(done=list(session.scalars(subjects)))
    for notice_id in ids:
        with office.database.session() as session:
            notice = session.scalar(
                select(Notice)
                .where(Notice.id == notice_id, Notice.delivered_at.is_(None))
                .with_for_update(skip_locked=True)
            )
            if notice is None:
                report.skipped += 1
                continue
            notice.attempts += 1
            try:
                with session.begin_nested():
                    channel.deliver(session, notice)
            except Exception as error:  # whatever a channel raises: the next notice still goes out
                notice.last_error = reason(error)
                notice.next_try_at = now + wait_after(notice.attempts)
                report.failed.append(f"{notice.subject}：{notice.last_error}")
            else:
                notice.delivered_at, notice.last_error = now, None
                if notice.kind == CODE:
                    notice.body = TAKEN_BACK
                report.done.append(_line(notice))
    return report


def _line(notice: Notice) -> str:
    if notice.to_role:
        return f"{notice.subject}（告{Role(notice.to_role).label}）"
    return f"{notice.subject}（告当事人）" if notice.to_party_id else notice.subject


def send_messages(
    office: Office, gateways: Gateways, scope: Scope | None = None, *, limit: int = 1000
) -> SweepReport:
    """Send what waits to go out by an outlet, and serve what arrived; those of the authority of the
    `scope`, or of none, or without a scope all."""
    wanted = _in_scope(Message, scope)
    if scope and scope.dry_run:
        with office.database.session() as session:
            waiting = (
                select(Message.subject)
                .where(may_be_sent(office.time.now(), office.machine.now()), wanted)
                .order_by(Message.id)
                .limit(limit)
            )
            return SweepReport(done=list(session.scalars(waiting)))
    return send_waiting(office, gateways, wanted, limit=limit) + settle(
        office, _in_scope(Case, scope)
    )


def _in_scope(
    model: type[Notice] | type[Message] | type[Case], scope: Scope | None
) -> ColumnElement[bool]:
    """The condition that a row is of the scope: of its authority, or of none. Without a scope, any
    row."""
    if scope is None:
        return true()
    if not scope.authority:
        return model.authority_id.is_(None)
    return model.authority_id == scope.authority_id
