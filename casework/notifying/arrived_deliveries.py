"""What became of electronic deliveries (电子送达): each that arrived is served as of then, and of
each that did not its desk is told, which serves in another way."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework.acts.arrival import Arrival
from casework.acts.electronic import SERVED_OTHERWISE, over, papers_sent, still_wait
from casework.acts.electronic import State as Delivery
from casework.acts.notices import enqueue_unless_there
from casework.common.problems import Busy, GuardRefused, Problem, StepNotOfState
from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority, Case, ElectronicService, Message, Outlet
from casework.notifying.states import LYING, State

DAYS = "notices.arrival_days"


def settle(office: Office, wanted: ColumnElement[bool]) -> SweepReport:
    """Serve what arrived of the `wanted` deliveries, and give up what failed, was told otherwise,
    has no use any more, or has not been reported for so many days; it is still served if it arrives
    later. `wanted` is a condition on their cases or messages."""
    report = SweepReport()
    waits = ElectronicService.state == Delivery.WAITING.value
    given_up = ElectronicService.state.in_([Delivery.FAILED.value, Delivery.STOPPED.value])
    late = given_up & (Message.state == State.ARRIVED.value)
    with office.database.session() as session:
        found = session.execute(
            select(ElectronicService, Message, Case, Outlet.label)
            .outerjoin(Message, Message.notice_id == ElectronicService.notice_id)
            .join(Case, Case.id == ElectronicService.case_id)
            .outerjoin(Outlet, Outlet.id == Message.outlet_id)
            .where(waits | late, wanted)
            .order_by(ElectronicService.id)
        ).all()
        session.expunge_all()
    for row, message, case, outlet in found:
        line = f"{case.number}：电子送达"
        try:
            if message is not None and message.state == State.ARRIVED.value:
                arrival = Arrival(
                    outlet or "演示信箱",
                    message.receipt or message.key,
                    message.arrived_at or office.time.now(),
                    papers_sent(row),
                    row.consented_on,
                )
                if office.serve_arrived(row.id, arrival):
                    report.done.append(f"{line}已到达")
            elif ending := _given_up(office, message, row, case):
                _end(office, row.id, *ending)
                report.done.append(f"{line}没有到达，已转岗位改用其他方式：{ending[1]}")
        except Busy:
            report.skipped += 1
        except (GuardRefused, StepNotOfState) as problem:  # the case has gone on: somebody looks
            _end(office, row.id, Delivery.OVERTAKEN, problem.detail)
            report.failed.append(f"{line}已到达，但不能登记：{problem.detail}")
        except Problem as problem:  # it passes, or is put right: the arrival waits
            report.failed.append(f"{line}已到达，暂不能登记：{problem.detail}")
        except Exception as error:  # whatever went wrong with one, the next is still to be served
            report.failed.append(f"{line}：{reason(error)}")
    return report


def _given_up(
    office: Office, message: Message | None, row: ElectronicService, case: Case
) -> tuple[Delivery, str] | None:
    """How and why a delivery is waited for no longer; None while it is. What never became a message
    is waited for no longer than what did."""
    if message is not None and State(message.state) in LYING:
        return Delivery.FAILED, message.error or "发送失败"
    if message is not None and message.state == State.PAPER.value:
        ending = Delivery.FAILED if message.failed_at else Delivery.STOPPED
        return ending, message.settled_how or "已改用其他方式"
    with office.database.session() as session:
        if why := over(session, office.versions, row):
            return Delivery.STOPPED, why
        region = session.get_one(Authority, case.authority_id).region
        rules, now = office.rules.current(session), office.time.now()
        days = int(rules.value(DAYS, legal_date(now), region))
    if (row.sent_again_at or row.asked_at) + timedelta(days=days) > now:
        return None
    return Delivery.STOPPED, f"{days}日内没有到达回执"


def _end(office: Office, row_id: int, state: Delivery, why: str) -> None:
    """End a delivery that was not served, and tell the desk that asked for it, unless its papers
    were served otherwise."""

    def work(session: Session) -> None:
        row = session.get_one(ElectronicService, row_id, with_for_update=True)
        if row.state in (Delivery.SERVED.value, state.value):
            return
        case, now = session.get_one(Case, row.case_id), office.time.now()
        process = office.versions.by_digest(session, case.version_digest)
        row.state, row.outcome, row.ended_at = state.value, why, now
        if not still_wait(session, process, case, row):
            row.state, row.outcome = Delivery.OVERTAKEN.value, SERVED_OTHERWISE
            return
        titles = "、".join(f"《{paper['title']}》" for paper in row.papers)
        arrived = state is Delivery.OVERTAKEN
        again = f"/{row.sent_again_at.isoformat()}" if row.sent_again_at else ""
        not_there = "没有到达" if state is Delivery.FAILED else "没有到达回执"
        enqueue_unless_there(
            session,
            case,
            process,
            key=f"electronic/{row.id}/{state.value}{again}",
            kind="step",
            to=row.role,
            subject="电子送达已到达，请核对" if arrived else f"电子送达{not_there}，请改用其他方式",
            body=f"发往{row.address}的{titles}已经到达，但不能登记送达（{why}）。请核对。"
            if arrived
            else f"发往{row.address}的{titles}{not_there}（{why}）。请改用直接、邮寄等方式送达。",
            now=now,
        )

    office.database.in_transaction(work)
