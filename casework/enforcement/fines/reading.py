"""What a party owes of a penalty today (应缴罚没款), as its case page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from casework.acts.act import Act, by_itself
from casework.acts.clock_repository import ClockRepository
from casework.common.typed_inputs import Inputs
from casework.enforcement.fines import debt as fines
from casework.kernel.office import Office
from casework.models import Case
from casework.parts.remedies import decision_in_force as standing
from state_machines.enforcement.fines.forms import END_EXECUTION
from state_machines.language.vocabulary import Process, Role


@dataclass(frozen=True)
class PaymentView:
    """A payment: when it was made, how much, how, its voucher, and when it was entered."""

    on: date
    amount: str
    way: str
    voucher: str
    entered_on: date


@dataclass(frozen=True)
class DebtView:
    """Sums in yuan with two places, as of today. `due_on` is the last day without a late fee,
    `late_fee_explained` how it comes about; `next_due_on` and `next_amount` are of the next
    instalment, where time was given; `payee` says where to pay (国务院令第235号), `varied_by` which
    paper set the sum if not the decision itself did (empty then). `overpaid` is what was paid
    beyond what stands of the decision (empty if nothing was), to be given back (国家赔偿法36).

    `fine` and `confiscated` are what stands, of which `fine_open` and `confiscated_open` are not
    paid; `late_fee` is all that it came to, `late_fee_paid` what of it was paid, `remitted` what an
    agreement remitted of it, `refunded` what was given back (both empty if nothing was)."""

    fine: str
    fine_open: str
    confiscated: str
    confiscated_open: str
    late_fee: str
    late_fee_paid: str
    remitted: str
    late_fee_explained: tuple[str, ...]
    paid: str
    payments: tuple[PaymentView, ...]
    left: str
    due_on: date | None
    next_due_on: date | None
    next_amount: str
    payee: str
    varied_by: str
    overpaid: str
    refunded: str


def debt_of(
    office: Office, session: Session, case: Case, process: Process, now: datetime
) -> DebtView | None:
    """What is owed today under the decision of a case, for as long as its collection may end, or
    what was paid too much; None where there is neither."""
    step = next((one for one in process.steps if one.name == END_EXECUTION), None)
    if step is None or not standing.decided(Inputs(case.data)):
        return None
    at = max(now, case.effective_at)
    act = Act(
        office.context(session),
        case,
        process,
        step,
        {},
        at,
        by_itself(Role.TIMER),
        ClockRepository(session, case),
        deciding=False,
    )
    owed = fines.owed_on(act, act.day)
    collecting = case.state in step.moves
    owing = (owed.fine or owed.confiscated) if collecting else _altered(case) and owed.left
    if not owing and not owed.overpaid:
        return None
    part = owed.next_part if case.state == "instalment" else None
    payee = act.rules.value("penalty.payee", act.day, act.region)
    varied = standing.variation(Inputs(case.data))
    return DebtView(
        fine=f"{owed.fine:.2f}",
        fine_open=f"{owed.fine_open:.2f}",
        confiscated=f"{owed.confiscated:.2f}",
        confiscated_open=f"{owed.confiscated_open:.2f}",
        late_fee=f"{owed.late_fee:.2f}",
        late_fee_paid=f"{owed.late_fee_paid:.2f}",
        remitted=f"{owed.remitted:.2f}" if owed.remitted else "",
        late_fee_explained=tuple(owed.explain()) if owed.late_fee else (),
        paid=f"{owed.paid:.2f}",
        payments=tuple(
            PaymentView(entry.on, f"{entry.amount:.2f}", entry.way, entry.voucher, entry.entered_on)
            for entry in fines.entries(act)
        ),
        left=f"{owed.left:.2f}",
        due_on=owed.due_on,
        next_due_on=part.due if part else None,
        next_amount=f"{part.amount:.2f}" if part else "",
        payee="，".join(str(one) for one in payee.values() if one),
        varied_by=varied.source if varied and not varied.leaves_it else "",
        overpaid=f"{owed.overpaid:.2f}" if owed.overpaid else "",
        refunded=f"{owed.refunded:.2f}" if owed.refunded else "",
    )


def _altered(case: Case) -> bool:
    inputs = Inputs(case.data)
    return bool(standing.overturned(inputs)) or standing.variation(inputs) is not None
