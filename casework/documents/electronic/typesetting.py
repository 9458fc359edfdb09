"""Typesetting (排版): a Word record as a PDF, the same bytes each time.

The record is laid out as data and set by one fixed file; a compiler of its own for each paper,
since one that is shared between threads fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework.documents.electronic import fonts
from casework.documents.electronic.layout import laid_out
from casework.documents.electronic.word_parts import Unknown

_HERE = Path(__file__).parent
_TEXT = "仿宋_GB2312"


@dataclass(frozen=True)
class Place:
    """Where a seal goes: the page, counted from 1, and its middle in points from the upper left."""

    page: int
    x: float
    y: float


@dataclass(frozen=True)
class Set:
    """A paper that is set; `place` is where it wants its authority's seal, None if nowhere."""

    pdf: bytes
    place: Place | None


def typeset(
    docx: bytes,
    name: str,
    *,
    note: str = "",
    watermark: str = "",
    keywords: tuple[str, ...] = (),
) -> Set:
    """A Word record as a PDF. `name` is its title, and what errors call it; `note` is said above
    each page, `watermark` behind its text. Raises Unknown for what cannot be set, or not whole."""
    paper = laid_out(docx, name)
    texts = "".join(run.get("text", "") for run in _runs(paper))
    if missing := fonts.lacking(texts + note + watermark):
        raise Unknown(name, f"字库中没有“{'、'.join(missing)}”字")
    for run in _runs(paper):
        run["fonts"] = fonts.chain(run["font"])
    said = {"title": name, "note": note, "keywords": keywords, "fonts": fonts.chain(_TEXT)}
    said["watermark"] = watermark
    compiler = compiled("letter.typ", {"paper": json.dumps({**paper, **said})})
    pdf = compiler.compile(format="pdf", timestamp=0)
    places = json.loads(compiler.query("<seal>", field="value"))
    return Set(pdf, _middle(places))


def _runs(paper: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    holders = [*paper["footers"].values(), paper["body"]]
    while holders:
        for block in holders.pop():
            yield from block.get("runs", ())
            holders += [cell["body"] for row in block.get("rows", ()) for cell in row]


def _middle(places: list[dict[str, Any]]) -> Place | None:
    """The middle of the first mark, between its two ends."""
    if not places:
        return None
    first, last = places[:2]
    x, y = (sum(float(one[axis][:-2]) for one in (first, last)) / 2 for axis in ("x", "y"))
    return Place(first["page"], x, y)


def compiled(file: str, inputs: Mapping[str, str]) -> Any:
    """A compiler for one of the fixed files and what it is given."""
    from typst import Compiler  # 34 MB, which only who sets a paper waits for

    return Compiler(
        str(_HERE / file),
        root=str(_HERE),
        font_paths=fonts.loaded(),
        ignore_system_fonts=True,
        sys_inputs=dict(inputs),
    )
