"""At which stage a violation stands (情形), as the file proves it: corrected in time or not, grave.

逾期不改正 is what an order to correct that was served and ran out, and a recheck, come to. The
order is of the penalty itself, or of the exemption that became one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.deliveries import entry_of
from casework.acts.dossier import dossier_of
from casework.acts.handed_in import day_of
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.enforcement.exemption.collect import refusal_recorded
from casework.models import Case, Document
from state_machines.enforcement.correction_order.forms import Order
from state_machines.enforcement.exemption.forms import (
    CORRECT_ON_THE_SPOT,
    FIND_NOT_CORRECTED,
    ORDER_CORRECTION,
    RECHECK,
)
from state_machines.enforcement.penalty.forms import Sentencing

# Under which name the service of an order is kept, and what is served.
ORDER, NOTICE = "order", "correction_notice"


@dataclass(frozen=True)
class OrderGiven:
    """An order to correct (责令改正): until when, when it was served, and the day of the recheck
    that found it not carried out; `refused` if the party is said, and on record, to have
    refused."""

    until: date | None
    served_on: date | None
    failed_on: date | None
    refused: bool


def correction_failed(act: Act) -> str:
    """What is missing before the violation counts as not corrected in time; empty if nothing is."""
    orders = list(_orders(act))
    missing = [_missing(act, order) for order in orders]
    if not missing:
        return "本案没有责令改正"
    return "" if "" in missing else missing[-1]


def corrected(act: Act) -> bool:
    """Whether a recheck found that what was ordered was put right, in this case or in the exemption
    that became it."""
    orders = select(Case.state).where(
        Case.origin_id == act.case.id, Case.process == "correction_order"
    )
    states = set(act.session.scalars(orders))
    if states:
        return states == {"corrected"}
    origin = act.session.get(Case, act.case.origin_id) if act.case.origin_id else None
    taken = Inputs(origin.data) if origin else Inputs({})
    return RECHECK in taken or CORRECT_ON_THE_SPOT in taken


def found_uncorrected(act: Act) -> bool:
    """Whether a recheck found that what was ordered was not put right, in this case or in the
    exemption that became it."""
    orders = select(Case.id).where(
        Case.origin_id == act.case.id,
        Case.process == "correction_order",
        Case.state == "not_corrected",
    )
    if act.session.scalars(orders.limit(1)).first():
        return True
    origin = act.session.get(Case, act.case.origin_id) if act.case.origin_id else None
    return bool(origin and FIND_NOT_CORRECTED in Inputs(origin.data))


def came_of(act: Act, notice: Document) -> tuple[date | None, str]:
    """Until when an order that was issued is to be carried out, and what a recheck found, in words;
    an empty text before that."""
    if notice.case_id != act.case.id:  # of the exemption that became this penalty
        before = Inputs(act.session.get_one(Case, notice.case_id).data)
        failed, met = FIND_NOT_CORRECTED in before, RECHECK in before
        ordered = before.at(ORDER_CORRECTION)
        until = ordered.until if ordered else None
    else:
        order = act.session.scalar(
            select(Case).where(
                Case.origin_id == act.case.id,
                Case.process == "correction_order",
                Case.origin_seq == notice.log_seq,
            )
        )
        if order is None:
            return None, ""
        failed, met = order.state == "not_corrected", order.state == "corrected"
        until = Inputs(order.data).application(Order).until
    return until, "经复查，逾期没有改正" if failed else "经复查，已经改正" if met else ""


def gravity_of(sentence: Sentencing) -> str:
    """What a sentence says of the gravity of the case. Forms of older versions have no place of
    their own for it."""
    has_its_own = "gravity" in sentence.model_fields_set
    return (sentence.gravity if has_its_own else sentence.circumstances).strip()


def _missing(act: Act, order: OrderGiven) -> str:
    if order.served_on is None:
        return "责令改正通知书没有送达"
    if order.until is None or order.served_on > order.until:
        return "责令改正通知书在改正期限届满后才送达"
    least = int(act.rules.value("penalty.correction_shortest", act.day, act.region))
    if (order.until - order.served_on).days < least:
        return f"责令改正通知书送达后，当事人没有{least}日以上的时间改正"
    if order.until >= act.day:
        return f"改正期限{order.until:%Y-%m-%d}尚未届满"
    if order.failed_on is None:
        return "没有复查认定未改正"
    if order.failed_on > order.until:
        return ""
    if not order.refused:
        return "复查在改正期限届满以前，也没有登记当事人拒绝改正的证据"
    return ""


def _orders(act: Act) -> Iterator[OrderGiven]:
    if act.case.origin_id is not None:
        origin = act.session.get_one(Case, act.case.origin_id)
        inputs = Inputs(origin.data)
        if ordered := inputs.at(ORDER_CORRECTION):
            yield OrderGiven(
                ordered.until,
                day_of(entry_of(origin.data, ORDER)["served_on"]),
                _day_of_step(act, origin, FIND_NOT_CORRECTED),
                _is_refused(act.session, origin, inputs),
            )
    mine = select(Case).where(Case.origin_id == act.case.id, Case.process == "correction_order")
    for order in act.session.scalars(mine.order_by(Case.id)):
        inputs = Inputs(order.data)
        yield OrderGiven(
            inputs.application(Order).until,
            _served_on(act, order),
            _day_of_step(act, order, FIND_NOT_CORRECTED),
            _is_refused(act.session, order, inputs),
        )


def _is_refused(session: Session, case: Case, inputs: Inputs) -> bool:
    not_corrected = inputs.at(FIND_NOT_CORRECTED)
    return not_corrected is not None and not_corrected.refused and refusal_recorded(session, case)


def _served_on(act: Act, order: Case) -> date | None:
    """The day on which the notice that the order came with was served."""
    days = [
        day_of(receipt["on"])
        for receipt in entry_of(act.data, ORDER)["receipts"]
        for paper in receipt["documents"]
        if (paper["key"], paper["seq"]) == (NOTICE, order.origin_seq)
    ]
    return min((day for day in days if day), default=None)


def _day_of_step(act: Act, case: Case, step: str) -> date | None:
    """The legal day on which a case took a step last."""
    if step not in case.data:
        return None
    header = dossier_of(act.session, case).last_step(step)
    return legal_date(datetime.fromisoformat(header["effective_at"])) if header else None
