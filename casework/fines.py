"""What is owed of a decided penalty, as decision, plan, clocks and payments in the log have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import remedies, standing
from casework.act import Act
from casework.counting import Stop, count
from casework.models import LogRow
from casework.money import LateFee, LateFeeRule, late_fee
from rulebook.money import to_cents
from state_machines.measures import CONFISCATIONS, FINES, total

DECISIONS = standing.DECISIONS
PAYMENTS = ("record_payment", "pay_instalment", "pay_last_instalment")
# Where the case's data keeps which instalment comes next.
INSTALMENTS = "instalments"
_STAYED = {"reconsideration": "行政复议期间", "litigation": "行政诉讼期间"}
# Of these terms the first that runs is the last word.
_TERMS = ("litigation_after_reconsideration", "litigation_term", "reconsideration_term")
_JUDGED = ("end_litigation", "vary_by_litigation")
_GRANTS = ("grant_instalments", "defer_payment")


@dataclass(frozen=True)
class Owed:
    """What a party owes on a day, in yuan: the fine, what is confiscated in money, the late fee so
    far, and what was paid. `fee` tells how the late fee came about."""

    fine: Decimal
    confiscated: Decimal
    fee: LateFee | None
    paid: Decimal

    @property
    def late(self) -> Decimal:
        """The late fee."""
        return self.fee.fee if self.fee else Decimal(0)

    @property
    def left(self) -> Decimal:
        """What is left to pay; nothing where more was paid than is owed now."""
        return max(Decimal(0), self.fine + self.confiscated + self.late - self.paid)


def owed_on(act: Act, day: date) -> Owed:
    """What the party owes on that day, late fee and payments of the case included.

    Fines are late from the day after the last one of payment. A deferral or plan that was kept
    moves that day; after a missed instalment the fee runs on what is left of the fine
    (`penalty.missed_instalment`).
    """
    measures = standing.in_force(act.data)
    fine, confiscated = total(measures, FINES), total(measures, CONFISCATIONS)
    paid = sum((Decimal(one["amount"]) for one in paid_before(act)), Decimal(0))
    due = due_day(act)
    # What was paid counts on the confiscation last: the late fee is of the fine alone.
    open_fine = to_cents(max(Decimal(0), fine - paid))
    fee = late_fee(_rule(act), open_fine, due, day, stays(act)) if due and open_fine else None
    return Owed(to_cents(fine), to_cents(confiscated), fee, to_cents(paid))


def overpaid(act: Act) -> Decimal:
    """What the party paid, or the court recovered, beyond what stands of the decision: it is to be
    given back. A late fee counts on the sum that stands, until the last payment."""
    paid = [(date.fromisoformat(one["on"]), Decimal(one["amount"])) for one in paid_before(act)]
    if recovered := act.data.get("record_execution"):
        paid.append((date.fromisoformat(recovered["on"]), Decimal(recovered["amount"])))
    if not paid:
        return Decimal(0)
    measures = standing.in_force(act.data)
    fine, due = to_cents(total(measures, FINES)), due_day(act)
    last = max(day for day, _ in paid)
    fee = late_fee(_rule(act), fine, due, last, stays(act)).fee if due and fine else Decimal(0)
    right = fine + total(measures, CONFISCATIONS) + fee
    return max(Decimal(0), to_cents(sum((sum_ for _, sum_ in paid), Decimal(0)) - right))


def most_owed(act: Act) -> Decimal:
    """All that can ever be owed: the late fee is never more than the fine."""
    owed = owed_on(act, act.day)
    return owed.fine * 2 + owed.confiscated - owed.paid


def due_day(act: Act) -> date | None:
    """The last day on which the fine could be paid without a late fee."""
    plain = next((run.due_on for run in reversed(act.runs) if run.name == "payment"), None)
    granted = act.latest(_GRANTS)
    if granted is None or plain is None:
        return plain
    if granted == "defer_payment":
        return date.fromisoformat(act.data[granted]["until"])
    by_plan = act.rules.value("penalty.missed_instalment", act.day, act.region) == "missed_day"
    if not by_plan:
        return plain
    part = next_part(act)
    return date.fromisoformat(part["due"]) if part else plain


def stays(act: Act) -> tuple[Stop, ...]:
    """The spans of 行政复议 and 行政诉讼, in which no late fee is counted (处罚法73)."""
    return tuple(
        Stop(stay.kind, _STAYED[stay.kind], stay.first, stay.last)
        for stay in remedies.stays(act.dates)
    )


def paid_before(act: Act) -> list[Mapping[str, Any]]:
    """The payments of the case before this act, in order."""
    return [row["input"] for _, row in _taken(act, PAYMENTS)]


def parts(act: Act) -> list[Mapping[str, Any]]:
    """The instalments of the latest plan that are still owed: of a sentence that was varied since,
    as many as it comes to, the last of them cut."""
    plan: list[Mapping[str, Any]] = act.data.get("grant_instalments", {}).get("parts", [])
    measures = standing.in_force(act.data)
    left = total(measures, FINES) + total(measures, CONFISCATIONS)
    found: list[Mapping[str, Any]] = []
    for part in plan:
        amount = min(Decimal(part["amount"]), left)
        if amount > 0:
            found.append({**part, "amount": f"{amount:.2f}"})
        left -= amount
    return found


def paid_parts(act: Act) -> int:
    """How many instalments of the latest plan were paid."""
    names = [name for name, _ in _taken(act, ("grant_instalments", "pay_instalment"))]
    since = names[len(names) - names[::-1].index("grant_instalments") :] if names else []
    return len(since)


def next_part(act: Act) -> Mapping[str, Any] | None:
    """The instalment that is to be paid next; None where all are, or none were granted."""
    plan, done = parts(act), paid_parts(act)
    return plan[done] if done < len(plan) else None


def schedule(act: Act) -> str:
    """Keep the day of the next instalment after this act; gives the anchor that moved with it."""
    if act.step.name == "grant_instalments":
        done = 0
    else:
        done = paid_parts(act) + (act.step.name == "pay_instalment")
    plan = parts(act)
    kept = {"next": {"due_on": plan[done]["due"] if done < len(plan) else None}}
    act.data[INSTALMENTS] = {**act.data.get(INSTALMENTS, {}), **kept}
    act.note("registered", {"register": INSTALMENTS, "entries": kept})
    return f"{INSTALMENTS}.next.due_on"


def court_term(act: Act) -> tuple[date, date, date]:
    """The last day of the party's time for 复议 and 诉讼; from which day the authority's time to
    apply to the court counts; and its last day (强制法53, 处罚法72)."""
    limit, _ = act.rules.limit("coercion.court_application", act.day, act.region)
    over = _contestable_until(act)
    start = over
    granted = act.latest(_GRANTS)
    if granted:
        ended = act.dates.get("lapse_deferral") or act.dates.get("miss_instalment")
        until = date.fromisoformat(act.data[granted]["until"])
        start = max(over, min(ended or until, until))
    return over, start, count(limit, start, (), act.rules.calendar).due or start


def _contestable_until(act: Act) -> date:
    """The day until which the decision could be contested, or on which it was upheld for good."""
    judged = next((act.dates[step] for step in _JUDGED if step in act.dates), None)
    if judged:
        return judged
    due = {run.name: run.due_on for run in act.runs if run.due_on}
    return next((due[name] for name in _TERMS if name in due), act.day)


def _rule(act: Act) -> LateFeeRule:
    found = act.rules.value("penalty.late_fee", act.day, act.region)
    return LateFeeRule.model_validate(found)


def _taken(act: Act, names: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = act.session.execute(
        select(LogRow.header, LogRow.payload)
        .where(
            LogRow.case_id == act.case.id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(names),
        )
        .order_by(LogRow.seq)
    )
    for header, payload in rows:
        yield header["name"], payload
