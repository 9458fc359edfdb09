"""Articles of law as texts cite them (条款引用): which law, which 条, 款 and 项."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NUMBER = r"[〇零一二三四五六七八九十百千0-9]+"
_LAW = re.compile(r"《([^《》]+)》(?:（[^（）]*）)?")
# A statute by its short name; regulations and measures (办法) are cited whole.
_SHORT = re.compile(r"《(?!中华人民共和国)([^《》]+(?<!办)法)》")
_PART = re.compile(
    rf"(?P<article>第{_NUMBER}条(?:之{_NUMBER})?)?"
    rf"(?P<paragraph>第{_NUMBER}款)?"
    rf"(?P<item>第[（(]?{_NUMBER}[）)]?项)?"
)
_BRACKETS = str.maketrans("", "", "（）()")  # 第（二）项 is 第二项
# What may stand between citations without saying anything.
_BETWEEN = re.compile(
    r"以及|依据|根据|依照|按照|之规定|的规定|规定|和|及|与|、|，|,|。|；|;|：|:|\s"
)


@dataclass(frozen=True)
class Citation:
    """A law by its name without 中华人民共和国, and a place in it; a part that is not named is
    empty."""

    law: str
    article: str = ""
    paragraph: str = ""
    item: str = ""

    @property
    def text(self) -> str:
        """As letters cite it."""
        return f"《{self.law}》{self.article}{self.paragraph}{self.item}"

    def is_within(self, other: Citation) -> bool:
        """Whether it is that place, or a closer one in it."""
        return self.law == other.law and all(
            wanted in ("", mine)
            for mine, wanted in (
                (self.article, other.article),
                (self.paragraph, other.paragraph),
                (self.item, other.item),
            )
        )


def in_full(text: str) -> str:
    """The text with each statute under its whole name, as an official paper cites it."""
    return _SHORT.sub(r"《中华人民共和国\1》", text)


def citations(text: str) -> tuple[Citation, ...]:
    """What a text cites, in its order; a law of which no article is named stands by itself."""
    return tuple(cited for law, said in _laws(text) for cited in _cited(law, said)[0])


def beside_citations(text: str) -> str:
    """What a text says besides its citations and the words that join them."""
    before = text[: text.index("《")] if "《" in text else text
    said = [before, *(_cited(law, part)[1] for law, part in _laws(text))]
    return "".join(_BETWEEN.sub("", part) for part in said)


def known_of(texts: Iterable[str]) -> tuple[Citation, ...]:
    """What several texts cite, each place once."""
    return tuple(dict.fromkeys(cited for text in texts for cited in citations(text)))


def _laws(text: str) -> Iterator[tuple[str, str]]:
    """Each law that is named, and what is said of it up to the next one."""
    found = list(_LAW.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    for one, end in zip(found, ends, strict=False):
        yield one[1].removeprefix("中华人民共和国"), text[one.end() : end]


def _cited(law: str, said: str) -> tuple[list[Citation], str]:
    """The places that are named of a law, and what is said besides."""
    found: list[Citation] = []
    rest, at = "", 0
    for match in _PART.finditer(said):
        if not match[0]:
            continue
        rest += said[at : match.start()]
        at = match.end()
        parts = {
            name: (value or "").translate(_BRACKETS) for name, value in match.groupdict().items()
        }
        if not parts["article"] and found:
            # 第一项、第二项: of the article that was named before.
            parts["article"] = found[-1].article
            parts["paragraph"] = parts["paragraph"] or found[-1].paragraph
        found.append(Citation(law, **parts))
    return found or [Citation(law)], rest + said[at:]
