"""Ticking the ledger (登记公示) by what a platform's receipt says, one case in a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from casework.common.problems import BadInput, CaseBusy
from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import legal_date
from casework.exchange.pushing.platforms import Counterpart
from casework.exchange.pushing.push_states import State
from casework.kernel.office import Office
from casework.models import Case, Push
from casework.publicity.recording import Done, record_by_receipt


def tick(office: Office, at: Counterpart) -> SweepReport:
    """Put down in the ledger whatever a platform took that is one of its channels. What may not be
    put down is left to the publicity officer, with the reason."""
    report = SweepReport()
    for push in _to_tick(office, at):
        done = Done(
            at.platform.channel,
            legal_date(push.taken_at),
            push.receipt,
            push.number or "",
            push.taken_at,
        )
        try:
            if record_by_receipt(office, push.publication_id, done):
                report.done.append(f"{push.case}：登记“{done.channel}”的公示（撤下）")
        except CaseBusy:
            report.skipped += 1
            continue
        except BadInput as refused:
            report.failed.append(f"{push.case}：{refused.detail}")
            _note(office, push.id, untickable=refused.detail)
            continue
        except Exception as error:  # whatever went wrong with one case, the next is still due
            report.failed.append(f"{push.case}：{reason(error)}")
            continue
        _note(office, push.id, ticked_at=at.now)
    return report


def _to_tick(office: Office, at: Counterpart) -> Sequence[Any]:
    if not at.platform.channel:
        return ()
    with office.database.session() as session:
        return session.execute(
            select(
                Push.id,
                Push.publication_id,
                Push.taken_at,
                Push.number,
                Push.receipt,
                Case.number.label("case"),
            )
            .join(Case, Case.id == Push.case_id)
            .where(
                Push.authority_id == at.authority_id,
                Push.platform == at.key,
                Push.state == State.TAKEN.value,
                Push.ticked_at.is_(None),
                Push.untickable.is_(None),
            )
            .order_by(Push.id)
        ).all()


def _note(office: Office, push_id: int, **said: object) -> None:
    with office.database.session() as session:
        session.execute(update(Push).where(Push.id == push_id).values(**said))
