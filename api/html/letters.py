"""An issued document to read on a page (文书在线阅读): its paragraphs and tables, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.table import Table
from docx.text.paragraph import Paragraph

_ALIGNED: Mapping[WD_ALIGN_PARAGRAPH | None, str] = {
    WD_ALIGN_PARAGRAPH.CENTER: "text-center",
    WD_ALIGN_PARAGRAPH.RIGHT: "text-end",
}


@dataclass(frozen=True)
class Block:
    """A paragraph with how it is aligned, or a table of cells."""

    text: str = ""
    style: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(docx: bytes) -> tuple[Block, ...]:
    """What stands in the body of a document; blank paragraphs are left out."""
    return tuple(_blocks(docx))


def _blocks(docx: bytes) -> Iterator[Block]:
    for part in Document(BytesIO(docx)).iter_inner_content():
        if isinstance(part, Table):
            yield Block(rows=tuple(_cells(part)))
        elif part.text.strip():
            yield Block(part.text, _style(part))


def _style(paragraph: Paragraph) -> str:
    aligned = paragraph.alignment
    if aligned is None and paragraph.style is not None:
        aligned = paragraph.style.paragraph_format.alignment
    return _ALIGNED.get(aligned, "")


def _cells(table: Table) -> Iterator[tuple[str, ...]]:
    for row in table.rows:
        # A merged cell is given once for each column it spans.
        yield tuple({cell._tc: cell.text for cell in row.cells}.values())
