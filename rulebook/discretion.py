"""What a violation may cost 罚款裁量: from a range of the law to the range of a step, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rulebook.models import FineBand, Stage, Violation, Weight
from rulebook.money import in_yuan, to_cents

STAGES: Mapping[Stage, str] = {
    "at_once": "直接处罚",
    "uncorrected": "逾期不改正",
    "grave": "情节严重",
}
WEIGHTS: Mapping[Weight, str] = {"lighter": "从轻", "standard": "一般", "heavier": "从重"}
# A penalty may also go below the range of the law (处罚法32), which is no step of it.
PENALTY_WEIGHTS: Mapping[str, str] = {"reduced": "减轻"} | {str(k): v for k, v in WEIGHTS.items()}
# The least income there is: a range from it on is for whoever has one, a range below for the rest.
ANY_INCOME = Decimal("0.01")
Shares = Mapping[str, Sequence[int]]
"""What the key `penalty.discretion_shares` says: by step, from and to how many percent."""


@dataclass(frozen=True)
class Range:
    """A range of fine in yuan, both ends inside."""

    least: Decimal
    most: Decimal

    @property
    def text(self) -> str:
        """The range as letters write it."""
        if not self.least:
            return f"{in_yuan(self.most)}以下"
        return f"{in_yuan(self.least)}以上{in_yuan(self.most)}以下"

    def holds(self, fine: Decimal) -> bool:
        """Whether a fine lies in it."""
        return self.least <= fine <= self.most

    def share(self, ends: Sequence[int]) -> Range:
        """The part of it from one percentage to another."""
        low, high = (to_cents(self.least + (self.most - self.least) * p / 100) for p in ends)
        return Range(low, high)


def lawful(violation: Violation, stage: Stage, income: Decimal = Decimal(0)) -> Range | None:
    """The law's range at a stage for an illegal income (违法所得), None if there is no fine."""
    band = band_at(violation, stage, income)
    return _range(band, income) if band else None


def band_at(violation: Violation, stage: Stage, income: Decimal = Decimal(0)) -> FineBand | None:
    """The same as the catalogue has it, with what else the law asks for."""
    for band in violation.fines:
        below = band.income_below
        if band.stage == stage and band.income_from <= income and (below is None or income < below):
            return band
    return None


def stepped(
    violation: Violation, stage: Stage, weight: Weight, shares: Shares, income: Decimal = Decimal(0)
) -> Range | None:
    """The part of the law's range that a step of discretion leaves, None if there is no fine."""
    whole = lawful(violation, stage, income)
    if whole is None:
        return None
    return _own_range(violation, stage, weight) or whole.share(shares[weight])


def in_words(band: FineBand) -> str:
    """The law's range as it reads, with the incomes that it is for."""
    if band.least is not None and band.most is not None:
        text = Range(band.least, band.most).text
    else:
        text = _times(band.least_times or Decimal(0), band.most_times or Decimal(0))
    if band.income_floor:
        floor = in_yuan(band.income_floor)
        text += f"（违法所得不足{floor}的，按{floor}计算）"
    if band.ceiling is not None:
        text += f"，最高不超过{in_yuan(band.ceiling)}"
    if band.income_from == ANY_INCOME:
        text = f"有违法所得的，{text}"
    elif band.income_from:
        text = f"违法所得{in_yuan(band.income_from)}以上的，{text}"
    if band.income_below == ANY_INCOME:
        text = f"没有违法所得的，{text}"
    elif band.income_below is not None:
        text = f"没有违法所得或者违法所得不足{in_yuan(band.income_below)}的，{text}"
    return text


def step_in_words(violation: Violation, band: FineBand, weight: Weight, shares: Shares) -> str:
    """What a step of discretion leaves of a range, in sums or in multiples of the income."""
    own = _own_range(violation, band.stage, weight)
    if own:
        return own.text
    if band.least is not None and band.most is not None:
        return Range(band.least, band.most).share(shares[weight]).text
    if band.ceiling is not None:
        low, high = shares[weight]
        return f"上述幅度的{low}%至{high}%"
    times = Range(band.least_times or Decimal(0), band.most_times or Decimal(0))
    part = times.share(shares[weight])
    return _times(part.least, part.most)


def _own_range(violation: Violation, stage: Stage, weight: Weight) -> Range | None:
    for step in violation.discretion:
        if (step.weight, step.stage) == (weight, stage) and step.least is not None:
            return Range(step.least, step.most or step.least)
    return None


def _times(least: Decimal, most: Decimal) -> str:
    low, high = (f"{times.normalize():f}倍" for times in (least, most))
    return f"违法所得{low}以上{high}以下" if least else f"违法所得{high}以下"


def _range(band: FineBand, income: Decimal) -> Range:
    if band.least is not None and band.most is not None:
        return Range(to_cents(band.least), to_cents(band.most))
    counted = max(income, band.income_floor)
    low, high = band.least_times or Decimal(0), band.most_times or Decimal(0)
    ends = (to_cents(counted * times) for times in (low, high))
    return Range(*(end if band.ceiling is None else min(end, band.ceiling) for end in ends))
