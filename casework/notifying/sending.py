"""Sending what waits (发送): each message by one worker at a time, under its key.

Whoever sends takes a lease first, in a transaction of its own, so that no row is locked while a
gateway keeps everybody waiting, and nobody else sends the same meanwhile. If the worker dies, the
lease ends by itself and the message goes out again under the same key. What fails is tried again
after 1, 2, 4 … minutes; after the last try, or if it was refused for good, it is a dead letter and
delays nothing. What is not urgent goes out by no outlet in quiet hours, however it came to wait.
"""

from __future__ import annotations

import secrets
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from time import monotonic

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from casework.acts.electronic import State as Delivery
from casework.acts.electronic import enclosed, over
from casework.acts.notices import CODE, ELECTRONIC, TAKEN_BACK
from casework.common.demo_time import is_demo
from casework.common.problems import Problem
from casework.common.retries import reason, wait_after
from casework.common.sweep_report import SweepReport
from casework.common.texts import searched
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority, ElectronicService, Message, Notice, Outlet
from casework.notifying.addressing import after_quiet
from casework.notifying.gateways import Gateways, Letter, Way
from casework.notifying.outlets import routes
from casework.notifying.states import NO_WAY, Medium, NoAnswer, OutletDown, Refused, State
from casework.people.one_time_codes import rules_of

TRIES = "notices.tries"
LEASE = timedelta(minutes=5)
# So many seconds any gateway is waited for in all, however slowly it talks: less than the lease.
_WHOLE = 180.0
# So often in a row, and an outlet is left alone: once may be the fault of the message.
_DOWN = 3
_MINUTE = timedelta(minutes=1)
# So many seconds, and the next outlet has its turn.
_TURN = 60.0
# What no outlet is open for is looked at again so much later, or when one is opened.
_UNTIL_A_WAY = timedelta(minutes=15)
# As much as is kept of what a gateway says.
_LONGEST = 300


@dataclass(frozen=True)
class _Group:
    """What goes the same way: messages of an authority, or of none, by one medium."""

    authority_id: int | None
    medium: Medium

    @property
    def messages(self) -> ColumnElement[bool]:
        of_authority = Message.authority_id == self.authority_id
        if self.authority_id is None:
            of_authority = Message.authority_id.is_(None)
        return of_authority & (Message.medium == self.medium.value)


@dataclass(frozen=True)
class _Taken:
    """A message that this worker holds; without a `way` none is open. `over` says why nobody has
    any use of it any more."""

    id: int
    lease: str
    way: Way | None
    letter: Letter
    demo: bool
    code: bool
    over: str


def may_be_sent(now: datetime, machine_now: datetime) -> ColumnElement[bool]:
    """The condition on messages that wait for nobody and no later instant."""
    waits = (Message.state == State.WAITING.value) & (Message.next_try_at <= now)
    return waits & in_hand(machine_now).is_not(True)


def in_hand(machine_now: datetime) -> ColumnElement[bool]:
    """The condition on messages that a worker holds. A lease that ends later than any may was given
    before the machine's clock was set back, and holds nothing."""
    return Message.leased_until.between(machine_now, machine_now + 2 * LEASE)


def send_waiting(
    office: Office,
    gateways: Gateways,
    wanted: ColumnElement[bool],
    *,
    limit: int = 1000,
) -> SweepReport:
    """Send what waits among the `wanted` messages, the oldest first, at most `limit`. An outlet
    that is down, slow, or has sent as much as it may in a minute, is left alone until the next run.
    """
    sweep_report = SweepReport()
    with office.database.session() as session:
        groups = session.execute(
            select(Message.authority_id, Message.medium)
            .where(may_be_sent(office.time.now(), office.machine.now()), wanted)
            .group_by(Message.authority_id, Message.medium)
            .order_by(Message.authority_id.nulls_first(), Message.medium)
        ).all()
    for authority_id, medium in groups:
        group = _Group(authority_id, Medium(medium))
        down, until = 0, monotonic() + _TURN
        while (
            limit > 0
            and down < _DOWN
            and (taken := _take(office, group, wanted, sweep_report, until))
        ):
            limit -= 1
            down = 0 if _send(office, gateways, taken, sweep_report) else down + 1
    return sweep_report


def _take(
    office: Office,
    group: _Group,
    wanted: ColumnElement[bool],
    found: SweepReport,
    until: float,
) -> _Taken | None:
    """The next message of a group, under a lease; None if nothing waits, or not now."""
    now, machine_now = office.time.now(), office.machine.now()
    with office.database.session() as session:
        outlet = routes(session, group.authority_id).get(group.medium)
        if outlet is not None and _has_sent_enough(session, outlet, machine_now):
            found.notes.append(f"“{outlet.label}”已达到每分钟上限，其余稍后再发")
            return None
        waiting = may_be_sent(now, machine_now) & group.messages & wanted
        demo = is_demo(session)
        if outlet is not None:
            _put_off(office, session, group, waiting, now)
        elif not demo:
            _wait_for_a_way(session, group, waiting, now, found)
        message = session.scalar(
            select(Message)
            .where(waiting)
            .order_by(Message.urgent.desc(), Message.next_try_at, Message.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if message is None:
            return None
        if monotonic() >= until:
            found.notes.append(f"{group.medium.label}发送较慢，其余下次再发")
            return None
        message.lease = secrets.token_urlsafe(12)
        message.leased_until, message.tried_at = machine_now + LEASE, machine_now
        message.attempts += 1
        message.outlet_id = outlet.id if outlet else None
        notice = session.get_one(Notice, message.notice_id)
        ended = _over(office, session, notice, now)
        papers = enclosed(session, notice.id) if notice.kind == ELECTRONIC and not ended else ()
        return _Taken(
            message.id,
            message.lease,
            way_of(office, session, outlet) if outlet else None,
            Letter(message.key, message.address, message.subject, message.text, papers),
            outlet is None and demo,
            notice.kind == CODE,
            ended,
        )


def _put_off(
    office: Office, session: Session, group: _Group, waiting: ColumnElement[bool], now: datetime
) -> None:
    """In quiet hours, let what is not urgent wait until they are over."""
    later = after_quiet(office, session, group.authority_id, now)
    if later <= now:
        return
    found = session.scalars(
        select(Message.id).where(waiting, ~Message.urgent).with_for_update(skip_locked=True)
    ).all()
    session.execute(update(Message).where(Message.id.in_(found)).values(next_try_at=later))


def _wait_for_a_way(
    session: Session, group: _Group, waiting: ColumnElement[bool], now: datetime, found: SweepReport
) -> None:
    """Without an outlet, let all but codes wait until one is opened: none of its tries is spent."""
    codes = select(Notice.id).where(Notice.kind == CODE)
    ids = session.scalars(
        select(Message.id)
        .where(waiting, Message.notice_id.not_in(codes))
        .with_for_update(skip_locked=True)
    ).all()
    if ids:
        found.failed.append(f"{group.medium.label}：{NO_WAY}，{len(ids)}条消息等待开通")
        later = {"next_try_at": now + _UNTIL_A_WAY, "error": NO_WAY}
        session.execute(update(Message).where(Message.id.in_(ids)).values(**later))


def _over(office: Office, session: Session, notice: Notice, now: datetime) -> str:
    """Why nobody has any use of what a notice says any more; empty while somebody has."""
    if notice.kind == CODE:
        lasts = timedelta(minutes=rules_of(office, session).code_minutes)
        return "验证码已过期，不再发送" if notice.created_at + lasts <= now else ""
    if notice.kind == ELECTRONIC:
        row = session.scalars(
            select(ElectronicService).where(ElectronicService.notice_id == notice.id)
        ).one()
        if row.state != Delivery.WAITING.value:
            return "已转岗位改用其他方式"
        with suppress(Problem):  # what cannot be judged of one goes out, and holds up no other
            return over(session, office.versions, row)
    return ""


def _has_sent_enough(session: Session, outlet: Outlet, machine_now: datetime) -> bool:
    """Whether the outlet has been asked as often within a minute as it may be. Its row is locked
    until the lease is taken, so that two workers do not both take the last one."""
    session.execute(select(Outlet.id).where(Outlet.id == outlet.id).with_for_update())
    return asked_within_a_minute(session, outlet, machine_now) >= outlet.per_minute


def asked_within_a_minute(session: Session, outlet: Outlet, machine_now: datetime) -> int:
    """How many messages were tried by an outlet within a minute."""
    asked = select(func.count()).where(
        Message.outlet_id == outlet.id,
        # Not what was tried before the machine's clock was set back.
        Message.tried_at.between(machine_now - _MINUTE, machine_now + _MINUTE),
    )
    return session.scalar(asked) or 0


def way_of(office: Office, session: Session, outlet: Outlet) -> Way:
    """An outlet as it is used."""
    return Way(
        outlet.id,
        Medium(outlet.medium),
        outlet.address,
        outlet.security,
        outlet.sender,
        session.get_one(Authority, outlet.authority_id).name,
        outlet.username,
        outlet.secret_name,
        f"{office.public_url}/api/v1/arrivals/{outlet.id}" if outlet.report_name else "",
    )


def _send(office: Office, gateways: Gateways, taken: _Taken, found: SweepReport) -> bool:
    """Send what was taken, and put down what became of it; tells whether the outlet is up."""
    if taken.over and not taken.code:
        _put_down(office, taken, found, settled=taken.over)
        return True
    if taken.demo and not taken.over:
        _put_down(office, taken, found, receipt=None, arrived=True)
        return True
    try:
        if taken.over:
            raise Refused(taken.over)
        if taken.way is None:  # a code: it ends before another way is opened
            raise Refused(NO_WAY)
        receipt = handed_over(gateways, taken.way, taken.letter)
    except Refused as error:
        _put_down(office, taken, found, error=str(error), final=True)
    except OutletDown as error:
        _put_down(office, taken, found, error=str(error))
        return False
    except Exception as error:  # whatever a library raises: the next one is still to be sent
        _put_down(office, taken, found, error=str(error) if str(error) else reason(error))
    else:
        _put_down(office, taken, found, receipt=receipt)
    return True


def handed_over(gateways: Gateways, way: Way, letter: Letter) -> str | None:
    """Hand a message over, and wait for so long only: who never ends an answer, yet never pauses
    for long, is left to a thread that keeps nobody. Gives the receipt; raises Refused, Trouble."""
    found: Future[str | None] = Future()

    def work() -> None:
        try:
            found.set_result(gateways.hand_over(way, letter))
        except BaseException as error:  # whoever waits is told
            found.set_exception(error)

    Thread(target=work, daemon=True).start()
    try:
        return found.result(_WHOLE)
    except TimeoutError:
        raise NoAnswer(f"没有在{_WHOLE:.0f}秒内答复完毕") from None


def _put_down(
    office: Office,
    taken: _Taken,
    found: SweepReport,
    *,
    error: str | None = None,
    final: bool = False,
    receipt: str | None = None,
    arrived: bool = False,
    settled: str = "",
) -> None:
    now = office.time.now()
    error, receipt = _kept(error), _kept(receipt) or None
    with office.database.session() as session:
        message = session.get_one(Message, taken.id, with_for_update=True)
        if message.state != State.WAITING.value:  # the gateway reported before it answered
            return
        if message.key != taken.letter.key:  # it never arrived, and goes out anew
            return
        if error is not None and message.lease != taken.lease:
            return  # somebody else has it by now
        message.lease = message.leased_until = None
        message.error = error
        if settled:
            message.state, message.settled_how = State.PAPER.value, settled
            message.settled_at = now
            found.notes.append(f"{Medium(message.medium).label}：{message.subject}：{settled}")
            return
        if error is None:
            message.state, message.sent_at, message.receipt = State.SENT.value, now, receipt
            if arrived:
                message.state, message.arrived_at = State.ARRIVED.value, now
            elif taken.code:
                message.text = TAKEN_BACK
            found.done.append(f"{Medium(message.medium).label}：{message.subject}")
            return
        found.failed.append(f"{Medium(message.medium).label}：{message.subject}：{error}")
        if final or message.attempts >= _most_tries(office, session, message):
            message.state, message.failed_at = State.DEAD.value, now
            if taken.code:
                message.text = TAKEN_BACK
            return
        again = now + wait_after(message.attempts)
        if not message.urgent:
            again = after_quiet(office, session, message.authority_id, again)
        message.next_try_at = again


def _kept(said: str | None) -> str | None:
    """What somebody else said, as it can be kept: in one line, and not longer than is read."""
    return None if said is None else searched(said)[:_LONGEST]


def _most_tries(office: Office, session: Session, message: Message) -> int:
    """How often a message is tried at most, by the rule of its authority's region."""
    region = ""
    if message.authority_id is not None:
        region = session.get_one(Authority, message.authority_id).region
    rules, today = office.rules.current(session), legal_date(office.time.now())
    return int(rules.value(TRIES, today, region))
