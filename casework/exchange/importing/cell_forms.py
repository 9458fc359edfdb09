"""Cells of outside tables (单元格规范化): each is brought into one form, or said what is wrong.

What a spreadsheet did to a cell is undone where that is sure, such as a day kept as a number, and
is refused where something was lost, such as the last digits of a code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from casework.common import phones, texts
from casework.common.codes import CodeMalformed
from casework.exchange.importing.written_days import NoDay, read_day

_FORMULA = ("=", "+", "@")
_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
_POWER = re.compile(r"\d(?:\.\d+)?E\+?\d{1,3}")
# What people write where there is nothing to write.
_NOTHING = frozenset({"/", "-", "--", "\\", "无", "空", "NULL", "null"})
_ROUNDED = (
    "被电子表格存成了数值，只保留了前15位，后面的位数已经丢失："
    "请把这一列设为“文本”格式后，对照原件重新填写"
)
_FOR_EVER = frozenset({"长期", "长期有效", "永久", "2099-12-31", "9999-12-31"})
LAST_OF_DAYS = "2099-12-31"
_TEN_THOUSAND = Decimal(10_000)
_SUM = re.compile(r"(?:人民币|￥|¥)?(-?[\d,，]+(?:\.\d+)?)(元|万元|万)?整?")
_FEN = Decimal("0.01")


class Unfit(ValueError):
    """A cell that cannot be taken; the message is Chinese."""


Form = Callable[[str], str]
"""Brings what stands in a cell that is not blank into one form. Raises Unfit."""


def is_blank(cell: str) -> bool:
    """Whether a cell says nothing."""
    said = texts.token(cell)
    return not said or said in _NOTHING


def words(most: int = 2000) -> Form:
    """A text of so many characters at most, on one line: tabs and breaks are blanks."""

    def read(cell: str) -> str:
        said = texts.line(cell)
        _judge_text(said)
        if len(said) > most:
            raise Unfit(f"超过{most}个字")
        return said

    return read


def code(cell: str) -> str:
    """A code of letters and digits, in capitals; one that a spreadsheet has rounded is none."""
    return _whole(texts.code(cell))


def number(cell: str) -> str:
    """The number of a paper (文号、证号)."""
    said = _whole(texts.token(cell))
    if len(said) > 120:
        raise Unfit("超过120个字")
    return said


def is_rounded(cell: str) -> bool:
    """Whether a code that is wrong ends as one does that lost its last digits."""
    return re.fullmatch(r"\d{15}0{3}", cell) is not None


def day(cell: str) -> str:
    """A day, as 2026-01-05."""
    try:
        return read_day(cell).isoformat()
    except NoDay as error:
        raise Unfit(str(error)) from None


def last_day(cell: str) -> str:
    """A day until which something holds; what holds for ever, holds until the day that the standard
    writes for it."""
    if texts.token(cell) in _FOR_EVER:
        return LAST_OF_DAYS
    return LAST_OF_DAYS if (said := day(cell)) in _FOR_EVER else said


def phone(cell: str) -> str:
    """A telephone number as it is kept."""
    try:
        return phones.canonical(cell)
    except CodeMalformed as error:
        raise Unfit(str(error)) from None


def one_of(*known: str) -> Form:
    """One of these words."""

    def read(cell: str) -> str:
        said = texts.token(cell)
        if said not in known:
            raise Unfit(f"应为{'、'.join(known)}之一")
        return said

    return read


def sum_in(unit: Decimal, largest: Decimal) -> Form:
    """A sum of money in 万元, as the standard has it, from one in `unit` yuan; a unit that stands
    in the cell itself goes before. What is more than `largest` yuan without one is a slip."""

    def read(cell: str) -> str:
        found = _SUM.fullmatch(texts.token(cell))
        if found is None:
            raise Unfit("应为金额，如 0.5、5000元、1.2万元")
        try:
            amount = Decimal(re.sub("[,，]", "", found[1]))
        except InvalidOperation:
            raise Unfit("应为金额，如 0.5、5000元、1.2万元") from None
        its_unit = {None: unit, "元": Decimal(1)}.get(found[2], _TEN_THOUSAND)
        yuan = amount * its_unit
        if yuan < 0 or yuan != yuan.quantize(_FEN):
            raise Unfit("金额不能是负数，也不能有不足一分的零头")
        if found[2] is None and yuan > largest:
            raise Unfit(
                f"按列名的单位合{yuan:,.2f}元，请核对是否把元填成了万元；确实如此的，连同单位填写"
            )
        return f"{(yuan / _TEN_THOUSAND).normalize():f}"

    return read


def _whole(said: str) -> str:
    """A code or number that has all of its digits. Raises Unfit."""
    _judge_text(said)
    if _POWER.fullmatch(said):
        raise Unfit(_ROUNDED)
    return said


def _judge_text(said: str) -> None:
    if said in _ERRORS:
        raise Unfit(f"单元格是错误值（{said}），请改为实际内容")
    if said.startswith(_FORMULA):
        raise Unfit("以“=”“+”或者“@”开头，像是电子表格的公式，请改为实际内容")
    if found := texts.unkept(said):
        raise Unfit(f"含有不能存档的控制字符（{found}）")
