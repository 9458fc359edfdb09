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
_FIGURES = r"[0-9０-９](?:[0-9０-９,，]*[0-9０-９])?(?:[.．][0-9０-９]+)?"
_SIGNS = "".join((*_DIGITS, *_PLACES, *_GROUPS))
# A number as it stands in a text; `read` says how much it is.
NUMBER = rf"(?:{_FIGURES}|[{_SIGNS}])(?:\s*{_FIGURES}|\s*[{_SIGNS}])*"
_PART = re.compile(rf"{_FIGURES}|[{_SIGNS}]")


def read(text: str) -> Decimal | None:
    """How much a number says, None if it is none."""
    whole, group, digit = Decimal(0), Decimal(0), None
    for part in _PART.findall(text):
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
        else:
            try:
                digit = Decimal(part.translate(_WIDE))
            except InvalidOperation:
                return None
    found = whole + group + (digit or 0)
    return found if _PART.search(text) else None
