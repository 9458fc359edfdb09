"""A table that a spreadsheet opens and saves says afterwards what it said before."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html import unescape

import pytest

from casework.common.tables.spreadsheet import rows_of, table, workbook
from rulebook.tree import ROOT

KEPT = [
    "南通万寿茶馆", "", "1000.00", "2026-09-01", "3", "0", "0.03", "12345678901", "13800000001",
    "91350100M000100Y43", "崇川卫公罚〔2026〕1号", "'", "'海安",
]  # fmt: skip
DESTROYED = [
    "=1+1", "+8613800000001", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "32060219900101123",
    "320602199001011234", "110105194912310021", "0513", "007", "91E20", "12E5", "1.5e10",
]  # fmt: skip


@pytest.mark.parametrize("cell", DESTROYED)
def test_what_a_spreadsheet_would_run_or_round_it_takes_for_a_text(cell: str) -> None:
    written = table(["甲", "乙"], [[cell, "丙"]])
    [row] = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"))))[1:]
    assert row == [f"'{cell}", "丙"]


def test_a_workbook_holds_texts_alone_each_as_it_stands() -> None:
    cells = [cell for cell in (*KEPT, *DESTROYED, "http://gsxt.gov.cn/", "{=1}") if cell]
    book = workbook("案件", ["甲"], [[cell] for cell in cells])
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert [unescape(one) for one in re.findall(r"<t[^>]*>([^<]*)</t>", sheet)] == ["甲", *cells]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


@pytest.mark.parametrize("cell", [*KEPT, *DESTROYED])
def test_what_was_written_is_read_as_it_was(cell: str) -> None:
    written = table(["甲", "乙"], [[cell, "丙"]])
    assert rows_of(written.encode()) == (["甲", "乙"], [[cell, "丙"]])


@pytest.mark.parametrize("cell", KEPT)
def test_what_it_leaves_alone_stands_as_it_is(cell: str) -> None:
    assert table(["甲"], [[cell]]).splitlines()[1].strip('"') == cell


@pytest.mark.parametrize("control", ["\t=1+1", "\r=1+1", "\n=1+1"])
def test_nothing_hides_behind_a_blank(control: str) -> None:
    written = table(["甲", "乙"], [[control, "丙"]])
    [row] = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert row[0].startswith("'")


def test_tables_are_written_in_one_place() -> None:
    found = {
        file.relative_to(ROOT).as_posix()
        for room in ("api", "casework", "workflows")
        for file in (ROOT / room).rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter)", file.read_text(encoding="utf-8"))
    }
    assert found == {"casework/common/tables/spreadsheet.py"}
