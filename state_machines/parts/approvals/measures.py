"""Measures of a decision (处罚种类, 行政处罚法9), and which of two decisions is the heavier."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rulebook.money import in_capitals
from state_machines.language.fields import Form

Yuan = Annotated[str, Field(pattern=r"^$|^(0|[1-9]\d{0,11})(\.\d{1,2})?$")]


class MeasureKind(StrEnum):
    """The kinds of penalty that the law knows (处罚法9)."""

    WARNING = "警告"
    CRITICISM = "通报批评"
    FINE = "罚款"
    CONFISCATE_GAIN = "没收违法所得"
    CONFISCATE_GOODS = "没收非法财物"
    SUSPEND_LICENCE = "暂扣许可证件"
    LOWER_GRADE = "降低资质等级"
    CANCEL_LICENCE = "吊销许可证件"
    RESTRICT_BUSINESS = "限制开展生产经营活动"
    STOP_BUSINESS = "责令停产停业"
    CLOSE_BUSINESS = "责令关闭"
    RESTRICT_PROFESSION = "限制从业"


class Measure(Form):
    """One measure: of money or of time, or neither."""

    kind: MeasureKind = Field(title="处罚种类")
    amount: Yuan = Field(
        title="金额（元）", default="", description="以元为单位，至多两位小数，不写千分位"
    )
    days: Annotated[int, Field(ge=0, le=36500)] = Field(title="期限（日）", default=0)
    detail: Annotated[str, Field(max_length=500)] = Field(title="内容", default="")


FINES = (MeasureKind.FINE.value,)
CONFISCATIONS = (MeasureKind.CONFISCATE_GAIN.value, MeasureKind.CONFISCATE_GOODS.value)


def money(text: str) -> Decimal:
    """A sum in yuan as a form carries it; nothing written is nothing to pay."""
    return Decimal(text or "0")


def total(measures: Iterable[Measure], kinds: Iterable[str]) -> Decimal:
    """What the measures of these kinds come to, in yuan."""
    wanted = set(kinds)
    return sum(
        (money(measure.amount) for measure in measures if measure.kind in wanted), Decimal(0)
    )


def unvalued_goods(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """The measures that confiscate goods without saying what these are worth."""
    goods = MeasureKind.CONFISCATE_GOODS.value
    return tuple(
        measure for measure in measures if measure.kind == goods and not money(measure.amount)
    )


def heavier(told: Iterable[Measure], now: Iterable[Measure]) -> tuple[str, ...]:
    """In what `now` is heavier than what was `told` (处罚法45): nothing, if in nothing.

    A kind that was not told of is heavier, as is a larger sum or a longer time of the same kind.
    """
    before, after = list(told), list(now)
    unknown = (f"告知中没有“{kind}”" for kind in other_kinds(before, after))
    return (*unknown, *raised(before, after, "告知为"))


def other_scope(told: Iterable[Measure], now: Iterable[Measure]) -> tuple[str, ...]:
    """In what measures of the kinds that were `told` have another scope `now`: nobody can tell of
    words whether they reach as far, so they stay what they are."""
    before = list(told)
    kinds = {measure.kind for measure in before}
    known = {(measure.kind, _scope(measure)) for measure in before}
    return tuple(
        f"“{measure.kind}”的范围“{_scope(measure) or '未限定'}”与告知的不同"
        for measure in now
        if measure.kind in kinds and (measure.kind, _scope(measure)) not in known
    )


def _scope(measure: Measure) -> str:
    return measure.detail.strip()


def other_kinds(before: Iterable[Measure], now: Iterable[Measure]) -> tuple[str, ...]:
    """The kinds of penalty in `now` that `before` does not have."""
    known = _by_kind(before)
    return tuple(kind for kind in _by_kind(now) if kind not in known)


def raised(before: Iterable[Measure], now: Iterable[Measure], was: str = "原为") -> tuple[str, ...]:
    """In what the kinds that both have are heavier in `now`: a larger sum or a longer time."""
    former, found = _by_kind(before), []
    for kind, (amount, days) in _by_kind(now).items():
        amount_before, days_before = former.get(kind, (amount, days))
        if amount > amount_before:
            found.append(f"“{kind}”{amount:.2f}元，{was}{amount_before:.2f}元")
        if days > days_before:
            found.append(f"“{kind}”{days}日，{was}{days_before}日")
    return tuple(found)


def in_words(measure: Measure) -> str:
    """A measure as letters print it: `罚款人民币3000.00元（大写：叁仟元整）`."""
    text = str(measure.kind)
    if measure.amount:
        amount = money(measure.amount)
        # Of goods it is their value, which nobody has to pay.
        worth = "，价值" if measure.kind == MeasureKind.CONFISCATE_GOODS else ""
        text += f"{worth}人民币{amount:.2f}元（大写：{in_capitals(amount)}）"
    if measure.days:
        text += f"{measure.days}日"
    return text + (f"（{measure.detail}）" if measure.detail else "")


def _by_kind(measures: Iterable[Measure]) -> dict[str, tuple[Decimal, int]]:
    found: dict[str, tuple[Decimal, int]] = {}
    for measure in measures:
        amount, days = found.get(measure.kind, (Decimal(0), 0))
        found[measure.kind] = amount + money(measure.amount), days + measure.days
    return found
