"""Collecting a fine (执行): what is owed, paid, promised, and when the court may be asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import day_of
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
from state_machines.enforcement.fines.forms import ExecutionEndGround, PaymentWay, Remission
from state_machines.parts.approvals.measures import FINES, MeasureKind


def _debt(act: Act) -> Debt:
    on = day_of(act.input.get("on")) or act.day
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
    stands = [one["kind"] for one in standing.in_force(act.data)]
    return Settlement(
        _text(owed.left),
        bool(owed.fine or owed.confiscated),
        tuple(kind for kind in stands if kind not in idle),
    )


def _plan_held(act: Act) -> PlanHeld:
    owed = fines.owed_on(act, act.day)
    return PlanHeld(sum(bool(part.amount) for part in owed.parts), _text(owed.overdue))


def _payment(act: Act) -> PaymentMade:
    given = act.input
    voucher = str(given.get("voucher", "")).strip()
    return PaymentMade(
        amount=_text(_sum(given)),
        on=day_of(given.get("on")) or act.day,
        today=act.day,
        since=max(
            (act.dates[name] for name in fines.DECISIONS if name in act.dates), default=act.day
        ),
        voucher=voucher,
        used=_used(act, voucher),
        on_the_spot=given.get("way") == PaymentWay.ON_THE_SPOT.value,
        spot_most=str(act.rules.value("penalty.spot_collection_most", act.day, act.region)),
        simple="punish" in act.data,
    )


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
        said["voucher"].strip() == voucher
        and (not Decimal(said["amount"]) or said["right_voucher"] not in ("", voucher))
        for said in (row.payload["input"] for row in act.session.execute(later))
    )


def _put_in(act: Act, voucher: str) -> bool:
    """Whether a correction gave some payment that voucher, and none took it back."""
    said = _corrections(act).where(LogRow.payload["input"]["right_voucher"].as_string() == voucher)
    return any(
        not _taken_back(act, row.case_id, row.seq, voucher) for row in act.session.execute(said)
    )


def _correction(act: Act) -> PaymentCorrected:
    given = act.input
    wrong = str(given.get("voucher", "")).strip()
    right = str(given.get("right_voucher", "")).strip()
    entry = next((one for one in fines.entries(act) if wrong and one.voucher == wrong), None)
    made = _payment(act)
    return PaymentCorrected(
        voucher=wrong,
        known=entry is not None,
        changes=entry is not None
        and bool(given.get("amount"))
        and fines.corrected_entry(entry, given) != entry,
        on=made.on,
        since=made.since,
        today=made.today,
        used=right not in ("", wrong) and _used(act, right),
    )


def _end_proved(act: Act) -> EndProved:
    return EndProved(
        # That the decision was quashed is in the case itself.
        act.input.get("ground") != ExecutionEndGround.REVOKED.value,
        registered(act, str(act.input.get("evidence", ""))),
    )


def _agreement(act: Act) -> AgreementProposed:
    given = act.input
    parts = given.get("parts") or ()
    days = [date.fromisoformat(part["due"]) for part in parts]
    owed = fines.owed_before(act)
    paper, remedy = str(given.get("paper", "")).strip(), str(given.get("remedy", "")).strip()
    remission = given.get("remission", Remission.NONE.value)
    remit = yuan(given["remit"]) if given.get("remit") else Decimal(0)
    return AgreementProposed(
        paper=paper,
        on_file=registered(act, paper),
        parts=len(parts),
        total=_text(sum((yuan(part["amount"]) for part in parts), Decimal(0))),
        principal=_text(owed.fine_open + owed.confiscated_open),
        rising=bool(days)
        and days[0] > act.day
        and all(earlier < later for earlier, later in pairwise(days)),
        until=max(days, default=act.day),
        latest=_longest(act),
        remits=remission != Remission.NONE.value,
        sum_fits=bool(remit) == (remission == Remission.PART.value),
        fee_open=_text(owed.late_fee_open),
        mended=bool(remedy),
        mending_proved=registered(act, remedy),
        lapses=bool(given.get("lapses")),
    )


def _refund(act: Act) -> RefundDue:
    book, voucher = fines.book_of(act), str(act.input.get("voucher", "")).strip()
    return RefundDue(
        amount=_text(_sum(act.input)),
        overpaid=_text(fines.owed_before(act).overpaid),
        on=day_of(act.input.get("on")) or act.day,
        since=min((one.on for one in book.entries), default=act.day),
        today=act.day,
        voucher=voucher,
        used=any(one.voucher == voucher for one in book.refunds),
    )


def _account_day(act: Act) -> AccountDay:
    since = max((act.dates[name] for name in fines.DECISIONS if name in act.dates), default=act.day)
    return AccountDay(day_of(act.input.get("on")) or act.day, since, act.day)


def _plan(act: Act) -> PlanProposed:
    until = day_of(act.input.get("until")) or act.day
    parts = act.input.get("parts", ())
    days = [date.fromisoformat(part["due"]) for part in parts]
    owed = fines.owed_before(act)
    return PlanProposed(
        _text(sum((yuan(part["amount"]) for part in parts), Decimal(0))),
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
    return LastDay(day_of(act.input.get("until")) or act.day, act.day, _longest(act))


def _longest(act: Act) -> date:
    limit, _ = act.rules.limit("penalty.deferral_longest", act.day, act.region)
    return count(limit, act.day, (), act.rules.calendar).due or act.day


def _time_asked(act: Act) -> TimeAsked:
    said = act.latest(("ask_for_time", "grant_instalments", "defer_payment", *fines.DECISIONS))
    return TimeAsked(said == "ask_for_time")


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
    return Recovered(
        _text(_sum(act.input)),
        _text(fines.most_owed(act)),
        day_of(act.input.get("on")) or act.day,
        act.day,
    )


def _rest(act: Act) -> ExecutionRest:
    run = next((run for run in reversed(act.runs) if run.name == "suspension"), None)
    resting = act.case.state == "exec_suspended"
    return ExecutionRest(
        act.input.get("ground") == ExecutionEndGround.THREE_YEARS.value,
        act.input.get("ground") == ExecutionEndGround.REVOKED.value,
        resting,
        run.due_on if run and resting else None,
        act.day,
    )


def _sum(given: dict[str, Any]) -> Decimal:
    return yuan(given["amount"]) if given.get("amount") else Decimal(0)


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
