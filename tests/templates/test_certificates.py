"""A certificate says who is licensed, for what and where, on one page whatever the length."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.documents.papers import fitting
from casework.models import Document
from casework.rules.rendering import printed_text
from tests.support.town import Town
from tests.templates.context import full_context
from tests.templates.test_documents import bytes_of, compiled

KEYS = [
    f"{kind}_{paper}" for kind in ("diagnosis", "safety") for paper in ("certificate", "duplicate")
] + ["certificate", "certificate_duplicate"]
SIZES = ("large", "middle", "small", "tiny")
# Half-points and twentieths of a point of the rows' styles, as the rule reckons with them.
ROWS = {"large": (30, 440), "middle": (24, 340), "small": (18, 260), "tiny": (15, 210)}
CONVERTER = shutil.which("soffice")


def context(text: str, *, all_of_them: bool = False) -> dict[str, Any]:
    """A licence of a firm whose name, place and address are that text; or whatever is on it."""
    said = full_context()
    said["party"]["name"] = text
    said["place"] |= {"name": text, "address": text}
    said["held"] |= {"place_name": text, "address": text}
    if all_of_them:
        said["party"]["representative"] = said["held"]["representative"] = text
        said["place"]["kind"] = said["held"]["scope"] = text
    party, place, held = said["party"], said["place"], said["held"]
    size = fitting(
        [
            (
                party["name"],
                party["representative"],
                place["name"],
                place["kind"],
                place["address"],
            ),
            (
                party["name"],
                held["representative"],
                held["place_name"],
                held["scope"],
                held["address"],
            ),
        ]
    )
    return said | {"fit": {one: one == size for one in SIZES}}


@pytest.mark.parametrize(
    ("length", "size"), [(1, "large"), (32, "large"), (33, "middle"), (87, "small"), (200, "tiny")]
)
def test_the_longer_the_smaller(length: int, size: str) -> None:
    assert fitting([("长" * length, "陈志远", "长" * length, "宾馆", "长" * length)]) == size


def test_the_longest_of_several_papers_counts() -> None:
    assert fitting([("短",) * 5, ("长" * 200,) * 5]) == "tiny"


@pytest.mark.parametrize(("length", "size"), [(6, "large"), (100, "middle")])
def test_what_is_issued_is_as_large_as_it_fits(town: Town, length: int, size: str) -> None:
    town.granted(address="长" * length)
    with town.session() as session:
        issued = session.scalars(
            select(Document)
            .options(undefer(Document.context))
            .where(Document.key.in_(("certificate", "certificate_duplicate")))
        ).all()
        assert {one.key for one in issued} == {"certificate", "certificate_duplicate"}
        for one in issued:
            assert [name for name, fits in one.context["fit"].items() if fits] == [size]


@pytest.mark.parametrize("key", KEYS)
def test_the_rows_are_as_high_as_the_rule_reckons(key: str) -> None:
    styles = docx.Document(io.BytesIO(bytes_of(key))).styles.element
    known = {style.get(qn("w:styleId")): style for style in styles}
    for size, points in (("large", "15"), ("middle", "12"), ("small", "9"), ("tiny", "7")):
        style = known[f"CertificateText{points}"]
        spacing = style.find(f"{qn('w:pPr')}/{qn('w:spacing')}")
        letters = style.find(f"{qn('w:rPr')}/{qn('w:sz')}")
        assert spacing.get(qn("w:lineRule")) == "exact"
        found = (int(letters.get(qn("w:val"))), int(spacing.get(qn("w:line"))))
        assert found == ROWS[size]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("length", [6, 60, 200])
def test_it_says_who_is_licensed_and_where_in_each_size_once(key: str, length: int) -> None:
    text = "甲" + "长" * (length - 1)
    said = context(text)

    lines = printed_text(compiled(key).render(said)).splitlines()

    assert lines.count(text) == 3  # the firm, the place, the address
    assert lines.count(said["party"]["code"]) == 1
    assert any(re.fullmatch("统一社会信用代码：?", line) for line in lines)


@pytest.mark.slow
@pytest.mark.skipif(CONVERTER is None, reason="LibreOffice counts the pages")
def test_it_is_one_page_at_any_length(tmp_path: Path) -> None:
    papers = []
    for key in KEYS:
        for length in (4, 32, 60, 100, 200):
            paper = tmp_path / f"{key}_{length}.docx"
            said = context("长" * length, all_of_them=length == 200)
            paper.write_bytes(compiled(key).render(said))
            papers.append(paper)

    subprocess.run(
        [
            str(CONVERTER),
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path),
            *map(str, papers),
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )

    pages = {paper.stem: _pages(paper.with_suffix(".pdf")) for paper in papers}
    assert {name: count for name, count in pages.items() if count != 1} == {}


def _pages(pdf: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf.read_bytes()))
