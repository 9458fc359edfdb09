"""Sums of money 金额: yuan as exact decimals, to the cent, never a binary fraction."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

CENT = Decimal("0.01")
_MOST = Decimal(10) ** 12


def _exact(value: Any) -> Any:
    """A binary fraction is not the sum that was written: 0.1 is already another number. Raises
    ValueError for one."""
    if isinstance(value, float):
        raise ValueError('金额应写成文字或者整数，如 "1000.50"')
    return value


Yuan = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, lt=_MOST, decimal_places=2)]
"""A sum in yuan (元), to the cent; in data files an integer, or a text such as "1000.50"."""


def to_cents(sum_: Decimal) -> Decimal:
    """The sum rounded half-up to the cent (四舍五入到分)."""
    return sum_.quantize(CENT, rounding=ROUND_HALF_UP)


def yuan(text: str) -> Decimal:
    """A sum as a form or a file gives it: digits, at most two of them after the point.

    Raises ValueError, in Chinese, for anything else: signs, exponents, blanks, fractions of a cent.
    """
    whole, point, cents = text.partition(".")
    digits = whole + cents
    if not (digits.isascii() and digits.isdigit() and whole) or (
        point and len(cents) not in (1, 2)
    ):
        raise ValueError(f"“{text}”不是以元为单位、最多两位小数的金额")
    found = Decimal(text)
    if found >= _MOST:
        raise ValueError(f"“{text}”超出可以登记的金额")
    return to_cents(found)


def in_yuan(sum_: Decimal) -> str:
    """The sum as documents and pages write it: 12,000.50元, without cents that are none."""
    shown = f"{to_cents(sum_):,.2f}"
    return f"{shown.removesuffix('.00')}元"


_DIGITS, _TENS, _GROUPS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿")


def in_capitals(sum_: Decimal) -> str:
    """The sum as a decision writes it beside the figures (大写金额): 壹万贰仟元伍角整."""
    whole, _, cents = f"{to_cents(sum_):.2f}".partition(".")
    yuan_ = f"{_capitals(whole)}元" if int(whole) else ""
    jiao, fen = (int(digit) for digit in cents)
    if not jiao and not fen:
        return f"{yuan_ or '零元'}整"
    gap = "零" if yuan_ and not jiao else ""
    tenth = f"{_DIGITS[jiao]}角" if jiao else gap
    return yuan_ + tenth + (f"{_DIGITS[fen]}分" if fen else "整")


def _capitals(whole: str) -> str:
    """Digits of whole yuan in capitals: groups of four, one 零 for each run of noughts inside."""
    text = gap = ""
    filled = False
    for place, digit in zip(range(len(whole) - 1, -1, -1), whole, strict=True):
        if digit == "0":
            gap = "零" if text else ""
        else:
            text += f"{gap}{_DIGITS[int(digit)]}{_TENS[place % 4]}"
            gap, filled = "", True
        if place % 4 == 0 and filled:
            text += _GROUPS[place // 4]
            filled = False
    return text
