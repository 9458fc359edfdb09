"""What is owed of a decided penalty, as decision, plan, clocks and payments in the log have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs, read
from casework.enforcement.fines import late_fees as money
from casework.enforcement.fines.late_fees import (
    LateFeeRule,
    Part,
    Payment,
    Plan,
    Sentence,
    Statement,
    Terms,
)
from casework.models import LogRow
from casework.parts.remedies import decision_in_force as standing
from casework.parts.remedies import outcomes as remedies
from casework.rules.counting import Stop, count, working_day
from state_machines.enforcement.fines import forms
from state_machines.enforcement.penalty.forms import VARY_BY_LITIGATION
from state_machines.language.step_names import StepName
from state_machines.parts.approvals.measures import FINES, MeasureKind, total
from state_machines.parts.remedies.forms import END_LITIGATION

DECISIONS = standing.DECISIONS
# The steps that enter a payment; the last two only in cases of an older version.
PAYMENTS = (forms.RECORD_PAYMENT, forms.PAY_INSTALMENT, forms.PAY_LAST_INSTALMENT)
# What puts such an entry right, by a row of its own.
CORRECTION = forms.CORRECT_PAYMENT
# What a court recovered is paid as well.
_PAID: tuple[str, ...] = (*PAYMENTS, forms.RECORD_EXECUTION)
# Where the case's data keeps which instalment comes next.
INSTALMENTS = "instalments"
_STAYED = {"reconsideration": "行政复议期间", "litigation": "行政诉讼期间"}
# Of these terms the first that runs is the last word.
_TERMS = ("litigation_after_reconsideration", "litigation_term", "reconsideration_term")
_JUDGED = (END_LITIGATION, VARY_BY_LITIGATION)
_GRANTS: tuple[StepName[forms.Plan | forms.Deferral], ...] = (
    forms.GRANT_INSTALMENTS,
    forms.DEFER_PAYMENT,
)


@dataclass(frozen=True)
class Entry:
    """A payment as it was entered: made on `on`, entered on `entered_on`."""

    on: date
    amount: Decimal
    way: str
    voucher: str
    entered_on: date


def owed_on(act: Act, day: date) -> Statement:
    """What the party owes at the end of that day, by the payments entered before this act."""
    return _statement(act, day, entries(act))


def owed_before(act: Act) -> Statement:
    """What the party owed today without what this act enters or varies."""
    return _statement(act, act.day, entries(act), act.inputs.without(act.step.name))


def owed_after(act: Act) -> Statement:
    """What the party owes today, with what this act itself enters or varies."""
    known = list(entries(act))
    if act.step.name in _PAID and act.filled(forms.Payment).amount:
        known.append(_entry(act.step.name, act.input, act.ground.now))
    if act.step.name == CORRECTION and act.filled(forms.PaymentCorrection).voucher:
        known = _corrected(known, act.filled(forms.PaymentCorrection))
    return _statement(act, act.day, known)


def entries(act: Act) -> tuple[Entry, ...]:
    """The payments of the case before this act, in the order in which they were entered, each as it
    was put right last."""
    found: list[Entry] = []
    for header, row in _taken(act, (*_PAID, CORRECTION)):
        if header["name"] == CORRECTION:
            found = _corrected(found, read(forms.PaymentCorrection, row["input"]))
        else:
            entered = datetime.fromisoformat(header["recorded_at"])
            found.append(_entry(header["name"], row["input"], entered))
    return tuple(found)


def corrected_entry(entry: Entry, said: forms.PaymentCorrection) -> Entry:
    """An entry as a correction has it."""
    return replace(
        entry,
        on=said.on,
        amount=Decimal(said.amount),
        voucher=said.right_voucher or entry.voucher,
    )


def _corrected(known: Sequence[Entry], said: forms.PaymentCorrection) -> list[Entry]:
    """The entries with that of the named voucher put right; without it if no sum is left of it."""
    wrong = said.voucher.strip()
    right = [corrected_entry(one, said) if one.voucher == wrong else one for one in known]
    return [one for one in right if one.amount]


def most_owed(act: Act) -> Decimal:
    """All that can ever be owed: the late fee is never more than the fine."""
    owed = owed_on(act, act.day)
    return owed.fine_open + owed.confiscated_open + owed.cap - owed.late_fee_paid


def due_day(act: Act) -> date | None:
    """The last day on which the fine could be paid without a late fee: that of the earliest
    instalment that is open, where they were granted."""
    return owed_on(act, act.day).due_on


def stays(act: Act) -> tuple[Stop, ...]:
    """The spans of 行政复议 and 行政诉讼, in which no late fee is counted (处罚法73)."""
    return tuple(
        Stop(stay.kind, _STAYED[stay.kind], stay.first, stay.last)
        for stay in remedies.stays(act.dates)
    )


def schedule(act: Act) -> str:
    """Keep the day of the next instalment after this act; gives the anchor that moved with it."""
    granted = act.inputs.at(forms.GRANT_INSTALMENTS)
    plan = granted.parts if granted else []
    open_still = [bool(part.amount) for part in owed_after(act).parts]
    first = open_still.index(True) if True in open_still else None
    # A day of rest is kept as it was set: the clock moves it, and again for another calendar.
    due = plan[first].due.isoformat() if plan and first is not None else None
    kept = {"next": {"due_on": due}}
    act.data[INSTALMENTS] = {**act.data.get(INSTALMENTS, {}), **kept}
    act.note("registered", {"register": INSTALMENTS, "entries": kept})
    return f"{INSTALMENTS}.next.due_on"


def court_term(act: Act) -> tuple[date, date, date]:
    """The last day of the party's time for 复议 and 诉讼; from which day the authority's time to
    apply to the court counts; and its last day (强制法53, 处罚法72)."""
    limit, _ = act.rules.limit("coercion.court_application", act.day, act.region)
    over = _contestable_until(act)
    start = over
    granted = _granted(act)
    if granted:
        ended = act.dates.get(forms.LAPSE_DEFERRAL) or act.dates.get(forms.MISS_INSTALMENT)
        until = working_day(act.inputs.needed(granted).until, act.rules.calendar)
        start = max(over, min(ended or until, until))
    return over, start, count(limit, start, (), act.rules.calendar).due or start


def _statement(
    act: Act, day: date, known: Sequence[Entry], inputs: Inputs | None = None
) -> Statement:
    sentences, due, plan = _sentences(act, inputs or act.inputs), _payment_day(act), _plan(act)
    payments = [Payment(one.on, one.amount) for one in known]

    def draw_up(plan: Plan | None) -> Statement:
        return money.statement(
            _terms(act), sentences, due, day, payments=payments, plan=plan, stops=stays(act)
        )

    found = draw_up(plan)
    if not found.delayed or _granted(act) != forms.GRANT_INSTALMENTS:
        return found
    since = act.rules.value("penalty.missed_instalment", act.day, act.region)
    # A plan that was not kept may be as if it had never been granted.
    return found if since == "missed_day" else replace(draw_up(None), parts=found.parts)


def _sentences(act: Act, inputs: Inputs) -> list[Sentence]:
    """The sentence that was decided, and what stood of it after each variation."""
    found = [
        Sentence(act.dates.get(step, act.day), total(measures, FINES), _gains(measures))
        for step, measures in standing.history(inputs)
    ]
    return found or [Sentence(act.day, Decimal(0))]


def _gains(measures: standing.Measures) -> Decimal:
    """Gains are paid in money; goods are taken, whatever they are worth."""
    return total(measures, (MeasureKind.CONFISCATE_GAIN.value,))


def _payment_day(act: Act) -> date | None:
    return next((run.due_on for run in reversed(act.runs) if run.name == "payment"), None)


def _granted(act: Act) -> StepName[forms.Plan | forms.Deferral] | None:
    """The step by which time was granted last, be it this very act."""
    filled = [step for step in _GRANTS if step in act.inputs and act.inputs.needed(step).until]
    return act.inputs.latest(filled)


def _plan(act: Act) -> Plan | None:
    granted = _granted(act)
    if granted is None:
        return None
    said, on = act.inputs.needed(granted), act.dates.get(granted, act.day)
    if isinstance(said, forms.Deferral):
        # Whatever is open then is due on that day.
        parts = [(said.until, Decimal(0))]
    else:
        parts = [(part.due, Decimal(part.amount)) for part in said.parts]
    days = [working_day(due, act.rules.calendar) for due, _ in parts]
    return Plan(on, tuple(Part(due, sum_) for due, (_, sum_) in zip(days, parts, strict=True)))


def _terms(act: Act) -> Terms:
    def rule(key: str) -> Any:
        return act.rules.value(key, act.day, act.region)

    return Terms(
        LateFeeRule.model_validate(rule("penalty.late_fee")),
        whole=rule("penalty.late_fee_base") == "whole",
        order=tuple(rule("penalty.payment_order")),
    )


def _contestable_until(act: Act) -> date:
    """The day until which the decision could be contested, or on which it was upheld for good."""
    judged = next((act.dates[step] for step in _JUDGED if step in act.dates), None)
    if judged:
        return judged
    due = {run.name: run.due_on for run in act.runs if run.due_on}
    return next((due[name] for name in _TERMS if name in due), act.day)


def _entry(step: str, given: Mapping[str, Any], entered: datetime) -> Entry:
    if step == forms.RECORD_EXECUTION:
        found = read(forms.Execution, given)
        how, proof = "人民法院强制执行", found.ruling
        return Entry(found.on, Decimal(found.amount), how, proof, legal_date(entered))
    paid = read(forms.Payment, given)
    return Entry(paid.on, Decimal(paid.amount), paid.way, paid.voucher, legal_date(entered))


def _taken(act: Act, names: tuple[str, ...]) -> Iterator[tuple[Mapping[str, Any], Any]]:
    rows = act.session.execute(
        select(LogRow.header, LogRow.payload)
        .where(
            LogRow.case_id == act.case.id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(names),
        )
        .order_by(LogRow.seq)
    )
    yield from rows.tuples()
