"""What a party owes of a penalty today (应缴罚没款), as its case page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from casework import fines, standing
from casework.act import Act, by_itself
from casework.clock_book import ClockBook
from casework.models import Case
from casework.office import Office
from state_machines.vocabulary import Process, Role


@dataclass(frozen=True)
class DebtView:
    """Sums in yuan with two places, as of today. `due_on` is the last day without a late fee,
    `late_fee_explained` how it comes about; `next_due_on` and `next_amount` are of the next
    instalment, where time was given; `payee` says where to pay (国务院令第235号), `varied_by` which
    paper set the sum if not the decision itself did (empty then). `overpaid` is what was paid
    beyond what stands of the decision (empty if nothing was), to be given back (国家赔偿法36)."""

    fine: str
    confiscated: str
    late_fee: str
    late_fee_explained: tuple[str, ...]
    paid: str
    left: str
    due_on: date | None
    next_due_on: date | None
    next_amount: str
    payee: str
    varied_by: str
    overpaid: str


def debt_of(
    office: Office, session: Session, case: Case, process: Process, now: datetime
) -> DebtView | None:
    """What is owed today under the decision of a case, for as long as its collection may end, or
    what was paid too much once the decision was varied or fell; None where there is neither."""
    step = next((one for one in process.steps if one.name == "end_execution"), None)
    if step is None:
        return None
    collecting = case.state in step.moves
    if not collecting and not _altered(case):
        return None
    at = max(now, case.effective_at)
    act = Act(
        office.ground(session),
        case,
        process,
        step,
        {},
        at,
        by_itself(Role.TIMER),
        ClockBook(session, case),
        deciding=False,
    )
    owed = fines.owed_on(act, act.day)
    overpaid = fines.overpaid(act) if _altered(case) else Decimal(0)
    owing = (owed.fine or owed.confiscated) if collecting else owed.left
    if not owing and not overpaid:
        return None
    part = fines.next_part(act) if case.state == "instalment" else None
    payee = act.rules.value("penalty.payee", act.day, act.region)
    varied = standing.variation(case.data)
    return DebtView(
        fine=f"{owed.fine:.2f}",
        confiscated=f"{owed.confiscated:.2f}",
        late_fee=f"{owed.late:.2f}",
        late_fee_explained=tuple(owed.fee.explain()) if owed.late and owed.fee else (),
        paid=f"{owed.paid:.2f}",
        left=f"{owed.left:.2f}",
        due_on=fines.due_day(act),
        next_due_on=date.fromisoformat(part["due"]) if part else None,
        next_amount=part["amount"] if part else "",
        payee="，".join(str(one) for one in payee.values() if one),
        varied_by=varied.source if varied and not varied.leaves_it else "",
        overpaid=f"{overpaid:.2f}" if overpaid else "",
    )


def _altered(case: Case) -> bool:
    return bool(standing.overturned(case.data)) or standing.variation(case.data) is not None
