"""Collecting a fine (执行): what is owed, paid, promised, and when the court may be asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.typed_inputs import read
from casework.enforcement.fines import debt as fines
from casework.kernel.facts import FactTable
from casework.models import Case, LogRow
from casework.parts.evidence.register import registered
from casework.parts.remedies import decision_in_force as standing
from casework.rules.counting import count
from rulebook.money import yuan
from state_machines.enforcement.fines.facts import (
    AccountDay,
    AgreementProposed,
    CourtTerm,
    Debt,
    EndProved,
    ExecutedUp,
    ExecutionRest,
    InstalmentDue,
    LastDay,
    PaidUp,
    PaymentCorrected,
    PaymentMade,
    PlanHeld,
    PlanProposed,
    Recovered,
    RefundDue,
    Settlement,
    TimeAsked,
    UrgingTime,
)
from state_machines.enforcement.fines.forms import (
    ASK_FOR_TIME,
    DEFER_PAYMENT,
    GRANT_INSTALMENTS,
    Account,
    Deferral,
    Execution,
    ExecutionAgreement,
    ExecutionEnd,
    ExecutionEndGround,
    Payment,
    PaymentCorrection,
    PaymentWay,
    Plan,
    RefundMade,
    Remission,
)
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.parts.approvals.measures import FINES, MeasureKind


def _debt(act: Act) -> Debt:
    on = act.filled(Payment).on or act.day
    owed = fines.owed_on(act, on)
    return Debt(
        on,
        _text(owed.fine),
        _text(owed.confiscated),
        _text(owed.late_fee),
        _text(owed.paid),
        _text(owed.left),
        "；".join(owed.explain()) if owed.late_fee else "",
    )


def _settlement(act: Act) -> Settlement:
    owed = fines.owed_on(act, act.day)
    paid, said = (*FINES, MeasureKind.CONFISCATE_GAIN.value), (MeasureKind.WARNING.value,)
    idle = (*paid, *said, MeasureKind.CRITICISM.value)
    stands = [measure.kind for measure in standing.in_force(act.inputs)]
    return Settlement(
        _text(owed.left),
        bool(owed.fine or owed.confiscated),
        tuple(kind for kind in stands if kind not in idle),
    )


def _plan_held(act: Act) -> PlanHeld:
    owed = fines.owed_on(act, act.day)
    return PlanHeld(sum(bool(part.amount) for part in owed.parts), _text(owed.overdue))


def _payment(act: Act) -> PaymentMade:
    payment = act.filled(Payment)
    voucher = payment.voucher.strip()
    return PaymentMade(
        amount=_text(_sum(payment)),
        on=payment.on or act.day,
        today=act.day,
        since=_decided_on(act),
        voucher=voucher,
        used=_used(act, voucher),
        on_the_spot=payment.way == PaymentWay.ON_THE_SPOT,
        spot_most=str(act.rules.value("penalty.spot_collection_most", act.day, act.region)),
        simple=PUNISH in act.inputs,
    )


def _decided_on(act: Act) -> date:
    """The day of the decision; today, where there is none yet."""
    return max((act.dates[name] for name in fines.DECISIONS if name in act.dates), default=act.day)


def _used(act: Act, voucher: str) -> bool:
    """Whether the voucher was entered before, in whichever case of the authority."""
    if not voucher:
        return False
    found = (
        select(LogRow.case_id, LogRow.seq)
        .join(Case, Case.id == LogRow.case_id)
        .where(
            Case.authority_id == act.case.authority_id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(fines.PAYMENTS),
            LogRow.payload["input"]["voucher"].as_string() == voucher,
        )
    )
    return any(
        not _taken_back(act, case, seq, voucher)
        for case, seq in act.session.execute(found).tuples()
    ) or _put_in(act, voucher)


def _corrections(act: Act) -> Any:
    return (
        select(LogRow.case_id, LogRow.seq, LogRow.payload)
        .join(Case, Case.id == LogRow.case_id)
        .where(
            Case.authority_id == act.case.authority_id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string() == fines.CORRECTION,
        )
        .order_by(LogRow.id)
    )


def _taken_back(act: Act, case: int, seq: int, voucher: str) -> bool:
    """Whether the entry of a voucher was put right since: it is of another case or another one."""
    later = _corrections(act).where(LogRow.case_id == case, LogRow.seq > seq)
    return any(
        payment_correction.voucher.strip() == voucher
        and (
            not Decimal(payment_correction.amount)
            or payment_correction.right_voucher not in ("", voucher)
        )
        for payment_correction in (
            read(PaymentCorrection, row.payload["input"]) for row in act.session.execute(later)
        )
    )


def _put_in(act: Act, voucher: str) -> bool:
    """Whether a correction gave some payment that voucher, and none took it back."""
    said = _corrections(act).where(LogRow.payload["input"]["right_voucher"].as_string() == voucher)
    return any(
        not _taken_back(act, row.case_id, row.seq, voucher) for row in act.session.execute(said)
    )


def _correction(act: Act) -> PaymentCorrected:
    payment_correction = act.filled(PaymentCorrection)
    wrong, right = payment_correction.voucher.strip(), payment_correction.right_voucher.strip()
    entry = fines.meant_by(wrong, fines.entries(act))
    return PaymentCorrected(
        voucher=wrong,
        known=entry is not None,
        changes=entry is not None
        and bool(payment_correction.amount)
        and fines.corrected_entry(entry, payment_correction) != entry,
        on=payment_correction.on or act.day,
        since=_decided_on(act),
        today=act.day,
        used=right not in ("", wrong) and _used(act, right),
    )


def _end_proved(act: Act) -> EndProved:
    execution_end = act.filled(ExecutionEnd)
    return EndProved(
        # That the decision was quashed is in the case itself.
        execution_end.ground != ExecutionEndGround.REVOKED,
        registered(act, execution_end.evidence),
    )


def _agreement(act: Act) -> AgreementProposed:
    execution_agreement = act.filled(ExecutionAgreement)
    days = [part.due for part in execution_agreement.parts]
    owed = fines.owed_before(act)
    paper, remedy = execution_agreement.paper.strip(), execution_agreement.remedy.strip()
    remit = yuan(execution_agreement.remit) if execution_agreement.remit else Decimal(0)
    return AgreementProposed(
        paper=paper,
        on_file=registered(act, paper),
        parts=len(execution_agreement.parts),
        total=_text(sum((yuan(part.amount) for part in execution_agreement.parts), Decimal(0))),
        principal=_text(owed.fine_open + owed.confiscated_open),
        rising=bool(days)
        and days[0] > act.day
        and all(earlier < later for earlier, later in pairwise(days)),
        until=max(days, default=act.day),
        latest=_longest(act),
        remits=execution_agreement.remission != Remission.NONE,
        sum_fits=bool(remit) == (execution_agreement.remission == Remission.PART),
        fee_open=_text(owed.late_fee_open),
        mended=bool(remedy),
        mending_proved=registered(act, remedy),
        lapses=execution_agreement.lapses,
    )


def _refund(act: Act) -> RefundDue:
    book, refund_made = fines.book_of(act), act.filled(RefundMade)
    voucher = refund_made.voucher.strip()
    return RefundDue(
        amount=_text(_sum(refund_made)),
        overpaid=_text(fines.owed_before(act).overpaid),
        on=refund_made.on or act.day,
        since=min((entry.on for entry in book.entries), default=act.day),
        today=act.day,
        voucher=voucher,
        used=any(refund.voucher == voucher for refund in book.refunds),
    )


def _account_day(act: Act) -> AccountDay:
    return AccountDay(act.filled(Account).on or act.day, _decided_on(act), act.day)


def _plan(act: Act) -> PlanProposed:
    plan = act.filled(Plan)
    until = plan.until or act.day
    days = [part.due for part in plan.parts]
    owed = fines.owed_before(act)
    return PlanProposed(
        _text(sum((yuan(part.amount) for part in plan.parts), Decimal(0))),
        # A late fee that ran is due at once.
        _text(owed.fine_open + owed.confiscated_open),
        bool(days)
        and days[0] > act.day
        and days[-1] == until
        and all(earlier < later for earlier, later in pairwise(days)),
        until,
        _longest(act),
    )


def _last_day(act: Act) -> LastDay:
    """Until when the payment is put off, and the last day to which it may be."""
    return LastDay(act.filled(Deferral).until or act.day, act.day, _longest(act))


def _longest(act: Act) -> date:
    limit, _ = act.rules.limit("penalty.deferral_longest", act.day, act.region)
    return count(limit, act.day, (), act.rules.calendar).due or act.day


def _time_asked(act: Act) -> TimeAsked:
    said = act.latest((ASK_FOR_TIME, GRANT_INSTALMENTS, DEFER_PAYMENT, *fines.DECISIONS))
    return TimeAsked(said == ASK_FOR_TIME)


def _instalment(act: Act) -> InstalmentDue:
    owed = fines.owed_on(act, act.day)
    part = owed.next_part
    return InstalmentDue(
        owed.parts.index(part) + 1 if part else len(owed.parts) + 1,
        _text(part.amount if part else Decimal(0)),
        part.due if part else act.day,
        max(0, sum(bool(one.amount) for one in owed.parts) - 1),
        act.day,
    )


def _urging(act: Act) -> UrgingTime:
    run = next((run for run in reversed(act.runs) if run.name == "after_urging"), None)
    over = run is not None and run.fires_at is not None and act.at >= run.fires_at
    return UrgingTime(run.due_on if run else None, over)


def _court_term(act: Act) -> CourtTerm:
    over, start, last = fines.court_term(act)
    return CourtTerm(over, start, last, act.day)


def _recovered(act: Act) -> Recovered:
    execution = act.filled(Execution)
    return Recovered(
        _text(_sum(execution)),
        _text(fines.most_owed(act)),
        execution.on or act.day,
        act.day,
    )


def _rest(act: Act) -> ExecutionRest:
    run = next((run for run in reversed(act.runs) if run.name == "suspension"), None)
    resting, ground = act.case.state == "exec_suspended", act.filled(ExecutionEnd).ground
    return ExecutionRest(
        ground == ExecutionEndGround.THREE_YEARS,
        ground == ExecutionEndGround.REVOKED,
        resting,
        run.due_on if run and resting else None,
        act.day,
    )


def _sum(said: Payment | Execution | RefundMade) -> Decimal:
    return yuan(said.amount) if said.amount else Decimal(0)


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


FACTS: FactTable = {
    AccountDay: _account_day,
    AgreementProposed: _agreement,
    RefundDue: _refund,
    CourtTerm: _court_term,
    Debt: _debt,
    EndProved: _end_proved,
    ExecutedUp: lambda act: ExecutedUp(act.case.state == "executed"),
    PaymentCorrected: _correction,
    ExecutionRest: _rest,
    InstalmentDue: _instalment,
    LastDay: _last_day,
    PaidUp: lambda act: PaidUp(act.case.state == "paid"),
    PaymentMade: _payment,
    PlanHeld: _plan_held,
    PlanProposed: _plan,
    Recovered: _recovered,
    Settlement: _settlement,
    TimeAsked: _time_asked,
    UrgingTime: _urging,
}
