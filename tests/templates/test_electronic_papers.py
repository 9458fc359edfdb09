"""Every kind of document as a PDF: nothing of its Word record is lost, nothing is added, and the
same record gives the same bytes."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from casework.common.problems import DocumentProblem
from casework.documents.electronic import fonts
from casework.documents.electronic.layout import SEAL_MARK
from casework.documents.electronic.pictures import pages_of, picture_of
from casework.documents.electronic.typesetting import Set, typeset
from casework.operations import release
from casework.rules.rendering import printed_text
from tests.templates.context import full_context
from tests.templates.test_documents import CERTIFICATES, KEYS, bytes_of, compiled, contexts

_FOOT = re.compile(r"— ?(\d+) ?—")
_needs_poppler = pytest.mark.skipif(not which("pdftotext"), reason="poppler-utils is not installed")


def _records() -> Iterator[tuple[str, bytes]]:
    """Of every kind one record in full, and one for each way in which it can be otherwise."""
    for key in KEYS:
        for context in contexts(key):
            yield key, compiled(key).render(context)


@pytest.fixture(scope="module")
def papers() -> list[tuple[str, bytes, Set]]:
    """Every record and its PDF, set by several threads at once."""
    records = list(_records())
    with ThreadPoolExecutor(2) as threads:
        found = threads.map(lambda one: typeset(one[1], one[0]), records)
        return [(key, docx, paper) for (key, docx), paper in zip(records, found, strict=True)]


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _in_body(docx: bytes) -> str:
    """What a reader sees between the heads and the feet of the pages."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w") as only:
            only.writestr("word/document.xml", archive.read("word/document.xml"))
    return _squeezed(printed_text(body.getvalue()))


def _heads(docx: bytes) -> str:
    """What stands in the head rows of its tables."""
    rows = (row for table in Document(io.BytesIO(docx)).tables for row in table.rows)
    heads = (row for row in rows if row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None)
    return _squeezed("".join(cell.text for row in heads for cell in row.cells))


def _read(pdf: bytes, *options: str) -> str:
    """What the PDF says, page by page."""
    program = ["pdftotext", *options, "-", "-"]
    return subprocess.run(program, input=pdf, capture_output=True, check=True).stdout.decode()


@_needs_poppler
def test_each_says_what_its_record_says(papers: list[tuple[str, bytes, Set]]) -> None:
    """Sign by sign, in any order, since cells of a table are read otherwise; the heads of a table
    are there again on each page over which it goes on."""
    for key, docx, paper in papers:
        said = _read(paper.pdf, "-layout")
        feet = _FOOT.findall(said)
        pages = pages_of(paper.pdf)
        numbered = [] if key in CERTIFICATES else [str(n + 1) for n in range(pages)]
        assert feet == numbered, key
        there, wanted = Counter(_squeezed(_FOOT.sub("", said))), Counter(_in_body(docx))
        assert wanted - there == Counter(), key
        again = Counter(_heads(docx) * (pages - 1))
        assert there - wanted <= again, key


@_needs_poppler
def test_each_has_the_pictures_of_its_record(papers: list[tuple[str, bytes, Set]]) -> None:
    for key, docx, paper in papers:
        with zipfile.ZipFile(io.BytesIO(docx)) as archive:
            drawn = archive.read("word/document.xml").count(b"<wp:inline")
        listed = subprocess.run(
            ["pdfimages", "-list", "-"], input=paper.pdf, capture_output=True, check=True
        )
        rows = [row.split() for row in listed.stdout.decode().splitlines()[2:]]
        assert len([row for row in rows if row[2] == "image"]) == drawn, key
        for row in rows:  # a QR code is a square of at least 2 cm
            assert row[3] == row[4]
            assert int(row[3]) / float(row[12]) * 2.54 > 2, key


def test_the_same_record_gives_the_same_bytes(papers: list[tuple[str, bytes, Set]]) -> None:
    for key, docx, paper in papers[::7]:
        assert typeset(docx, key) == paper, key


def test_where_a_letter_wants_its_seal_one_is_placed(papers: list[tuple[str, bytes, Set]]) -> None:
    for key, docx, paper in papers:
        wanted = SEAL_MARK in printed_text(docx)
        assert (paper.place is not None) == wanted, key
        if paper.place is None:
            continue
        assert 1 <= paper.place.page <= pages_of(paper.pdf)
        wide, high = (842, 595) if key in CERTIFICATES else (595, 842)
        assert 60 < paper.place.x < wide - 60, key
        assert 60 < paper.place.y < high - 60, key


def test_rows_too_high_for_a_page_go_on_over_the_next() -> None:
    context = full_context()
    context["request_supplement"]["items"][0]["what"] = "逐项写明需要补正的内容。" * 300
    docx = compiled("supplement_notice").render(context)
    paper = typeset(docx, "supplement_notice")
    assert pages_of(paper.pdf) > 3
    if which("pdftotext"):
        assert _read(paper.pdf).count("逐项") > 290


@_needs_poppler
@pytest.mark.parametrize("key", ["grading_sheet", "receipt"])
def test_a_code_that_no_line_holds_goes_on_in_the_next(key: str) -> None:
    context = full_context()
    context["party"]["code"] = code = "PDY00012332061317D1522" * 2
    context["party"]["name"] = address = "https://example.cn/" + "a1B2c3" * 30
    said = _read(typeset(compiled(key).render(context), key).pdf, "-raw")
    for whole in (code, address):
        assert whole not in said
        assert whole in _squeezed(said)
    boxes = _read(typeset(compiled(key).render(context), key).pdf, "-bbox")
    rightmost = max(map(float, re.findall(r'xMax="([0-9.]+)"', boxes)))
    assert rightmost < 595 - 26 / 25.4 * 72 + 9  # a stop at the end is wider than it looks


@pytest.mark.parametrize("name", ["喆", "旸", "䶮"])
def test_rare_signs_of_names_are_there(name: str) -> None:
    assert fonts.lacking(name) == ""
    context = full_context()
    context["party"]["representative"] = f"王{name}"
    paper = typeset(compiled("certificate").render(context), "certificate")
    if which("pdftotext"):
        assert f"王{name}" in _read(paper.pdf)


def test_a_sign_that_no_font_has_makes_no_pdf() -> None:
    context = full_context()
    context["party"]["representative"] = "王𠮷"
    docx = compiled("certificate").render(context)
    with pytest.raises(DocumentProblem, match=r"《卫生许可证》.*字库中没有“𠮷”字"):
        typeset(docx, "卫生许可证")


def test_markup_in_a_name_is_a_name() -> None:
    context = full_context()
    context["party"]["name"] = name = '#panic("x") $a$ *b* <c> @d `e` \\u{41} // f'
    paper = typeset(compiled("certificate").render(context), "certificate")
    if which("pdftotext"):
        assert _squeezed(name) in _squeezed(_read(paper.pdf))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("<w:r><w:t", "<w:r><w:tab/><w:t", "tab"),
        ("<w:r><w:t", "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t", "vertAlign"),
        ("<w:pPr>", "<w:pPr><w:numPr/>", "numPr"),
        ("<w:p>", "<w:sdt/><w:p>", "sdt"),
        ('w:type="fixed"', 'w:type="autofit"', "列宽不固定"),
        ("<w:tcPr>", "<w:tcPr><w:vMerge/>", "vMerge"),
    ],
)
def test_what_cannot_be_set_is_named(before: str, after: str, said: str) -> None:
    docx = compiled("receipt").render(full_context())
    with pytest.raises(DocumentProblem, match=f"《收件凭证》.*{said}"):
        typeset(_otherwise(docx, before, after), "收件凭证")


def test_the_check_of_a_release_names_a_template_that_gives_no_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "templates" / "docs"
    folder.mkdir(parents=True)
    broken = _otherwise(bytes_of("receipt"), "<w:r><w:t", "<w:r><w:tab/><w:t")
    (folder / "receipt.docx").write_bytes(broken)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    (said,) = release._without_pdf()
    assert said.startswith("templates/docs/receipt.docx: ")
    assert "tab" in said


def test_what_somebody_made_bold_in_word_is_set() -> None:
    docx = compiled("receipt").render(full_context())
    bold = "<w:r><w:rPr><w:b/><w:sz w:val='44'/><w:color w:val='FF0000'/></w:rPr><w:t"
    plain, other = (typeset(one, "x").pdf for one in (docx, _otherwise(docx, "<w:r><w:t", bold)))
    assert picture_of(plain, 1) != picture_of(other, 1)


def _otherwise(docx: bytes, before: str, after: str) -> bytes:
    """The record with something in its body changed, where that stands first."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as archive, zipfile.ZipFile(changed, "w") as other:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "word/document.xml":
                assert before in data.decode()
                data = data.decode().replace(before, after, 1).encode()
            other.writestr(name, data)
    return changed.getvalue()


def test_fonts_of_the_office_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = typeset(compiled("receipt").render(full_context()), "x").pdf
    monkeypatch.setenv(fonts.FOLDER, str(tmp_path))
    caches: list[Any] = [fonts.loaded, fonts._signs]
    for cache in caches:
        cache.cache_clear()
    try:
        assert fonts.chain("仿宋_GB2312")[0] == "Noto Serif SC"
        assert typeset(compiled("receipt").render(full_context()), "x").pdf == plain
    finally:
        monkeypatch.undo()
        for cache in caches:
            cache.cache_clear()
