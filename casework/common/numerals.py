"""Numbers as people write them in a text: 120, １２０, 一百二十, 壹佰贰拾, 5万, 二〇."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_GROUPS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}
_DIGITS = {
    **{sign: n for n, sign in enumerate("〇一二三四五六七八九")},
    **{sign: n for n, sign in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "两": 2,
    "○": 0,
}
_WIDE = str.maketrans("０１２３４５６７８９．", "0123456789.", ",，")
_DIGIT = "0-9０-９"
_SIGNS = "".join((*_DIGITS, *_PLACES, *_GROUPS))
_ONE = f"[{_DIGIT}{_SIGNS}]"
# A number as it stands in a text; `read` says how much it is. It is matched whole or not at all:
# what a clerk typed is read in time that grows with its length.
NUMBER = rf"(?<!{_ONE}){_ONE}(?:[^\S\r\n]*{_ONE}|(?<=[{_DIGIT}])(?:[,，]+|[.．])(?=[{_DIGIT}]))*+"
_PART = re.compile(rf"[{_DIGIT}](?:[{_DIGIT},，]*[{_DIGIT}])?(?:[.．][{_DIGIT}]+)?|[{_SIGNS}]")
# 5 000: figures that only blanks part are one.
_BLANK = re.compile(rf"(?<=[{_DIGIT}])[^\S\r\n]+(?=[{_DIGIT}])")


def read(text: str) -> Decimal | None:
    """How much a number says, None if it is none."""
    whole, group, digit = Decimal(0), Decimal(0), None
    parts = _PART.findall(_BLANK.sub("", text))
    for part in parts:
        if part in _PLACES:
            group += (Decimal(1) if digit is None else digit) * _PLACES[part]
            digit = None
        elif part in _GROUPS:
            group += digit or 0
            # 一万亿: all that stands before belongs to the greater group.
            before = whole if part == "亿" else Decimal(0)
            whole = whole - before + (before + group) * _GROUPS[part]
            group, digit = Decimal(0), None
        elif part in _DIGITS:
            digit = _DIGITS[part] + (Decimal(0) if digit is None else digit * 10)
        elif digit is not None:  # 1.2.3, 五5
            return None
        else:
            try:
                digit = Decimal(part.translate(_WIDE))
            except InvalidOperation:
                return None
    found = whole + group + (digit or 0)
    return found if parts else None
