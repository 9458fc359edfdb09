"""Telephone numbers (电话号码): in whatever way people write one, it is kept in one.

Kept are `13800000001`, `0513-85550000`, `0513-85550000-8012` (with an extension), `12345`,
`4008208820`, and `+85221234567` of other countries and regions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from casework.common.codes import CodeMalformed
from casework.common.texts import line

# The forms of every version mark a field as a telephone number by this. It lets through what is
# none, such as brackets only; `canonical` does not, and gives nothing that it would refuse.
PATTERN = r"^[0-9+() \-]{5,20}$"
MALFORMED = "格式不对，请填写一个号码，例如 0513-85550000、13800000001、0513-85550000转8012"

_HOME = re.compile(r"\(?(?:\+|00) ?86\)?[ -]*|86[ -]+|86(?=1[0-9]{10}$)")
_ABROAD = re.compile(r"(?:\+|00)[ (-]*([1-9][0-9 ()-]*)")
_EXTENSION = re.compile(r"[ ,;(]*(?:转|轉|分机|ext\.?|x|#|\*)[转分机号: ]*([0-9]{1,6})\)?")
_SPLIT = re.compile(r"[ ().-]+")
_WHOLE = re.compile(r"1[3-9][0-9]{9}|[48]00[0-9]{7}|1[0-9]{4}|9[0-9]{4,5}")  # no area before it
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_AREA = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})")
_LOCAL = re.compile(r"[0-9]{7,8}")


def canonical(text: str) -> str:
    """The number as it is kept. Raises CodeMalformed if it is none, or more than one."""
    plain = unicodedata.normalize("NFKC", line(text)).casefold()
    plain = re.sub("[\u2010-\u2015\u2212]", "-", plain)
    extension = ""
    if found := _EXTENSION.search(plain):
        plain, extension, after = plain[: found.start()], found[1], plain[found.end() :]
        if after.strip():
            raise CodeMalformed(MALFORMED)
    if home := _HOME.match(plain):
        number, more = _number(_groups(plain[home.end() :]), after_prefix=True)
    elif other := _ABROAD.fullmatch(plain):
        number, more = "+" + "".join(_groups(other[1])), ""
        if not 7 <= len(number) - 1 <= 15:  # ITU-T E.164
            raise CodeMalformed(MALFORMED)
    else:
        number, more = _number(_groups(plain))
    if (extension and more) or len(more) > 6:
        raise CodeMalformed(MALFORMED)
    return "-".join(part for part in (number, extension or more) if part)


def mobile(text: str) -> str | None:
    """The mobile number of this country that a text is; None if it is another one, or none."""
    try:
        number = canonical(text)
    except CodeMalformed:
        return None
    return number if _MOBILE.fullmatch(number) else None


def _groups(text: str) -> list[str]:
    """The groups of digits that were typed. Raises CodeMalformed if anything else was."""
    groups = [group for group in _SPLIT.split(text) if group]
    if not groups or not all(group.isascii() and group.isdigit() for group in groups):
        raise CodeMalformed(MALFORMED)
    return groups


def _number(groups: Sequence[str], *, after_prefix: bool = False) -> tuple[str, str]:
    """A number of this country and its extension, from groups of digits as they were written."""
    for cut in (len(groups), len(groups) - 1):
        if _WHOLE.fullmatch("".join(groups[:cut])):
            return "".join(groups[:cut]), "".join(groups[cut:])
    if after_prefix and not groups[0].startswith("0"):  # +86 stands for the nought of the area
        groups = ["0" + groups[0], *groups[1:]]
    area = _AREA.match(groups[0])
    if area is None:
        return _local(groups)
    local, more = _local([one for one in (groups[0][area.end() :], *groups[1:]) if one])
    return f"{area[0]}-{local}", more


def _local(groups: Sequence[str]) -> tuple[str, str]:
    """The number, and its extension or an empty text. Raises CodeMalformed."""
    if groups and groups[0][0] == "1":
        raise CodeMalformed(MALFORMED)  # a mobile number with a digit too few or too many
    for cut in (1, len(groups), len(groups) - 1):
        if _LOCAL.fullmatch("".join(groups[:cut])) and len(groups) - cut < 2:
            return "".join(groups[:cut]), "".join(groups[cut:])
    raise CodeMalformed(MALFORMED)
