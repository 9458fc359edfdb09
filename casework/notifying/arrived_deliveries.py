"""What became of electronic deliveries (电子送达): each that arrived is served as of then, and of
each that did not its desk is told, which serves in another way."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework.acts.arrival import Arrival
from casework.acts.electronic import State as Delivery
from casework.acts.electronic import papers_in
from casework.acts.notices import put_unless_there
from casework.common.problems import CaseBusy, Problem
from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority, Case, ElectronicService, Message, Outlet
from casework.notifying.states import LYING, State

DAYS = "notices.arrival_days"


def settle(office: Office, wanted: ColumnElement[bool]) -> SweepReport:
    """Serve what arrived of the `wanted` messages, and give up what failed, was told otherwise, or
    has not been reported for so many days; it is still served if it arrives later."""
    report = SweepReport()
    waits = ElectronicService.state == Delivery.WAITING.value
    late = (ElectronicService.state == Delivery.FAILED.value) & (
        Message.state == State.ARRIVED.value
    )
    with office.database.session() as session:
        found = session.execute(
            select(ElectronicService, Message, Case, Outlet.label)
            .join(Message, Message.notice_id == ElectronicService.notice_id)
            .join(Case, Case.id == ElectronicService.case_id)
            .outerjoin(Outlet, Outlet.id == Message.outlet_id)
            .where(waits | late, wanted)
            .order_by(ElectronicService.id)
        ).all()
        session.expunge_all()
    for row, message, case, outlet in found:
        line = f"{case.number}：电子送达"
        try:
            if message.state == State.ARRIVED.value:
                arrival = Arrival(
                    outlet or "演示信箱",
                    message.receipt or message.key,
                    message.arrived_at or office.time.now(),
                    papers_in(row),
                )
                if office.serve_arrived(row.id, arrival):
                    report.done.append(f"{line}已到达")
            elif why := _given_up(office, message, row, case):
                _end(office, row.id, Delivery.FAILED, why)
                report.done.append(f"{line}没有到达，已转岗位改用其他方式：{why}")
        except CaseBusy:
            report.skipped += 1
        except Problem as problem:  # the case has gone on: somebody has to look
            _end(office, row.id, Delivery.OVERTAKEN, problem.detail)
            report.failed.append(f"{line}已到达，但不能登记：{problem.detail}")
        except Exception as error:  # whatever went wrong with one, the next is still to be served
            report.failed.append(f"{line}：{reason(error)}")
    return report


def _given_up(office: Office, message: Message, row: ElectronicService, case: Case) -> str:
    """Why a delivery is waited for no longer; empty while it is."""
    if State(message.state) in LYING:
        return message.error or "发送失败"
    if message.state == State.PAPER.value:
        return message.settled_how or "已改用其他方式"
    with office.database.session() as session:
        region = session.get_one(Authority, case.authority_id).region
        rules, now = office.rules.current(session), office.time.now()
        days = int(rules.value(DAYS, legal_date(now), region))
    return f"{days}日内没有到达回执" if row.asked_at + timedelta(days=days) <= now else ""


def _end(office: Office, row_id: int, state: Delivery, why: str) -> None:
    """End a delivery that was not served, and tell the desk that asked for it."""

    def work(session: Session) -> None:
        row = session.get_one(ElectronicService, row_id, with_for_update=True)
        if row.state in (Delivery.SERVED.value, state.value):
            return
        case, now = session.get_one(Case, row.case_id), office.time.now()
        titles = "、".join(f"《{one['title']}》" for one in row.papers)
        row.state, row.outcome, row.ended_at = state.value, why, now
        failed = state is Delivery.FAILED
        put_unless_there(
            session,
            case,
            office.versions.by_digest(session, case.version_digest),
            key=f"electronic/{row.id}/{state.name.lower()}",
            kind="step",
            to=row.role,
            subject="电子送达没有到达，请改用其他方式" if failed else "电子送达已到达，请核对",
            body=f"发往{row.address}的{titles}没有到达（{why}）。请改用直接、邮寄等方式送达。"
            if failed
            else f"发往{row.address}的{titles}已经到达，但不能登记送达（{why}）。请核对。",
            now=now,
        )

    office.database.in_transaction(work)
