"""Text as it comes in (文字规范化), brought into one form before it is judged or compared.

What people type and paste differs where nobody can see it: digits of another width, characters
without any, the soft line breaks of a word processor. `tidy` and `line` are for what is read: NFC,
and nothing that a reader sees is changed. `code` and `token` are for numbers and keys: NFKC.
`folded` is for comparing names and addresses, and what it gives is shown to nobody.
"""

from __future__ import annotations

import re
import unicodedata

# Unicode's Default_Ignorable_Code_Point, and blanks that no font shows.
_INVISIBLE = re.compile(
    "[\u001f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# U+000B is what Word writes for a line break inside a paragraph, U+001E its hyphen that keeps
# words together, U+001F (above) its optional hyphen.
_BREAKS = re.compile("\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")
_DASHES = re.compile("[\u001e\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_DOTS = re.compile("[·•‧∙⋅・･]")
# What neither XML 1.0 nor PostgreSQL text can hold, and the controls that no page shows.
_FORBIDDEN = re.compile("[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UPPER = {ord(small): small.upper() for small in "abcdefghijklmnopqrstuvwxyz"}


def tidy(text: str) -> str:
    """A text of several lines without invisible characters and blanks around it."""
    if text.isascii() and text.isprintable():
        return text.strip()
    plain = _BREAKS.sub("\n", text).replace("\u001e", "-")
    return unicodedata.normalize("NFC", _BLANKS.sub(" ", _INVISIBLE.sub("", plain))).strip()


def line(text: str) -> str:
    """A text of one line: a break in it is a blank."""
    return re.sub(r"\s*[\t\n]\s*", " ", tidy(text))


def code(text: str) -> str:
    """A number that is compared letter by letter, in upper case."""
    return token(text).translate(_UPPER)


def token(text: str) -> str:
    """The same of one in which small letters are others than capital ones."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    return _FORBIDDEN.sub("", re.sub(r"\s", "", plain))


def folded(text: str) -> str:
    """A name or address without blanks and variants of width, by which it is recognised."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return re.sub(r"[\s,，.。]", "", plain).casefold()


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are of one name."""
    return _DOTS.sub("", folded(one)) == _DOTS.sub("", folded(other))


def unkept(text: str) -> str:
    """The first character of a text that cannot be kept, as `U+0007`; `""` if all can."""
    found = _FORBIDDEN.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def searched(text: str) -> str:
    """What somebody looks for: in one line, and nothing in it that no row could hold."""
    return line(_FORBIDDEN.sub("", tidy(text)))


def reason(error: Exception) -> str:
    """Why something could not be read, on one line that never fails to be printed."""
    line = " ".join(str(error).split())[:200].encode(errors="replace").decode()
    return f"{type(error).__name__}：{line}" if line else type(error).__name__
