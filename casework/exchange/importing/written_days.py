"""Days as people and programs write them (日期写法): 2026-09-01, 2026/9/1, 2026年9月1日, 20260901,
二〇二六年九月一日, and the number that a spreadsheet keeps for one."""

from __future__ import annotations

import re
from datetime import date, timedelta

from casework.common import numerals
from casework.common.texts import token

_PARTS = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:T?\d{1,2}:\d{2}(?::\d{2})?)?")
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:000000)?")
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]+)月([一二三四五六七八九十]+)日"
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
# Of serial numbers those are days that fall between 1954 and 2064; any other is something else.
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 60_000
_BEGINNING = date(1899, 12, 30)  # day 0 of a spreadsheet, since it believes in a 1900-02-29
_HOW = "应为日期，如 2026-01-05、2026年1月5日"


class NoDay(ValueError):
    """It is no day, or not one only; the message is Chinese."""


def read_day(text: str) -> date:
    """The day that a text says. Raises NoDay."""
    plain = token(text)
    if found := _SERIAL.fullmatch(plain):
        number = int(found[1])
        if _FIRST_SERIAL <= number <= _LAST_SERIAL:
            return _BEGINNING + timedelta(days=number)
        raise NoDay(_HOW)
    if found := _PARTS.fullmatch(plain) or _EIGHT.fullmatch(plain):
        return _day(*(int(part) for part in found.groups()))
    if found := _CHINESE.fullmatch(plain):
        return _day(*(int(numerals.read(part) or 0) for part in found.groups()))
    if re.fullmatch(r"\d{4}[-/.年]\d{1,2}月?", plain):
        raise NoDay("缺少日，应写到某年某月某日")
    if re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", plain):
        raise NoDay("年月日的先后分不清，请写四位年份在前，如 2026-01-05")
    raise NoDay(_HOW)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NoDay("这一天不存在，请核对") from None
