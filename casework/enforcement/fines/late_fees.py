"""What is owed of a penalty to the cent (罚没款、加处罚款): sentence, dates and payments in, a
statement out. No database.

3 % of the fine for each day after the last day of payment, never more than the fine
(《行政处罚法》第七十二条); days of 行政复议 and 行政诉讼 are not counted (第七十三条), nor those of
a deferral or instalment that is kept (第六十六条). Days in two stops at once are left out once.

A payment counts from the day on which it was made, whenever it is entered; that day itself is still
a late one. What varied or quashed the sentence works from the beginning: the statement is drawn up
anew with what stands now, and only days on which less stood are not held against the party.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from casework.common.timekeeping import in_chinese
from casework.rules.counting import Span, Stop, join_stops
from rulebook.money import in_yuan, to_cents

Share = Literal["fine", "confiscated", "late_fee"]

_DAY = timedelta(days=1)
_HUNDRED = Decimal(100)
_NOTHING = Decimal(0)


class LateFeeRule(BaseModel):
    """What the key `penalty.late_fee` says: how much of the fine a day, and at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    percent_per_day: Decimal = Field(gt=0, le=100)
    cap_percent_of_fine: Decimal = Field(gt=0)


@dataclass(frozen=True)
class Terms:
    """By which rules a statement is drawn up. `whole`: the late fee runs on the whole fine until it
    is paid, else on what of it is open; `order` is against what a payment is put first."""

    late_fee: LateFeeRule
    whole: bool = False
    order: tuple[Share, ...] = ("fine", "confiscated", "late_fee")


@dataclass(frozen=True)
class Sentence:
    """Fine and confiscated gains (yuan) as they stood from a day on."""

    since: date
    fine: Decimal
    confiscated: Decimal = _NOTHING


@dataclass(frozen=True)
class Part:
    """One instalment, or a sum put off: its last day (moved already if it is a day of rest)."""

    due: date
    amount: Decimal


@dataclass(frozen=True)
class Plan:
    """A deferral (one part) or instalments, which replace the due day from their grant on."""

    granted_on: date
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Payment:
    """What was paid, and on which day."""

    on: date
    amount: Decimal


@dataclass(frozen=True)
class Agreement:
    """An agreement on execution (执行协议, 强制法42): how much of the late fee that ran and is not
    paid is remitted at the end of its day, all of it with None. Once a part of the plan that was
    granted with it is missed, the remission is void if it `lapses` with that; else it stands.
    """

    on: date
    remit: Decimal | None = None
    lapses: bool = False


@dataclass(frozen=True)
class Put:
    """A payment, and against what it was put (抵充); `over` is more than was owed."""

    on: date
    amount: Decimal
    fine: Decimal
    confiscated: Decimal
    late_fee: Decimal
    over: Decimal


@dataclass(frozen=True)
class Stretch:
    """Days, both inside, on which the late fee ran on one sum; `days` are those that count, `fee`
    is not rounded."""

    first: date
    last: date
    sum: Decimal
    days: int
    fee: Decimal


@dataclass(frozen=True)
class Statement:
    """What is owed at the end of a day (欠款清单). Sums in yuan to the cent.

    `fine` and `confiscated` are those that stand now, of which `fine_open` and `confiscated_open`
    are not paid. `late_fee` is what it comes to before any remission, `late_fee_paid` what of it
    was paid and `remitted` what of it need not be; `overpaid` is still to be given back, `refunded`
    was. `due_on` is the last day of the earliest part that is open, else of the last. `overdue` is
    what should have been paid by now, without the late fee, and `delayed` says that
    something was late at any time, even on days for which no fee runs. `missed` are the plans of
    which a part was late.
    """

    terms: Terms
    on: date
    fine: Decimal
    confiscated: Decimal
    fine_open: Decimal
    confiscated_open: Decimal
    late_fee: Decimal
    late_fee_paid: Decimal
    remitted: Decimal
    paid: Decimal
    puts: tuple[Put, ...]
    overpaid: Decimal
    refunded: Decimal
    due_on: date | None
    overdue: Decimal
    delayed: bool
    missed: tuple[Plan, ...]
    parts: tuple[Part, ...]
    stretches: tuple[Stretch, ...]
    excluded: tuple[Span, ...]
    cap: Decimal
    cap_reached_on: date | None

    @property
    def left(self) -> Decimal:
        """All that is left to pay, parts that are not due yet included."""
        return self.fine_open + self.confiscated_open + self.late_fee_open

    @property
    def late_fee_open(self) -> Decimal:
        """What of the late fee is neither paid nor remitted."""
        return self.late_fee - self.late_fee_paid - self.remitted

    @property
    def next_part(self) -> Part | None:
        """The earliest part of a plan that is open, with what is open of it."""
        return next((part for part in self.parts if part.amount), None)

    def explain(self) -> list[str]:
        """How the late fee comes about, in Chinese, line by line, as a letter or page shows it."""
        if self.due_on is None or not self.fine:
            return []
        percent = f"{self.terms.late_fee.percent_per_day.normalize():f}%"
        lines = [f"罚款{in_yuan(self.fine)}，缴款期限届满日{in_chinese(self.due_on)}"]
        if not self.stretches:
            return [*lines, "没有应当加处罚款的日期，不加处罚款"]
        for span in self.excluded:
            ends = span.last or self.on
            length = (ends - span.first).days + 1
            lines.append(
                f"{in_chinese(span.first)}至{in_chinese(ends)}{span.reason}，{length}日不计算"
            )
        what = "罚款" if self.terms.whole else "未缴罚款"
        lines += [
            f"自{in_chinese(stretch.first)}起至{in_chinese(stretch.last)}止，计算{stretch.days}日："
            f"{what}{in_yuan(stretch.sum)}×{percent}×{stretch.days}日={in_yuan(stretch.fee)}"
            "（《中华人民共和国行政处罚法》第七十二条第一款第一项）"
            for stretch in self.stretches
        ]
        if self.cap_reached_on:
            lines.append(
                f"加处罚款自{in_chinese(self.cap_reached_on)}起达到上限{in_yuan(self.cap)}，不再增加"
            )
        return [*lines, f"加处罚款{in_yuan(self.late_fee)}"]


def statement(
    terms: Terms,
    sentences: Sequence[Sentence],
    due: date | None,
    on: date,
    *,
    payments: Iterable[Payment] = (),
    plans: Iterable[Plan] = (),
    stops: Iterable[Stop] = (),
    agreements: Iterable[Agreement] = (),
    refunds: Iterable[Payment] = (),
) -> Statement:
    """The statement at the end of the day `on`, under the sentence and what varied it since, in
    order. `plans` replace the due day, and each the one before; `refunds` is what was given back,
    and when. `due` is the last day of payment, None while the party was not served; `stops` are
    days not counted. What is later than `on` is not looked at. Raises ValueError for a fine that is
    no sum to the cent.
    """
    known = [sentence for sentence in sentences if sentence.since <= on] or list(sentences[:1])
    last = known[-1]
    if last.fine < 0 or last.fine != to_cents(last.fine):
        raise ValueError(f"{last.fine} 不是精确到分的罚款金额")
    planned = sorted(
        (plan for plan in plans if plan.granted_on <= on), key=lambda one: one.granted_on
    )
    paid = sorted((payment for payment in payments if payment.on <= on), key=lambda one: one.on)
    back = sorted((refund for refund in refunds if refund.on <= on), key=lambda one: one.on)
    agreed = sorted(
        (agreement for agreement in agreements if agreement.on <= on), key=lambda one: one.on
    )
    spans = join_stops(stops, after=due) if due else []
    count = _Count(terms, known, planned, spans)
    cuts = {one.on + _DAY for one in (*paid, *back)} | {one.on + _DAY for one in agreed}
    for first, ends in _stretches(due, on, known, planned, cuts):
        if due:
            count.go_to(first, ends, due)
        count.take(one for one in paid if one.on == ends)
        count.give_back(_sum(one.amount for one in back if one.on == ends))
        for one in agreed:
            if one.on == ends:
                count.remit(one)
    parts = count.open_parts()
    open_parts = [part for part in parts if part.amount]
    return Statement(
        terms=terms,
        on=on,
        fine=last.fine,
        confiscated=last.confiscated,
        fine_open=count.open["fine"],
        confiscated_open=count.open["confiscated"],
        late_fee=count.fee,
        late_fee_paid=count.fee_paid,
        remitted=_sum(count.remitted.values()),
        paid=_sum(one.amount for one in paid),
        puts=tuple(count.puts),
        overpaid=count.over,
        refunded=_sum(one.amount for one in back),
        due_on=(open_parts or parts[-1:])[0].due if parts else due,
        overdue=count.late_on(on, due)[0] if due else _NOTHING,
        delayed=count.delayed,
        missed=tuple(count.missed),
        parts=parts,
        stretches=tuple(count.stretches),
        excluded=tuple(
            span._replace(last=min(span.last or on, on)) for span in spans if span.first <= on
        ),
        cap=count.cap,
        cap_reached_on=count.cap_reached_on,
    )


def _stretches(
    due: date | None,
    on: date,
    sentences: Sequence[Sentence],
    plans: Iterable[Plan],
    moved: Iterable[date],
) -> Iterable[tuple[date, date]]:
    """The days up to `on`, cut wherever the sum on which a late fee runs may change: on the days
    `moved`, say, the first ones after something was paid, given back or remitted."""
    cuts = {on + _DAY, *moved, *([due + _DAY] if due else [])}
    cuts |= {sentence.since for sentence in sentences[1:]}
    for plan in plans:
        cuts |= {plan.granted_on, *(part.due + _DAY for part in plan.parts)}
    first = min(cuts) - _DAY
    for begin, after in pairwise(sorted({first, *(cut for cut in cuts if cut <= on + _DAY)})):
        yield begin, after - _DAY


class _Count:
    """What is open while the days go by."""

    def __init__(
        self,
        terms: Terms,
        sentences: Sequence[Sentence],
        plans: Sequence[Plan],
        spans: Sequence[Span],
    ) -> None:
        self._terms, self._sentences, self._spans = terms, sentences, spans
        # The plan that holds now, and those that are still to come.
        self._plan: Plan | None = None
        self._plans = list(plans)
        self._last = sentences[-1]
        self.open = {"fine": self._last.fine, "confiscated": self._last.confiscated}
        self._parts: tuple[Part, ...] | None = None
        self._exact = self.fee_paid = self.over = _NOTHING
        # By the agreement that remitted it.
        self.remitted: dict[Agreement, Decimal] = {}
        self.puts: list[Put] = []
        self.cap = to_cents(self._last.fine * terms.late_fee.cap_percent_of_fine / _HUNDRED)
        self.cap_reached_on: date | None = None
        self.delayed = False
        self.missed: list[Plan] = []
        self.stretches: list[Stretch] = []

    @property
    def fee(self) -> Decimal:
        """The late fee so far: rounded once, and never above the cap."""
        return min(to_cents(self._exact), self.cap)

    @property
    def fee_open(self) -> Decimal:
        """What of it is neither paid nor remitted; the cap of a milder sentence may lie lower."""
        return max(_NOTHING, self.fee - self.fee_paid - _sum(self.remitted.values()))

    def take(self, payments: Iterable[Payment]) -> None:
        """Put payments against what is open, in their order."""
        for payment in payments:
            put = self._put(payment.amount)
            over = payment.amount - _sum(put.values())
            self.over += over
            self.puts.append(
                Put(
                    payment.on,
                    payment.amount,
                    put["fine"],
                    put["confiscated"],
                    put["late_fee"],
                    over,
                )
            )

    def _put(self, sum_: Decimal) -> dict[Share, Decimal]:
        """Put a sum against what is open, share after share in the order of the terms; gives what
        each share got of it."""
        found: dict[Share, Decimal] = {}
        for share in self._terms.order:
            found[share] = min(sum_, self.fee_open if share == "late_fee" else self.open[share])
            sum_ -= found[share]
            if share == "late_fee":
                self.fee_paid += found[share]
            else:
                self.open[share] -= found[share]
        return found

    def give_back(self, sum_: Decimal) -> None:
        """Give back what was paid too much. If a court since gave a decision back its force, more
        was given back than was over: what that had paid is open again, the last that was paid
        first."""
        back = min(sum_, self.over)
        self.over -= back
        sum_ -= back
        for share in reversed(self._terms.order):
            if share == "late_fee":
                back = min(sum_, self.fee_paid)
                self.fee_paid -= back
            else:
                whole = self._last.fine if share == "fine" else self._last.confiscated
                back = min(sum_, whole - self.open[share])
                self.open[share] += back
            sum_ -= back

    def remit(self, agreement: Agreement) -> None:
        """Remit what an agreement does of the late fee that is open."""
        open_ = self.fee_open
        more = open_ if agreement.remit is None else min(agreement.remit, open_)
        # Another one of the same day may say the same.
        self.remitted[agreement] = self.remitted.get(agreement, _NOTHING) + more

    def _lapse(self, day: date) -> None:
        """Owe again what an agreement had remitted whose plan is broken; what is over is put
        there."""
        granted_on = self._plan.granted_on if self._plan else None
        for agreement in list(self.remitted):
            if agreement.lapses and agreement.on == granted_on and agreement.on < day:
                del self.remitted[agreement]
                self.over -= _sum(self._put(self.over).values())

    def _miss(self, day: date, due: date) -> None:
        """Note that the plan that holds was not kept, if a part of it is late on a day."""
        if self._plan is not None and self.late_on(day, due)[0]:
            if self._plan not in self.missed:
                self.missed.append(self._plan)
            self._lapse(day)

    def _follow(self, plan: Plan) -> None:
        self._plan, self._parts = plan, self._cut(plan)

    def go_to(self, first: date, last: date, due: date) -> None:
        """Let the days from `first` to `last` go by, on which nothing changes."""
        while self._plans and first >= self._plans[0].granted_on:
            self._miss(first, due)
            self._follow(self._plans.pop(0))
        late, sum_ = self.late_on(first, due)
        self.delayed = self.delayed or bool(late)
        self._miss(first, due)
        days = (last - first).days + 1 - self._stopped(first, last)
        if not sum_:
            return
        daily = sum_ * self._terms.late_fee.percent_per_day / _HUNDRED
        missing = self.cap - self._exact
        if 0 < missing <= daily * days:
            full = int((missing / daily).to_integral_value(ROUND_CEILING))
            self.cap_reached_on = self._counted_day(first, full)
        if missing > 0:
            self._exact += daily * days
            before = self.stretches[-1] if self.stretches else None
            if before and before.sum == sum_ and before.last + _DAY == first:
                self.stretches.pop()
                first, days = before.first, before.days + days
            self.stretches.append(Stretch(first, last, sum_, days, to_cents(daily * days)))

    def late_on(self, day: date, due: date) -> tuple[Decimal, Decimal]:
        """What is late on a day before anything is paid on it, and on what of that a fee runs."""
        principal = self._last.fine + self._last.confiscated
        put = principal - self._open
        if self._parts is not None:
            late_to = principal - _sum(part.amount for part in self._parts if part.due >= day)
        else:
            late_to = principal if day > due else _NOTHING
        # Nobody is late with more than what stood on that day.
        stood = self._standing_on(day)
        late_to = min(late_to, stood.fine + stood.confiscated)
        if late_to <= put:
            return _NOTHING, _NOTHING
        fined = self._fined(put, late_to)
        if fined and self._terms.whole:
            fined = self._whole(put, late_to)
        return late_to - put, min(fined, stood.fine)

    def open_parts(self) -> tuple[Part, ...]:
        """The parts of the plan, each with what is open of it."""
        while self._plans:
            self._follow(self._plans.pop(0))
        ahead = self._open - _sum(part.amount for part in self._parts or ())
        parts: list[Part] = []
        for part in self._parts or ():
            # What was paid since fills the oldest part first.
            left = min(part.amount, max(_NOTHING, part.amount + ahead))
            ahead += part.amount - left
            parts.append(Part(part.due, left))
        return tuple(parts)

    @property
    def _open(self) -> Decimal:
        """What is open in yuan, without the late fee."""
        return self.open["fine"] + self.open["confiscated"]

    def _cut(self, plan: Plan) -> tuple[Part, ...]:
        """The parts over what is open at the grant; of a milder sentence the last ones are cut, and
        what of a heavier one they do not hold is due with the last."""
        left, parts = self._open, []
        for part in plan.parts:
            amount = min(part.amount, left)
            left -= amount
            parts.append(Part(part.due, amount))
        if left and parts:
            parts[-1] = Part(parts[-1].due, parts[-1].amount + left)
        return tuple(parts)

    def _fined(self, since: Decimal, until: Decimal) -> Decimal:
        """How much of the principal between two sums, in the order in which it is paid, is fine."""
        before = self._last.confiscated if self._gains_first else _NOTHING
        first, last = max(since, before), min(until, before + self._last.fine)
        return max(_NOTHING, last - first)

    def _whole(self, put: Decimal, late_to: Decimal) -> Decimal:
        """The whole of the parts that are late and open; of a fine without a plan, all of it."""
        if self._parts is None:
            return self._last.fine
        begins = self._last.fine + self._last.confiscated
        begins -= _sum(part.amount for part in self._parts)
        whole = _NOTHING
        for part in self._parts:
            ends = begins + part.amount
            if ends <= late_to and self._fined(max(begins, put), ends):
                whole += self._fined(begins, ends)
            begins = ends
        return whole

    @property
    def _gains_first(self) -> bool:
        return self._terms.order.index("confiscated") < self._terms.order.index("fine")

    def _standing_on(self, day: date) -> Sentence:
        stood = [sentence for sentence in self._sentences if sentence.since <= day]
        return (stood or self._sentences)[-1 if stood else 0]

    def _stopped(self, first: date, last: date) -> int:
        return sum(
            max(0, (min(span.last or last, last) - max(span.first, first)).days + 1)
            for span in self._spans
        )

    def _counted_day(self, first: date, number: int) -> date:
        """The day on which so many days since `first`, itself one of them, have been counted."""
        day = first + (number - 1) * _DAY
        for span in self._spans:
            if span.last is None or span.first > day:
                break
            if span.last >= first:
                day += span.last - max(span.first, first) + _DAY
        return day


def _sum(sums: Iterable[Decimal]) -> Decimal:
    return sum(sums, _NOTHING)
