"""Alarms (值守报警): a duty that fails or has stopped coming is told to those who watch, by the
same outlets as every notice.

Read off the duties' own register, so that it needs no Prefect: whoever serves the flows looks, and
so does the web. An alarm sends itself, for the duty that is down may be the one that sends. Each is
raised once a day for as long as it lasts, whoever looks, and however often.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.notices import enqueue_for_desk
from casework.common.retries import reason
from casework.common.timekeeping import legal_date
from casework.deadlines.duty_book import DUTIES, DutyState, states
from casework.kernel.office import Office
from casework.models import Authority, Message, Notice
from casework.notifying.addressing import ALARM, Outlets
from casework.notifying.gateways import Gateways, RealGateways
from casework.notifying.sending import send_waiting
from state_machines.language.vocabulary import Role

_LOOK_EVERY = 60.0  # seconds
_TOLD = (Role.SUPERVISOR, Role.ADMIN)

logger = logging.getLogger(__name__)


def raise_alarms(
    office: Office, gateways: Gateways, *, watching_since: datetime | None = None
) -> list[str]:
    """Tell supervisors and administrators of each duty that is overdue at their authority; gives
    what was told anew. A duty that was never done is overdue once somebody has been
    `watching_since` for as long as it may take: before, the house has only just been opened."""
    told = []
    with office.database.session() as session:
        authorities = session.scalars(select(Authority).order_by(Authority.id)).all()
        for authority in authorities:
            for state in _overdue(office, session, authority, watching_since):
                told += _alarm(office, session, authority, state)
    _line_up(office)
    with office.database.session() as session:
        subjects = session.scalars(
            select(Notice.subject).where(Notice.id.in_(told)).order_by(Notice.id)
        ).all()
    alarms = select(Notice.id).where(Notice.kind == ALARM)
    send_waiting(office, gateways, Message.notice_id.in_(alarms))
    return list(subjects)


def keep_watch(office: Office, stop: Event, gateways: Gateways | None = None) -> None:
    """Look every minute until told to stop."""
    since, hands = office.machine.now(), gateways or RealGateways()
    while not stop.wait(_LOOK_EVERY):
        try:
            raise_alarms(office, hands, watching_since=since)
        except Exception as error:  # whatever it was, such as a database that is away: look again
            logger.warning("暂时看不到值守情况：%s", reason(error))


def _overdue(
    office: Office, session: Session, authority: Authority, since: datetime | None
) -> Iterator[DutyState]:
    """The duties of an authority that are overdue, once they have been watched for long enough."""
    watched_for = office.machine.now() - since if since else None
    for state in states(office, session, [authority.code]):
        patience = timedelta(minutes=state.alarm_after_minutes)
        if state.last_success is None and watched_for is not None and watched_for <= patience:
            continue
        if state.overdue:
            yield state


def _alarm(office: Office, session: Session, authority: Authority, state: DutyState) -> list[int]:
    """Put an alarm into the outbox, once a day for each desk; gives the ids of what is new."""
    since = state.last_success.isoformat() if state.last_success else "never"
    day = legal_date(office.machine.now())
    written = (
        enqueue_for_desk(
            session,
            key=f"alarm/{state.duty}/{authority.code}/{since}/{day}/{role.value}",
            kind=ALARM,
            authority_id=authority.id,
            to_role=role.value,
            subject=f"报警：{DUTIES[state.duty].label}没有按时完成",
            body=f"{authority.name}：{state.alarm}",
            now=office.time.now(),
        )
        for role in _TOLD
    )
    return [one for one in written if one is not None]


def _line_up(office: Office) -> None:
    """What the duty of notices would do, had it not stopped: with every alarm that waits, whoever
    wrote it. One that cannot be lined up is tried again at the next look, and keeps no other."""
    with office.database.session() as session:
        waiting = session.scalars(
            select(Notice.id)
            .where(Notice.delivered_at.is_(None), Notice.kind == ALARM)
            .order_by(Notice.id)
        ).all()
    for notice_id in waiting:
        try:
            _line_one_up(office, notice_id)
        except Exception as error:  # such as a text that cannot be filled in
            logger.warning("报警 %s 没有列入发送：%s", notice_id, reason(error))


def _line_one_up(office: Office, notice_id: int) -> None:
    with office.database.session() as session:
        notice = session.scalar(
            select(Notice)
            .where(Notice.id == notice_id, Notice.delivered_at.is_(None))
            .with_for_update(skip_locked=True)
        )
        if notice is not None:
            Outlets(office).deliver(session, notice)
            notice.delivered_at = office.time.now()
