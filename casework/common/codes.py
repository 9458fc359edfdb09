"""Check digits of party codes: 统一社会信用代码 (GB 32100) and 公民身份号码 (GB 11643)."""

from __future__ import annotations

import re
from datetime import date

from casework.common import texts

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


class CodeMalformed(ValueError):
    """The code cannot be one at all; the message is Chinese."""


def normalise(code: str) -> str:
    """A code as it is kept and compared, in whatever way it was typed (`texts.code`)."""
    return texts.code(code)


# A number that was given out bears its year in brackets; people type whichever they find.
_BRACKETS = ("〔〕", "()", "（）", "[]", "［］", "【】")
_OPENING, _CLOSING = ({ord(pair[n]): "〔〕"[n] for pair in _BRACKETS} for n in (0, 1))


def spellings(number: str) -> tuple[str, ...]:
    """A number that was given out (文号、证号), by each way of writing its brackets."""
    plain = plain_number(number)
    return tuple(
        dict.fromkeys((texts.tidy(number), *(plain.translate(_pair(pair)) for pair in _BRACKETS)))
    )


def same_number(one: str, other: str) -> bool:
    """Whether two spellings are of one number that was given out."""
    return plain_number(one) == plain_number(other)


def plain_number(number: str) -> str:
    """A number that was given out, in the one spelling by which it is compared."""
    return texts.token(number).translate(_OPENING | _CLOSING)


def _pair(pair: str) -> dict[int, str]:
    return {ord("〔"): pair[0], ord("〕"): pair[1]}


def doubts_about(kind: str, code: str) -> list[str]:
    """What is doubtful about a party's well-formed code, in Chinese; an officer may let it stand.

    `kind` is one of `CODE_LABELS`. Raises CodeMalformed if length or characters are wrong.
    """
    return _doubts_about_uscc(code) if kind == "uscc" else doubts_about_identity(kind, code)


# What the code of a party is called on paper.
# 处罚法84: also of who is no citizen of this country.
CODE_LABELS = {
    "uscc": "统一社会信用代码",
    "id": "公民身份号码",
    "passport": "护照号码",
    "hmt_permit": "港澳台居民居住证（通行证）号码",
    "foreign_pr": "外国人永久居留身份证号码",
}

# Documents of identity that a person may show at the counter, and what their numbers look like.
ID_KINDS = {
    "id": "居民身份证",
    "passport": "护照",
    "hmt_permit": "港澳台居民居住证、来往内地（大陆）通行证",
    "foreign_pr": "外国人永久居留身份证",
}
_ID_PATTERNS = {
    "passport": (r"[A-Z0-9]{5,17}", "护照号码应为5至17位大写字母或数字"),
    "hmt_permit": (r"[A-Z0-9]{8,18}", "通行证（居住证）号码应为8至18位大写字母或数字"),
    "foreign_pr": (
        r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]",
        "外国人永久居留身份证号码应为15位或者18位",
    ),
}
_ADULT = 18


def doubts_about_identity(kind: str, code: str) -> list[str]:
    """What is doubtful about the number of a person's document, in Chinese.

    `kind` is one of `ID_KINDS`. Raises CodeMalformed if the number cannot be one.
    """
    if kind == "id":
        return _doubts_about_id(code)
    if kind not in _ID_PATTERNS:
        raise CodeMalformed(f"不支持的证件类型“{kind}”")
    pattern, wrong = _ID_PATTERNS[kind]
    if not re.fullmatch(pattern, code):
        raise CodeMalformed(f"{wrong}，请对照证件填写")
    return []


def is_minor(kind: str, code: str, day: date) -> bool:
    """Whether a resident's ID number tells that its bearer is under 18 on that day (民法典17).

    Other documents tell no age by their number: the officer has seen them.
    """
    if kind != "id":
        return False
    grown_up_on = f"{int(code[6:10]) + _ADULT:04d}{code[10:14]}"
    return f"{day:%Y%m%d}" < grown_up_on


def _doubts_about_uscc(code: str) -> list[str]:
    """Which check digits are wrong, in words. Raises CodeMalformed."""
    if not re.fullmatch(f"[{_USCC}]{{18}}", code):
        raise CodeMalformed(
            "统一社会信用代码应为18位数字或大写字母（不含 I、O、S、V、Z），请对照营业执照填写"
        )
    doubts = []
    total = sum(w * _USCC.index(c) for w, c in zip(_USCC_WEIGHTS, code[:17], strict=True))
    if _USCC[(31 - total % 31) % 31] != code[17]:
        doubts.append("统一社会信用代码第18位校验码不符（GB 32100）")
    total = sum(w * _ORG.index(c) for w, c in zip(_ORG_WEIGHTS, code[8:16], strict=True))
    if "0123456789X0"[11 - total % 11] != code[16]:
        doubts.append("统一社会信用代码中组织机构代码的校验码不符（GB 11714）")
    return doubts


def _doubts_about_id(code: str) -> list[str]:
    """Whether the check digit is wrong, in words. Raises CodeMalformed."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", code):
        text = "公民身份号码应为18位，末位可为 X"
        if re.fullmatch(r"[0-9]{15}", code):  # 居民身份证法23
            text += "；15位的第一代居民身份证自2013年1月1日起停止使用，请按现行证件填写"
        raise CodeMalformed(text)
    try:
        date.fromisoformat(f"{code[6:10]}-{code[10:12]}-{code[12:14]}")
    except ValueError:
        raise CodeMalformed("公民身份号码中的出生日期不存在") from None
    total = sum(w * int(c) for w, c in zip(_ID_WEIGHTS, code[:17], strict=True))
    if _ID_CHECKS[total % 11] != code[17]:
        return ["公民身份号码校验码不符（GB 11643）"]
    return []
