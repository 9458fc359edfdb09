"""How a Word record is laid out (版面), as plain data: what the typesetter is given.

A paper is a page with its borders and footers, and a body of paragraphs and fixed tables; a
paragraph is runs of text, line breaks and pictures. Lengths are points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from casework.documents.electronic.word_parts import (
    OFF,
    TWIPS,
    UNSEEN,
    Parts,
    Unknown,
    W,
    is_on,
    name_of,
    opened,
    points,
    text_of,
)
from casework.rules.rendering import FILLED

# Where the authority's seal goes: the letter says so itself.
SEAL_MARK = "（印章）"

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_EMU = 12700  # in a point
_ALIGN = {
    "both": "justify", "distribute": "justify", "left": "left", "start": "left",
    "center": "center", "right": "right", "end": "right",
}  # fmt: skip
# What one style says in part, and another one goes on with.
_IN_PARTS = frozenset({"spacing", "ind", "rFonts"})
_STRETCH = re.compile("[" + "".join(FILLED) + "]")
_SIDES = ("top", "left", "bottom", "right")
_SECTION = frozenset(
    {"cols", "docGrid", "footerReference", "pgBorders", "pgMar", "pgSz", "titlePg", "type"}
)
_TABLE = frozenset(
    {
        "jc", "tblBorders", "tblCellMar", "tblInd", "tblLayout", "tblLook", "tblStyle", "tblW",
    }
)  # fmt: skip
_ROW = frozenset({"cantSplit", "jc", "tblHeader", "trHeight"})
_CELL = frozenset({"gridSpan", "noWrap", "tcBorders", "tcMar", "tcW", "vAlign"})


def laid_out(docx: bytes, name: str) -> dict[str, Any]:
    """A Word record as the typesetter takes it: `page`, `footers`, `body`, and the `pictures` that
    runs name. Raises Unknown."""
    return _Reader(opened(docx, name)).paper()


class _Reader:
    """Reading one record."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.pictures: dict[str, list[int]] = {}
        self._by_style: dict[str | None, dict[str, Any]] = {}

    def paper(self) -> dict[str, Any]:
        body = self.parts.xml("word/document.xml").find(f"{W}body")
        section = body.find(f"{W}sectPr")
        self.parts.refuse_others(section, _SECTION)
        return {
            "page": self._page(section),
            "footers": self._footers(section),
            "body": list(self._blocks(body, "word/document.xml")),
            "pictures": self.pictures,
        }

    def _page(self, section: Any) -> dict[str, Any]:
        size, margin = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
        found = {one: points(margin, one) for one in (*_SIDES, "footer")}
        borders = section.find(f"{W}pgBorders")
        return {
            **found,
            "width": points(size, "w"),
            "height": points(size, "h"),
            "border": None if borders is None else self._border(borders.find(f"{W}top")),
        }

    def _border(self, line: Any) -> dict[str, Any]:
        """A line around the page, or along a paragraph or table."""
        kind = text_of(line, "val")
        if kind not in ("single", "dashed", "thinThickSmallGap"):
            raise self.parts.refuse(line, f"{kind} ")
        colour = text_of(line, "color")
        return {
            "kind": kind,
            "width": int(text_of(line, "sz") or 4) / 8,
            "space": int(text_of(line, "space") or 0),
            "colour": "000000" if colour in (None, "auto") else colour,
        }

    def _footers(self, section: Any) -> dict[str, Any]:
        """What stands under the pages, for `odd` and `even` ones."""
        settings = self.parts.xml("word/settings.xml").find(f"{W}evenAndOddHeaders")
        apart = settings is not None and is_on(settings)
        kinds: dict[str | None, list[Any]] = {}
        for one in section.iterfind(f"{W}footerReference"):
            part = self.parts.linked("word/document.xml", one.get(f"{_R}id", ""))
            kinds[text_of(one, "type")] = list(self._blocks(self.parts.xml(part), part))
        odd = kinds.get("default", [])
        return {"odd": odd, "even": kinds.get("even", []) if apart else odd}

    def _blocks(self, holder: Any, part: str) -> Iterator[dict[str, Any]]:
        for one in holder:
            if one.tag == f"{W}p":
                yield self._paragraph(one, part)
            elif one.tag == f"{W}tbl":
                yield self._table(one, part)
            elif one.tag not in UNSEEN and name_of(one) not in ("sectPr", "tcPr"):
                raise self.parts.refuse(one, f"{name_of(holder)}/")

    def _paragraph(self, paragraph: Any, part: str) -> dict[str, Any]:
        properties = self.parts.paragraph_properties(paragraph)
        said = _merged(properties)
        spacing = said.get("spacing", {})
        size = self._looks(paragraph, paragraph)["size"]
        return {
            "kind": "paragraph",
            "align": self._aligned(said.get("jc", {}).get("val", "left")),
            "before": _number(spacing, "before") or 0,
            "after": _number(spacing, "after") or 0,
            "line": _line(spacing),
            **_indents(said.get("ind", {}), size),
            "sticky": _on(said, "keepNext"),
            "whole": _on(said, "keepLines"),
            "rules": self._rules(properties),
            "size": size,  # a line without text is as high as its own mark
            "runs": list(self._runs(paragraph, part)),
        }

    def _aligned(self, said: str) -> str:
        if said not in _ALIGN:
            raise Unknown(self.parts.name, f"版面中有不能转换的对齐方式“{said}”")
        return _ALIGN[said]

    def _rules(self, properties: list[Any]) -> dict[str, Any]:
        """The lines above and under a paragraph."""
        found = [one.find(f"{W}pBdr") for one in properties]
        borders = next((one for one in reversed(found) if one is not None), ())
        for line in borders:
            if name_of(line) not in ("top", "bottom"):
                raise self.parts.refuse(line, "pBdr/")
        return {name_of(line): self._border(line) for line in borders}

    def _runs(self, paragraph: Any, part: str) -> Iterator[dict[str, Any]]:
        for one in paragraph:
            if one.tag == f"{W}r":
                yield from self._pieces(paragraph, one, part)
            elif one.tag == f"{W}fldSimple" and (text_of(one, "instr") or "").split()[:1] == [
                "PAGE"
            ]:
                yield {**self._looks(paragraph, one.find(f"{W}r")), "page": True}
            elif one.tag not in UNSEEN and one.tag != f"{W}pPr":
                raise self.parts.refuse(one, "p/")

    def _pieces(self, paragraph: Any, run: Any, part: str) -> Iterator[dict[str, Any]]:
        looks = self._looks(paragraph, run)
        for piece in run:
            if piece.tag == f"{W}t":
                yield from _texts(piece, looks)
            elif piece.tag == f"{W}br" and text_of(piece, "type") is None:
                yield {**looks, "break": True}
            elif piece.tag == f"{W}drawing":
                yield {**looks, "picture": self._picture(piece, part)}
            elif piece.tag not in UNSEEN and piece.tag != f"{W}rPr":
                raise self.parts.refuse(piece, "r/")

    def _looks(self, paragraph: Any, run: Any) -> dict[str, Any]:
        """How a run looks; most runs of a paper look as their paragraph's style says."""
        if run.find(f"{W}rPr") is not None:
            return self._looked_up(paragraph, run)
        style = self.parts.style_of(paragraph)
        if style not in self._by_style:
            self._by_style[style] = self._looked_up(paragraph, run)
        return self._by_style[style]

    def _looked_up(self, paragraph: Any, run: Any) -> dict[str, Any]:
        said = _merged(self.parts.run_properties(paragraph, run))
        colour = said.get("color", {}).get("val", "auto")
        return {
            "font": said.get("rFonts", {}).get("eastAsia", ""),
            "size": int(said.get("sz", {}).get("val", 20)) / 2,
            "bold": _on(said, "b"),
            "colour": "000000" if colour == "auto" else colour,
            "tracking": _number(said.get("spacing", {}), "val") or 0,
        }

    def _picture(self, drawing: Any, part: str) -> dict[str, Any]:
        inline = drawing.find(f"{_WP}inline")
        blip = None if inline is None else inline.find(f".//{_A}blip")
        if blip is None:
            raise self.parts.refuse(drawing[0] if len(drawing) else drawing, "drawing/")
        file = self.parts.linked(part, blip.get(f"{_R}embed", ""))
        if not file.endswith((".png", ".jpeg", ".jpg")):
            raise Unknown(self.parts.name, f"图片“{file}”的格式不能转换")
        self.pictures[file] = list(self.parts.files[file])
        extent, said = inline.find(f"{_WP}extent"), inline.find(f"{_WP}docPr")
        return {
            "file": file,
            "width": int(extent.get("cx")) / _EMU,
            "height": int(extent.get("cy")) / _EMU,
            "said": said.get("descr") or "图片",
        }

    def _table(self, table: Any, part: str) -> dict[str, Any]:
        said = table.find(f"{W}tblPr")
        self.parts.refuse_others(said, _TABLE)
        layout = said.find(f"{W}tblLayout")
        if layout is None or text_of(layout, "type") != "fixed":
            raise self.parts.refuse(said, "列宽不固定的")
        rows: list[list[dict[str, Any]]] = []
        heads = 0
        for row in table.iterfind(f"{W}tr"):
            if self._is_head(row) and heads == len(rows):
                heads += 1
            rows.append([self._cell(cell, part) for cell in row.iterfind(f"{W}tc")])
        self._refuse_other_rows(table)
        borders, margin = self.parts.table_borders(said), said.find(f"{W}tblCellMar")
        side = None if borders is None else borders.find(f"{W}insideH")
        aligned = said.find(f"{W}jc")
        return {
            "kind": "table",
            "align": self._aligned("left" if aligned is None else text_of(aligned, "val") or ""),
            "columns": [points(one, "w") for one in table.iterfind(f"{W}tblGrid/{W}gridCol")],
            "line": None if side is None else self._border(side),
            "inset": {
                one: 0 if margin is None else points(margin.find(f"{W}{one}"), "w")
                for one in _SIDES
            },
            "heads": heads,
            "rows": rows,
        }

    def _is_head(self, row: Any) -> bool:
        said = row.find(f"{W}trPr")
        if said is None:
            return False
        self.parts.refuse_others(said, _ROW)
        return said.find(f"{W}tblHeader") is not None

    def _refuse_other_rows(self, table: Any) -> None:
        self.parts.refuse_others(table, ("tblPr", "tblGrid", "tr", "bookmarkStart", "bookmarkEnd"))
        for row in table.iterfind(f"{W}tr"):
            self.parts.refuse_others(row, ("trPr", "tc", "bookmarkStart", "bookmarkEnd"))

    def _cell(self, cell: Any, part: str) -> dict[str, Any]:
        said = cell.find(f"{W}tcPr")
        self.parts.refuse_others(said, _CELL)
        span, aligned = said.find(f"{W}gridSpan"), said.find(f"{W}vAlign")
        return {
            "span": 1 if span is None else int(text_of(span, "val") or 1),
            "align": "top" if aligned is None else text_of(aligned, "val"),
            "body": list(self._blocks(cell, part)),
        }


def _merged(properties: list[Any]) -> dict[str, dict[str, str]]:
    """What properties say together, the nearest last: by their names what their attributes say."""
    found: dict[str, dict[str, str]] = {}
    for one in (one for holder in properties for one in holder):
        said = {etree.QName(key).localname: value for key, value in one.attrib.items()}
        name = name_of(one)
        found[name] = {**found.get(name, {}), **said} if name in _IN_PARTS else said
    return found


def _on(said: Mapping[str, Mapping[str, str]], name: str) -> bool:
    return name in said and said[name].get("val") not in OFF


def _number(said: Mapping[str, str], *names: str) -> float | None:
    """A length in points, by the first of these names that is there."""
    return next((int(said[name]) / TWIPS for name in names if name in said), None)


def _indents(said: Mapping[str, str], size: float) -> dict[str, float]:
    """How far in the first line begins, and the paragraph on either side."""
    first = _number(said, "firstLine")
    if first is None and "firstLineChars" in said:
        first = int(said["firstLineChars"]) / 100 * size
    return {
        "first": first or -(_number(said, "hanging") or 0),
        "left": _number(said, "left", "start") or 0,
        "right": _number(said, "right", "end") or 0,
    }


def _line(said: Mapping[str, str]) -> dict[str, Any]:
    """How high a line is: `exact`ly so many points, `atLeast`, or so many times its own height."""
    value, rule = _number(said, "line"), said.get("lineRule", "auto")
    if value is None or rule == "auto":
        return {"rule": "times", "value": (value or 12) / 12}
    return {"rule": rule, "value": value}


def _texts(piece: Any, looks: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    text = piece.text or ""
    if piece.get("{http://www.w3.org/XML/1998/namespace}space") != "preserve":
        text = text.strip()
    for n, stretch in enumerate(_STRETCH.split(text)):
        before, mark, after = stretch.partition(SEAL_MARK)
        for part in (before, mark, after):
            if part:
                told = {**looks, "text": part, "seal": part == SEAL_MARK}
                yield {**told, "filled": True} if n % 2 else told  # between the two signs
