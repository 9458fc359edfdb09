"""The parts of a .docx that a page is laid out from, and what a style of it comes to.

Nothing is passed over in silence: what is not known here is an error that names the paper and the
element, so that no PDF says less than its Word record.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from casework.common.problems import DocumentProblem

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
OFF = frozenset({"0", "false", "off"})
TWIPS = 20  # in a point

# What says nothing of how a page looks.
UNSEEN = frozenset(
    f"{W}{name}"
    for name in (
        "bookmarkEnd", "bookmarkStart", "lastRenderedPageBreak", "permEnd", "permStart",
        "proofErr", "softHyphen",
    )
)  # fmt: skip
_PARAGRAPH = frozenset(
    {
        "adjustRightInd", "autoSpaceDE", "autoSpaceDN", "contextualSpacing", "ind", "jc",
        "keepLines", "keepNext", "kinsoku", "outlineLvl", "overflowPunct", "pBdr", "pStyle", "rPr",
        "snapToGrid", "spacing", "topLinePunct", "widowControl", "wordWrap",
    }
)  # fmt: skip
_RUN = frozenset(
    {
        "b", "bCs", "color", "kern", "lang", "noProof", "rFonts", "rStyle", "spacing", "sz", "szCs",
    }
)  # fmt: skip


class Unknown(DocumentProblem):
    """A Word record that cannot be set as a PDF: it, and the element or sign that is in the way."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"《{name}》暂不能生成 PDF：{what}；请下载 Word 文书")


def text_of(element: Any, attribute: str) -> str | None:
    """An attribute of the main namespace."""
    found: str | None = element.get(f"{W}{attribute}")
    return found


def points(element: Any, attribute: str) -> float | None:
    """A length that is told in twentieths of a point."""
    said = text_of(element, attribute)
    return None if said is None else int(said) / TWIPS


def is_on(element: Any) -> bool:
    """Whether a switch such as bold is on."""
    return text_of(element, "val") not in OFF


def name_of(element: Any) -> str:
    """What an element is called."""
    return str(etree.QName(element).localname)


@dataclass(frozen=True)
class Parts:
    """A .docx, opened: `name` is what errors call it."""

    name: str
    files: Mapping[str, bytes]
    styles: Mapping[str, Any] = field(repr=False)
    defaults: tuple[Any, ...] = field(repr=False)

    def refuse(self, element: Any, where: str = "") -> Unknown:
        """What is raised for an element that is not known."""
        return Unknown(self.name, f"版面中有不能转换的内容“{where}{name_of(element)}”")

    def refuse_others(self, element: Any, known: Collection[str]) -> None:
        """Raise Unknown if there is anything in an element but what is known."""
        for child in element:
            if name_of(child) not in known:
                raise self.refuse(child, f"{name_of(element)}/")

    def xml(self, part: str) -> Any:
        """A part of the file, parsed. Raises Unknown if it is not there."""
        if part not in self.files:
            raise Unknown(self.name, f"文件中没有“{part}”")
        return etree.fromstring(self.files[part], _parser())

    def linked(self, part: str, relation: str) -> str:
        """The part that an id stands for in another one."""
        folder, file = posixpath.split(part)
        links = self.xml(f"{folder}/_rels/{file}.rels").iter(_RELATION)
        target = next((one.get("Target") for one in links if one.get("Id") == relation), None)
        if target is None:
            raise Unknown(self.name, f"文件中没有“{relation}”")
        return posixpath.normpath(posixpath.join(folder, target)).removeprefix("/")

    def paragraph_properties(self, paragraph: Any) -> list[Any]:
        """What says how a paragraph looks, the nearest last: defaults, styles, its own."""
        return self._properties("pPr", paragraph, paragraph, _PARAGRAPH)

    def run_properties(self, paragraph: Any, run: Any) -> list[Any]:
        """What says how a run of a paragraph looks, the nearest last."""
        return self._properties("rPr", paragraph, run, _RUN)

    def style_of(self, paragraph: Any) -> str | None:
        """The style of a paragraph."""
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        return self.default_style if named is None else text_of(named, "val")

    def _properties(self, name: str, paragraph: Any, of: Any, known: frozenset[str]) -> list[Any]:
        found = [*self.defaults, *self._of_style(self.style_of(paragraph))]
        own = of.find(f"{W}{name}")
        if own is not None:
            named = own.find(f"{W}rStyle")
            found += [] if named is None else self._of_style(text_of(named, "val"))
            found.append(own)
        properties = [one for one in found if one.tag == f"{W}{name}"]
        for one in properties:
            self.refuse_others(one, known)
        return properties

    def table_borders(self, properties: Any) -> Any:
        """The borders of a table by its own properties or its style; None if it has none."""
        named = properties.find(f"{W}tblStyle")
        styles = self._of_style(text_of(named, "val")) if named is not None else []
        found = [one.find(f"{W}tblBorders") for one in (*styles, properties)]
        return next((one for one in reversed(found) if one is not None), None)

    def _of_style(self, key: str | None) -> list[Any]:
        """The properties of a style, those that it is based on first."""
        found: list[Any] = []
        seen: set[str] = set()
        while key is not None and key not in seen:
            seen.add(key)
            style = self.styles.get(key)
            if style is None:
                raise Unknown(self.name, f"没有样式“{key}”")
            properties = [style.find(f"{W}{name}") for name in ("pPr", "rPr", "tblPr")]
            found = [one for one in properties if one is not None] + found
            base = style.find(f"{W}basedOn")
            key = None if base is None else text_of(base, "val")
        return found

    @cached_property
    def default_style(self) -> str | None:
        """The style of a paragraph that names none."""
        of_paragraphs = (
            key
            for key, style in self.styles.items()
            if text_of(style, "type") == "paragraph" and text_of(style, "default") == "1"
        )
        return next(of_paragraphs, None)


def opened(docx: bytes, name: str) -> Parts:
    """The parts of a .docx. Raises Unknown if it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(docx)) as archive:
            files = {one: archive.read(one) for one in archive.namelist()}
    except zipfile.BadZipFile:
        raise Unknown(name, "不是 Word 文档") from None
    sheet = etree.fromstring(files["word/styles.xml"], _parser())
    styles = {text_of(style, "styleId") or "": style for style in sheet.iter(f"{W}style")}
    return Parts(name, files, styles, tuple(_defaults(sheet)))


def _defaults(sheet: Any) -> Iterator[Any]:
    for name in ("pPr", "rPr"):
        found = sheet.find(f"{W}docDefaults/{W}{name}Default/{W}{name}")
        if found is not None:
            yield found


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)
