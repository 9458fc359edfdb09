"""One round with every platform of an authority (对外推送): line up, send, read receipts, tick the
ledger, compare. A platform that cannot be reached holds up no other, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Mapping

from sqlalchemy import func, select

from casework.common.sweep_report import SweepReport
from casework.exchange.pushing import batches, comparing
from casework.exchange.pushing.connections import Connection, connection_of
from casework.exchange.pushing.platforms import Counterpart, counterparts
from casework.exchange.pushing.push_states import State, Unreachable
from casework.exchange.pushing.queueing import line_up
from casework.exchange.pushing.ticking import tick
from casework.exchange.pushing.transports import Opening, Transport, opened
from casework.kernel.office import Office
from casework.models import Authority, Push

_ROUNDS = 500  # batches in one run


def exchange(
    office: Office,
    authority: str,
    environment: Mapping[str, str] = os.environ,
    opening: Opening = opened,
    *,
    dry_run: bool = False,
) -> SweepReport:
    """Do a round for an authority, by its code. A dry run says what waits, and does nothing."""
    report = SweepReport()
    with office.database.session() as session:
        found = session.scalars(select(Authority.id).where(Authority.code == authority)).one()
        platforms = counterparts(office, session, (found,))
    for at in platforms:
        try:
            connection = connection_of(at.key, at.authority, environment)
        except Unreachable as error:
            report.failed.append(f"{at.platform.label}：{error}")
            continue
        if connection is None:
            continue
        if dry_run:
            report.done.append(f"{at.platform.label}：{_waiting(office, at)} 条待推送")
        else:
            try:
                report += _round(office, at, connection, opening)
            except Exception as error:  # whatever one platform answers, the others get their round
                report.failed.append(f"{at.platform.label}：{error}")
    return report


def _round(
    office: Office, at: Counterpart, connection: Connection, opening: Opening
) -> SweepReport:
    report = SweepReport()
    line_up(office, at)
    _open_batches(office, at)
    with office.database.session() as session:
        to_compare = comparing.is_time(session, at)
    if to_compare or batches.due_batches(office, at):
        try:
            with opening(connection) as transport:
                _send(office, at, transport, report)
                if to_compare:
                    comparing.compare(office, at, transport, report)
        except Unreachable as error:
            batches.put_off(office, at, error)
            report.failed.append(f"{at.platform.label}：{error}")
    return report + tick(office, at)


def _send(office: Office, at: Counterpart, transport: Transport, report: SweepReport) -> None:
    """Send what is due; where a batch was settled at once, the next one follows."""
    seen: set[int] = set()
    for _ in range(_ROUNDS):
        due = [one for one in batches.due_batches(office, at) if one.id not in seen]
        if not due:
            return
        for batch in due:
            seen.add(batch.id)
            batches.forward(office, at, transport, batch, report)
        _open_batches(office, at)


def _open_batches(office: Office, at: Counterpart) -> None:
    for register in at.platform.registers:
        batches.open_batch(office, at, register)


def _waiting(office: Office, at: Counterpart) -> int:
    wanted = (
        Push.authority_id == at.authority_id,
        Push.platform == at.key,
        Push.state == State.WAITING.value,
    )
    with office.database.session() as session:
        return session.scalar(select(func.count()).select_from(Push).where(*wanted)) or 0
