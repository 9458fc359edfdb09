"""How many pages a paper has (页数), as far as that can be told from its bytes.

A picture is one page, a PDF says so itself, and the house's own letters are laid out by GB/T 9704:
lines of fixed height on a page of fixed height, so their pages can be counted without a printer.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_CELL = 4.0  # points above and below the text of a cell
LARGEST_PART = 64 * 1024 * 1024  # of one inflated stream


def pages_of(media_type: str, content: bytes) -> int | None:
    """The number of pages, or None if it cannot be told."""
    if media_type.startswith("image/"):
        return 1
    if media_type == "application/pdf":
        return _of_pdf(content)
    try:
        return _of_word(content)
    except Exception:  # whatever a file leaves out, or puts in, that is none of our letters
        return None


def _of_pdf(content: bytes) -> int | None:
    found = len(_PAGE.findall(content))
    for stream in _STREAM.findall(content):
        inflate = zlib.decompressobj()
        try:
            found += len(_PAGE.findall(inflate.decompress(stream, LARGEST_PART)))
        except zlib.error:
            continue
    return found or None


def _of_word(content: bytes) -> int:
    """The pages of a letter as the house lays it out. Raises ValueError, KeyError or BadZipFile for
    anything else."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if archive.getinfo("word/document.xml").file_size > LARGEST_PART:
            raise ValueError("no letter is as long")
        body = etree.fromstring(archive.read("word/document.xml"))[0]
        styles = _styles(etree.fromstring(archive.read("word/styles.xml")))
    section = body.find(f"{_W}sectPr")
    size, margins = section.find(f"{_W}pgSz"), section.find(f"{_W}pgMar")
    height = _points(size, "h") - _points(margins, "top") - _points(margins, "bottom")
    width = _points(size, "w") - _points(margins, "left") - _points(margins, "right")
    return _filled(_blocks(body, styles, width), height)


def _filled(blocks: Iterator[tuple[float, bool]], height: float) -> int:
    """Pages filled by blocks of a height, each on one page with the next if it is kept with it."""
    pages, used, kept = 1, 0.0, 0.0
    for block, with_next in blocks:
        kept += block
        if with_next:
            continue
        if used + kept > height + 0.5:
            pages, used = pages + 1, 0.0
            while kept > height + 0.5:
                pages, kept = pages + 1, kept - height
        used, kept = used + kept, 0.0
    return pages + (1 if used + kept > height + 0.5 else 0)


def _blocks(body: Any, styles: dict[str, Any], width: float) -> Iterator[tuple[float, bool]]:
    """Lines and rows from top to bottom: their height, and whether they stay with the next one."""
    for element in body:
        if element.tag == f"{_W}p":
            style = _style(element, styles)
            lines = _lines(element, style, width)
            for number in range(lines):
                first, last = number == 0, number == lines - 1
                space = (style["before"] if first else 0) + (style["after"] if last else 0)
                yield style["line"] + space, style["keep"] if last else False
        elif element.tag == f"{_W}tbl":
            for row in element.iter(f"{_W}tr"):
                yield max(_cell(cell, styles) for cell in row.iter(f"{_W}tc")), False


def _cell(cell: Any, styles: dict[str, Any]) -> float:
    width = int(cell.find(f"{_W}tcPr/{_W}tcW").get(f"{_W}w")) / 20 - 8.5
    tall = 0.0
    for paragraph in cell.iter(f"{_W}p"):
        style = _style(paragraph, styles)
        tall += style["line"] * _lines(paragraph, style, width)
    return tall + _CELL


def _lines(paragraph: Any, style: dict[str, Any], width: float) -> int:
    size, room = style["size"], width - style["left"]
    total = 0
    for text in _texts(paragraph):
        used, lines = style["indent"], 1
        for character in text:
            wide = unicodedata.east_asian_width(character) in "WFA"
            step = size if wide else size / 2
            if used + step > room + 0.5:
                used, lines = 0.0, lines + 1
            used += step
        total += lines
    return max(total, 1)


def _texts(paragraph: Any) -> list[str]:
    """The text of a paragraph, cut at the breaks within it."""
    whole = ""
    for part in paragraph.iter(f"{_W}t", f"{_W}br"):
        whole += "\n" if part.tag == f"{_W}br" else part.text or ""
    return whole.split("\n")


def _style(paragraph: Any, styles: dict[str, Any]) -> dict[str, Any]:
    named = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return styles[named.get(f"{_W}val")]  # type: ignore[no-any-return]


def _styles(root: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for style in root.iter(f"{_W}style"):
        size = style.find(f"{_W}rPr/{_W}sz")
        tight = style.find(f"{_W}rPr/{_W}spacing")
        spacing, indent = style.find(f"{_W}pPr/{_W}spacing"), style.find(f"{_W}pPr/{_W}ind")
        if size is None or spacing is None:
            continue
        found[style.get(f"{_W}styleId")] = {
            "size": int(size.get(f"{_W}val")) / 2 + (0 if tight is None else _points(tight, "val")),
            "line": _points(spacing, "line"),
            "before": _points(spacing, "before"),
            "after": _points(spacing, "after"),
            "indent": 0 if indent is None else _points(indent, "firstLine"),
            "left": 0 if indent is None else _points(indent, "left"),
            "keep": style.find(f"{_W}pPr/{_W}keepNext") is not None,
        }
    return found


def _points(element: Any, name: str) -> float:
    return int(element.get(f"{_W}{name}", "0")) / 20
