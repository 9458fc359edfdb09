"""What is owed of a decided penalty, as decision, plan, clocks and payments in the log have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.clocks import HELD, held_in
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs, read
from casework.enforcement.fines import late_fees as money
from casework.enforcement.fines.late_fees import (
    Agreement,
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
# What gives back what was paid too much.
REFUND = forms.RECORD_REFUND
# Where the case's data keeps which instalment comes next.
INSTALMENTS = "instalments"
# The clocks that press for payment wait while the party has time to pay what was put right.
_PRESSING = ("payment", "instalments", "deferral")
_TOLD_OTHERWISE = "缴款登记为已缴，更正后重新给予缴款时间"
_STAYED = {"reconsideration": "行政复议期间", "litigation": "行政诉讼期间"}
# Of these terms the first that runs is the last word.
_TERMS = ("litigation_after_reconsideration", "litigation_term", "reconsideration_term")
_JUDGED = (END_LITIGATION, VARY_BY_LITIGATION)
# An agreement on execution (执行协议) may grant time too.
AGREEMENT = forms.MAKE_AGREEMENT
Granting = forms.Plan | forms.Deferral | forms.ExecutionAgreement
_GRANTS: tuple[StepName[Granting], ...] = (
    forms.GRANT_INSTALMENTS,
    forms.DEFER_PAYMENT,
    AGREEMENT,
)
_MISSED = (forms.MISS_INSTALMENT, forms.LAPSE_DEFERRAL)


@dataclass(frozen=True)
class Entry:
    """A payment as it was entered: made on `on`, entered on `entered_on`. `seq` is the row of the
    log that entered it, or put it right last."""

    on: date
    amount: Decimal
    way: str
    voucher: str
    entered_on: date
    seq: int


@dataclass(frozen=True)
class Refund:
    """What was given back of what was paid too much."""

    on: date
    amount: Decimal
    voucher: str


@dataclass(frozen=True)
class Grant:
    """Time that was granted on a day, or an agreement: by which step, and what it was given."""

    on: date
    step: str
    said: Granting

    @property
    def parts(self) -> list[forms.Part]:
        """What it has paid in parts; nothing where it puts off whatever is open."""
        return [] if isinstance(self.said, forms.Deferral) else self.said.parts

    @property
    def days(self) -> list[date]:
        """The days on which it has something paid; none where it grants no time."""
        if isinstance(self.said, forms.Deferral):
            return [self.said.until]
        return [part.due for part in self.said.parts]


@dataclass(frozen=True)
class Book:
    """What the log of a case has of its debt, each in the order in which it was entered; payments
    as they were put right last."""

    entries: tuple[Entry, ...]
    refunds: tuple[Refund, ...]
    grants: tuple[Grant, ...]

    @property
    def last_grant(self) -> Grant | None:
        """What set the days of payment last."""
        return next((grant for grant in reversed(self.grants) if grant.days), None)


def book_of(act: Act) -> Book:
    """What was entered before this act."""
    found: list[Entry] = []
    refunds: list[Refund] = []
    grants: list[Grant] = []
    for header, row in _steps_taken(act, (*_PAID, CORRECTION, REFUND, *_GRANTS)):
        name, given = header["name"], row["input"]
        if name == CORRECTION:
            found = _corrected(found, read(forms.PaymentCorrection, given), header["seq"])
        elif name == REFUND:
            refunds.append(_refund(read(forms.RefundMade, given)))
        elif name in _GRANTS:
            on = legal_date(datetime.fromisoformat(header["effective_at"]))
            grants.append(_grant(on, name, given))
        else:
            entered = datetime.fromisoformat(header["recorded_at"])
            found.append(_entry(name, given, entered, header["seq"]))
    return Book(tuple(found), tuple(refunds), tuple(grants))


def entries(act: Act) -> tuple[Entry, ...]:
    """The payments of the case before this act, in the order in which they were entered, each as it
    was put right last."""
    return book_of(act).entries


def owed_on(act: Act, day: date) -> Statement:
    """What the party owes at the end of that day, by what was entered and granted before this
    act."""
    return _statement(act, day, book_of(act))


def owed_before(act: Act) -> Statement:
    """What the party owed today without what this act enters or varies."""
    return _statement(act, act.day, book_of(act), act.inputs.without(act.step.name))


def owed_after(act: Act, day: date | None = None) -> Statement:
    """What the party owes at the end of that day, or today, with what this act itself enters or
    varies."""
    return _statement(act, day or act.day, book_after(act))


def book_after(act: Act) -> Book:
    """What was entered before this act, and what it enters itself."""
    book = book_of(act)
    known, seq = list(book.entries), act.case.head_seq + 1
    if act.step.name in _PAID and act.filled(forms.Payment).amount:
        known.append(_entry(act.step.name, act.input, act.context.now, seq))
    if act.step.name == CORRECTION and act.filled(forms.PaymentCorrection).voucher:
        known = _corrected(known, act.filled(forms.PaymentCorrection), seq)
    refunds = book.refunds
    if act.step.name == REFUND and act.filled(forms.RefundMade).amount:
        refunds = (*refunds, _refund(act.filled(forms.RefundMade)))
    grants = book.grants
    if act.step.name in _GRANTS and act.input:
        grants = (*grants, _grant(act.day, act.step.name, act.input))
    return Book(tuple(known), refunds, grants)


def meant_by(voucher: str, known: Sequence[Entry]) -> Entry | None:
    """The entry that a voucher names: the last one, where a ruling of a court stands for several.
    None if there is none."""
    wanted = voucher.strip()
    return next((entry for entry in reversed(known) if wanted and entry.voucher == wanted), None)


def corrected_entry(entry: Entry, said: forms.PaymentCorrection) -> Entry:
    """An entry as a correction has it."""
    return replace(
        entry,
        on=said.on,
        amount=Decimal(said.amount),
        voucher=said.right_voucher or entry.voucher,
    )


def _corrected(known: Sequence[Entry], said: forms.PaymentCorrection, seq: int) -> list[Entry]:
    """The entries with that of the named voucher put right; without it if no sum is left of it."""
    wrong = meant_by(said.voucher, known)
    right = [
        replace(corrected_entry(entry, said), seq=seq) if entry is wrong else entry
        for entry in known
    ]
    return [one for one in right if one.amount]


def worsened(act: Act) -> Entry | None:
    """The payment, as it was entered, that this act puts right against the party: it was less, or
    made later."""
    payment_correction = act.filled(forms.PaymentCorrection)
    wrong = (
        meant_by(payment_correction.voucher, entries(act)) if act.step.name == CORRECTION else None
    )
    if wrong is None:
        return None
    right = corrected_entry(wrong, payment_correction)
    return wrong if right.amount < wrong.amount or right.on > wrong.on else None


def hold(act: Act) -> set[str]:
    """Give the party the time of payment anew (处罚法67) where a payment is put right against it:
    until then nothing is late of what it was told to have paid (处罚法72). Where more was late all
    the while, nothing is held. Gives the clocks that wait."""
    wrong = worsened(act)
    if wrong is None:
        return set()
    limit, _ = act.rules.limit("penalty.payment", act.day, act.region)
    until = count(limit, act.day, (), act.rules.calendar).due or act.day
    less = wrong.amount - Decimal(act.filled(forms.PaymentCorrection).amount)
    waiting = _PRESSING if owed_before(act).overdue <= less else ()
    since = wrong.entered_on if waiting else until + timedelta(days=1)
    days = {"since": since.isoformat(), "until": until.isoformat()}
    kept = {str(act.case.head_seq + 1): {"clocks": list(waiting), **days}}
    act.data[HELD] = {**held_in(act.data), **kept}
    act.note("registered", {"register": HELD, "entries": kept})
    return set(waiting)


def most_owed(act: Act) -> Decimal:
    """All that can ever be owed: the late fee is never more than the fine."""
    owed = owed_on(act, act.day)
    fee = owed.cap - owed.late_fee_paid - owed.remitted
    return owed.fine_open + owed.confiscated_open + fee


def stays(act: Act) -> tuple[Stop, ...]:
    """The spans of 行政复议 and 行政诉讼, in which no late fee is counted (处罚法73), and those in
    which the authority itself held a payment to have been made, until the party had time to pay
    what was put right."""
    held = [
        Stop(HELD, _TOLD_OTHERWISE, *(date.fromisoformat(one[day]) for day in ("since", "until")))
        for one in held_in(act.data).values()
    ]
    return tuple(
        Stop(stay.kind, _STAYED[stay.kind], stay.first, stay.last)
        for stay in remedies.stays(act.dates)
    ) + tuple(held)


def schedule(act: Act) -> str:
    """Keep the day of the next instalment after this act; gives the anchor that moved with it."""
    grant = book_after(act).last_grant
    plan = grant.parts if grant else []
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

    def last_after(start: date) -> date:
        return count(limit, start, (), act.rules.calendar).due or start

    over = _contestable_until(act)
    start, grants = over, [one for one in book_of(act).grants if one.days]
    for grant, later in zip_longest(grants, grants[1:]):
        # Time that is granted after the term has run out gives the party time, and the authority
        # no new term.
        if grant.on <= last_after(start):
            start = max(over, _grant_ended(act, grant, later))
    return over, start, last_after(start)


def _grant_ended(act: Act, grant: Grant, later: Grant | None) -> date:
    """When granted time ended: with its last day, with what was missed of it before, or with the
    grant that took its place."""
    until = working_day(grant.days[-1], act.rules.calendar)
    if later is not None:
        return min(until, max(grant.on, later.on))
    missed = [act.dates[step] for step in _MISSED if step in act.dates]
    return min(until, max((day for day in missed if day >= grant.on), default=until))


def _statement(act: Act, day: date, book: Book, inputs: Inputs | None = None) -> Statement:
    sentences, due = _sentences(act, inputs or act.inputs), _payment_day(act)
    payments = [Payment(entry.on, entry.amount) for entry in book.entries]
    refunds = [Payment(refund.on, refund.amount) for refund in book.refunds]

    def draw_up(plans: Sequence[Plan]) -> Statement:
        return money.statement(
            _terms(act),
            sentences,
            due,
            day,
            payments=payments,
            plans=plans,
            stops=stays(act),
            agreements=list(_agreements(book)),
            refunds=refunds,
        )

    granted = [(grant.step, _plan(act, grant)) for grant in book.grants if grant.days]
    statement = draw_up([plan for _, plan in granted])
    kept = [
        plan
        for step, plan in granted
        if step != forms.GRANT_INSTALMENTS or plan not in statement.missed
    ]
    if len(kept) == len(granted):
        return statement
    since = act.rules.value("penalty.missed_instalment", act.day, act.region)
    # Instalments that were not kept may be as if they had never been granted.
    return statement if since == "missed_day" else replace(draw_up(kept), parts=statement.parts)


def _agreements(book: Book) -> Iterator[Agreement]:
    for grant in book.grants:
        if remitted := remission_of(grant):
            whole = remitted.remission == forms.Remission.ALL
            remit = None if whole else Decimal(remitted.remit or 0)
            yield Agreement(grant.on, remit, remitted.lapses)


def remission_of(grant: Grant) -> forms.ExecutionAgreement | None:
    """The agreement that a grant is, if it remits anything of the late fee."""
    said = grant.said
    if isinstance(said, forms.ExecutionAgreement) and said.remission != forms.Remission.NONE:
        return said
    return None


def _sentences(act: Act, inputs: Inputs) -> list[Sentence]:
    """The sentence that was decided, and what stood of it after each variation."""
    sentences = [
        Sentence(act.dates.get(step, act.day), total(measures, FINES), _gains(measures))
        for step, measures in standing.history(inputs)
    ]
    return sentences or [Sentence(act.day, Decimal(0))]


def _gains(measures: standing.Measures) -> Decimal:
    """Gains are paid in money; goods are taken, whatever they are worth."""
    return total(measures, (MeasureKind.CONFISCATE_GAIN.value,))


def _payment_day(act: Act) -> date | None:
    return next((run.due_on for run in reversed(act.runs) if run.name == "payment"), None)


def _plan(act: Act, grant: Grant) -> Plan:
    # Whatever is open is due on the day to which it is put off.
    sums = [Decimal(part.amount) for part in grant.parts] or [Decimal(0)]
    days = [working_day(day, act.rules.calendar) for day in grant.days]
    return Plan(grant.on, tuple(Part(due, sum_) for due, sum_ in zip(days, sums, strict=True)))


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


def _entry(step: str, given: Mapping[str, Any], entered: datetime, seq: int) -> Entry:
    if step == forms.RECORD_EXECUTION:
        found = read(forms.Execution, given)
        how, proof = "人民法院强制执行", found.ruling
        return Entry(found.on, Decimal(found.amount), how, proof, legal_date(entered), seq)
    paid = read(forms.Payment, given)
    return Entry(paid.on, Decimal(paid.amount), paid.way, paid.voucher, legal_date(entered), seq)


def _refund(said: forms.RefundMade) -> Refund:
    return Refund(said.on, Decimal(said.amount), said.voucher.strip())


def _grant(on: date, step: str, given: Mapping[str, Any]) -> Grant:
    form = next(granting.form for granting in _GRANTS if granting == step)
    return Grant(on, step, read(form, given))


def _steps_taken(act: Act, names: tuple[str, ...]) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Header and payload of each of these steps that was taken, in order."""
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
