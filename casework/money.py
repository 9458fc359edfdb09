"""What is owed to the cent (加处罚款): dates and a fine in, a derivation out. No database.

3 % of the fine for each day after the last day of payment, never more than the fine
(《行政处罚法》第七十二条); days of 行政复议 and 行政诉讼 are not counted (第七十三条), nor those of
a deferral or instalment that is kept (第六十六条). Days in two stops at once are left out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from casework.counting import Span, Stop, join_stops
from casework.timekeeping import in_chinese
from rulebook.money import in_yuan, to_cents

_DAY = timedelta(days=1)
_HUNDRED = Decimal(100)


class LateFeeRule(BaseModel):
    """What the key `penalty.late_fee` says: how much of the fine a day, and at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    percent_per_day: Decimal = Field(gt=0, le=100)
    cap_percent_of_fine: Decimal = Field(gt=0)


@dataclass(frozen=True)
class LateFee:
    """How a late fee came about (加处罚款的计算).

    `days` are those counted from the day after `due` to the day of payment, both inside; `excluded`
    the spans among them that were not, and why. `uncapped` is what the days alone come to;
    `cap_reached_on` the counted day on which the fee became as high as it may, if it did.
    """

    fine: Decimal
    due: date
    paid: date
    days: int
    excluded: tuple[Span, ...]
    percent_per_day: Decimal
    uncapped: Decimal
    cap: Decimal
    fee: Decimal
    cap_reached_on: date | None

    @property
    def total(self) -> Decimal:
        """Fine and fee together."""
        return self.fine + self.fee

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, sums as texts; `from_json` reads it back."""
        return {
            "fine": str(self.fine),
            "due": self.due.isoformat(),
            "paid": self.paid.isoformat(),
            "days": self.days,
            "excluded": [
                [span.first.isoformat(), span.last and span.last.isoformat(), span.reason]
                for span in self.excluded
            ],
            "percent_per_day": str(self.percent_per_day),
            "uncapped": str(self.uncapped),
            "cap": str(self.cap),
            "fee": str(self.fee),
            "cap_reached_on": self.cap_reached_on and self.cap_reached_on.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The derivation that `to_json` wrote."""
        reached = data["cap_reached_on"]
        return cls(
            fine=Decimal(data["fine"]),
            due=date.fromisoformat(data["due"]),
            paid=date.fromisoformat(data["paid"]),
            days=data["days"],
            excluded=tuple(
                Span(date.fromisoformat(first), date.fromisoformat(last), reason)
                for first, last, reason in data["excluded"]
            ),
            percent_per_day=Decimal(data["percent_per_day"]),
            uncapped=Decimal(data["uncapped"]),
            cap=Decimal(data["cap"]),
            fee=Decimal(data["fee"]),
            cap_reached_on=date.fromisoformat(reached) if reached else None,
        )

    def explain(self, until: str = "缴款日") -> list[str]:
        """The calculation in Chinese, line by line, as a letter or a page shows it. `until` is what
        the last day is: of payment, or where nothing was paid yet, of the calculation."""
        lines = [
            f"罚款{in_yuan(self.fine)}，缴款期限届满日{in_chinese(self.due)}，{until}{in_chinese(self.paid)}"
        ]
        if self.paid <= self.due:
            return [*lines, "在期限内缴款，不加处罚款"]
        for span in self.excluded:
            ends = span.last or self.paid
            length = (ends - span.first).days + 1
            lines.append(
                f"{in_chinese(span.first)}至{in_chinese(ends)}{span.reason}，{length}日不计算"
            )
        lines.append(
            f"自{in_chinese(self.due + _DAY)}起至{until}止，计算{self.days}日："
            f"{in_yuan(self.fine)}×{self.percent_per_day.normalize():f}%×{self.days}日"
            f"={in_yuan(self.uncapped)}（《行政处罚法》第七十二条第一款第一项）"
        )
        if self.cap_reached_on:
            lines.append(
                f"加处罚款自{in_chinese(self.cap_reached_on)}起达到上限{in_yuan(self.cap)}，不再增加"
            )
        return [*lines, f"加处罚款{in_yuan(self.fee)}"]


def late_fee(
    rule: LateFeeRule, fine: Decimal, due: date, paid: date, stops: Iterable[Stop] = ()
) -> LateFee:
    """The late fee on a fine due on `due` and paid on `paid`; `stops` are the days not counted.

    A stop still open lasts to the day of payment. Raises ValueError for a fine that is no sum to
    the cent.
    """
    if fine < 0 or fine != to_cents(fine):
        raise ValueError(f"{fine} 不是精确到分的罚款金额")
    excluded = tuple(
        span._replace(last=min(span.last or paid, paid))
        for span in join_stops(stops, after=due)
        if span.first <= paid
    )
    late = max(0, (paid - due).days)
    days = late - sum((span.last - span.first).days + 1 for span in excluded if span.last)
    uncapped = to_cents(fine * rule.percent_per_day * days / _HUNDRED)
    cap = to_cents(fine * rule.cap_percent_of_fine / _HUNDRED)
    full = int((rule.cap_percent_of_fine / rule.percent_per_day).to_integral_value(ROUND_CEILING))
    return LateFee(
        fine=fine,
        due=due,
        paid=paid,
        days=days,
        excluded=excluded,
        percent_per_day=rule.percent_per_day,
        uncapped=uncapped,
        cap=cap,
        fee=min(uncapped, cap),
        cap_reached_on=_counted_day(due, full, excluded) if fine and days >= full else None,
    )


def _counted_day(due: date, number: int, excluded: Iterable[Span]) -> date:
    """The day on which so many days after `due` have been counted."""
    day = due + number * _DAY
    for span in excluded:
        if span.first > day:
            break
        if span.last:
            day += span.last - span.first + _DAY
    return day
