"""Batches on their way (批次): one at a time for each register of a platform, so that what is void
never comes before what it voids.

A batch keeps its name and its rows their keys until the receipt has told of the last of them.
Before it is sent again its receipt is looked for: the answer may have been lost and all taken.
What cannot be sent is tried again after 1, 2, 4 … minutes, at most a day, for as long as it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.acts.notices import enqueue_for_desk
from casework.common.retries import wait_after
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import CLOCKS_APART
from casework.documents.files import CSV, JSON
from casework.exchange.pushing.packing import Line, Result, answers, packed, results_in
from casework.exchange.pushing.platforms import Counterpart
from casework.exchange.pushing.push_states import Operation, State, Unreachable, Unreadable
from casework.exchange.pushing.transports import Transport
from casework.kernel.office import Office
from casework.models import PublicationReceipt, Push, PushBatch
from casework.publicity.national_fields import REGISTERS
from state_machines.language.vocabulary import Role


@dataclass(frozen=True)
class Outgoing:
    """An open batch as it is sent: `tried` tells whether somebody may have it already."""

    id: int
    name: str
    register: str
    lines: tuple[Line, ...]
    tried: bool
    to_put: bool


def open_batch(office: Office, at: Counterpart, register: str) -> None:
    """Make a batch of what waits, unless one is open, or the one before was made too lately and
    was not full."""

    def work(session: Session) -> None:
        if not _is_time(session, at, register):
            return
        ids = session.scalars(
            select(Push.id)
            .where(_of(at, register), Push.state == State.WAITING.value)
            .order_by(Push.id)
            .limit(at.platform.most)
            .with_for_update()
        ).all()
        if not ids:
            return
        batch = PushBatch(
            authority_id=at.authority_id,
            platform=at.key,
            register=register,
            name=uuid4().hex,
            size=len(ids),
            created_at=at.now,
            next_try_at=at.now,
        )
        session.add(batch)
        session.flush()
        serial = f"{at.now:%Y%m%d}-{batch.id:06}"
        batch.name = f"{at.authority}-{register}-{serial}.{at.platform.format}"
        sent = {"state": State.SENT.value, "batch_id": batch.id}
        session.execute(update(Push).where(Push.id.in_(ids)).values(**sent))

    office.database.in_transaction(work)


def due_batches(office: Office, at: Counterpart) -> list[Outgoing]:
    """The open batches of a platform that may be tried now."""
    with office.database.session() as session:
        batches = session.scalars(
            select(PushBatch)
            .where(
                PushBatch.authority_id == at.authority_id,
                PushBatch.platform == at.key,
                PushBatch.settled_at.is_(None),
                PushBatch.next_try_at <= at.now,
            )
            .order_by(PushBatch.id)
        ).all()
        return [_outgoing(session, at, batch) for batch in batches]


def forward(
    office: Office, at: Counterpart, transport: Transport, batch: Outgoing, report: SweepReport
) -> None:
    """Take a batch as far as it goes now: read its receipt, or send it. Raises Unreachable."""
    if batch.tried:
        path = f"receipts/{batch.name.rpartition('.')[0]}.{answers(at.platform)}"
        if (receipt := transport.get(path)) and _settle(office, at, batch, receipt, report):
            return
    if not batch.to_put:
        return
    if not batch.lines:  # all of it fell before it was sent
        _note(office, batch.id, settled_at=at.now)
        return
    codes = [field.code for field in REGISTERS[batch.register]]
    answer = transport.put(batch.name, packed(at.platform, batch.register, codes, batch.lines))
    _note(office, batch.id, put_at=at.now, attempts=0, error=None)
    report.done.append(f"{at.platform.label}：发出 {batch.name}，{len(batch.lines)} 条")
    if answer:
        _settle(office, at, batch, answer, report)


def put_off(office: Office, at: Counterpart, error: Unreachable) -> None:
    """Try the batches of a platform later that could not be sent, and say why."""

    def work(session: Session) -> None:
        for batch in session.scalars(
            select(PushBatch).where(
                PushBatch.authority_id == at.authority_id,
                PushBatch.platform == at.key,
                PushBatch.settled_at.is_(None),
                PushBatch.next_try_at <= at.now,
            )
        ):
            batch.attempts += 1
            batch.error = str(error)
            batch.next_try_at = at.now + wait_after(batch.attempts)

    office.database.in_transaction(work)


def _is_time(session: Session, at: Counterpart, register: str) -> bool:
    last = session.scalar(
        select(PushBatch)
        .where(
            PushBatch.authority_id == at.authority_id,
            PushBatch.platform == at.key,
            PushBatch.register == register,
        )
        .order_by(PushBatch.id.desc())
        .limit(1)
    )
    if last is None:
        return True
    if last.settled_at is None:
        return False
    pause = timedelta(minutes=at.platform.every_minutes)
    return last.size >= at.platform.most or at.now - last.created_at >= pause


def _of(at: Counterpart, register: str) -> ColumnElement[bool]:
    return (
        (Push.authority_id == at.authority_id)
        & (Push.platform == at.key)
        & (Push.register == register)
    )


def _outgoing(session: Session, at: Counterpart, batch: PushBatch) -> Outgoing:
    pushes = session.scalars(
        select(Push)
        .where(Push.batch_id == batch.id, Push.state == State.SENT.value)
        .order_by(Push.id)
    )
    lines = tuple(Line(one.key, one.record, Operation(one.operation), one.said) for one in pushes)
    overdue = timedelta(days=at.platform.receipt_days)
    to_put = batch.put_at is None or at.now - batch.put_at >= overdue
    tried = batch.created_at < at.now or batch.attempts > 0 or batch.put_at is not None
    return Outgoing(batch.id, batch.name, batch.register, lines, tried, to_put)


def _note(office: Office, batch_id: int, **said: object) -> None:
    with office.database.session() as session:
        session.execute(update(PushBatch).where(PushBatch.id == batch_id).values(**said))


def _settle(
    office: Office, at: Counterpart, batch: Outgoing, data: bytes, report: SweepReport
) -> bool:
    """Put down what a receipt says; tells whether it told of the last row."""
    try:
        results = {one.key: one for one in results_in(at.platform, data)}
    except Unreadable as error:
        told = f"回执不能读取：{error}"
        _note(office, batch.id, error=told)
        report.failed.append(f"{at.platform.label}：{batch.name} 的{told}")
        return False

    def work(session: Session) -> tuple[int, int, int]:
        return _put_down(session, at, batch, data, results)

    taken, refused, left = office.database.in_transaction(work)
    if taken or refused:
        report.done.append(f"{at.platform.label}：{batch.name} 接收 {taken} 条，退回 {refused} 条")
    return left == 0


def _put_down(
    session: Session, at: Counterpart, batch: Outgoing, data: bytes, results: dict[str, Result]
) -> tuple[int, int, int]:
    row = session.get_one(PushBatch, batch.id, with_for_update=True)
    pushes = session.execute(
        select(Push.id, Push.key).where(
            Push.batch_id == batch.id,
            Push.key.in_(results),
            Push.state.in_((State.SENT.value, State.SUPERSEDED.value)),
        )
    ).all()
    digest = _keep(session, at, batch, data) if pushes else ""
    told = [
        {"id": push.id, "receipt": digest, **_told(results[push.key], row.created_at, at.now)}
        for push in pushes
    ]
    if told:
        session.execute(update(Push), told)
    open_still = (Push.batch_id == batch.id) & (Push.state == State.SENT.value)
    left = session.scalar(select(func.count()).select_from(Push).where(open_still)) or 0
    if left == 0:
        row.settled_at = at.now
        row.error = None
    taken = sum(one["state"] == State.TAKEN.value for one in told)
    refused = len(told) - taken
    if refused:
        _tell_officer(session, at, batch, refused, digest)
    return taken, refused, left


def _tell_officer(
    session: Session, at: Counterpart, batch: Outgoing, refused: int, digest: str
) -> None:
    """Tell the publicity officer that something was refused, once for each receipt."""
    label = at.platform.label
    enqueue_for_desk(
        session,
        key=f"push/{batch.name}/{digest[:16]}",
        kind="digest",
        authority_id=at.authority_id,
        to_role=Role.PUBLICITY_OFFICER.value,
        subject=f"{label}退回{refused}条公示信息",
        body=f"{label}退回了{batch.name}中的{refused}条。请在“对外推送”页面查看原因，更正后重新推送；"
        "公示期限不因退回延长。",
        now=at.now,
    )


def _told(result: Result, sent_at: datetime, now: datetime) -> dict[str, object]:
    """What a receipt says of a row, as it is kept: the instant is the platform's, where it can be.
    All of them have the same columns, so that they are written at once."""
    at = result.at
    if at is None or not sent_at - CLOCKS_APART <= at <= now:
        at = now
    if result.taken:
        said = {"state": State.TAKEN.value, "reason": None, "taken_at": at}
    else:
        reason = result.reason or "平台没有说明原因"
        said = {"state": State.REFUSED.value, "reason": reason, "taken_at": None}
    return {**said, "number": result.number or None}


def _keep(session: Session, at: Counterpart, batch: Outgoing, data: bytes) -> str:
    """Keep a receipt as the platform gave it; gives its SHA-256."""
    kind = answers(at.platform)
    digest = sha256(data).hexdigest()
    session.execute(
        insert(PublicationReceipt)
        .values(
            digest=digest,
            filename=f"{batch.name.rpartition('.')[0]}-回执.{kind}",
            media_type=JSON if kind == "json" else CSV,
            size=len(data),
            content=data,
            person_id=None,
            received_at=at.now,
        )
        .on_conflict_do_nothing(index_elements=["digest"])
    )
    return digest
