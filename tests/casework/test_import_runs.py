"""An import goes on where it was broken off, is done once by however many, and holds little in
memory; workbooks are read whatever somebody did to them."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from casework.audit.admin_proof import faults_of_administration
from casework.common.problems import BadInput
from casework.common.tables.spreadsheet import lines_of
from casework.common.tables.workbooks import Unreadable
from casework.duties.housekeeping import keep_house
from casework.duties.import_runs import run_imports
from casework.exchange.importing import pieces, running
from casework.exchange.importing.handing_in import enter, enter_tried
from casework.models import AdminEntry, DataFile, DataImport, ImportRow, OutsideRecord
from tests.support.town import CODES, Town
from workflows.on_demand import pressing

# As a library of spreadsheets has it, which knows no zones.
DAY_AND_HOUR = datetime.fromisoformat("2026-01-05T09:30:00")
HEADING = "名称,统一社会信用代码,记录编号,记录内容,认定日期,认定机关"


def table(rows: int, *, wrong: int = 0) -> bytes:
    """A table of entries of credit files, of which so many at the end are wrong."""
    lines = [
        f"南通{n}号馆,{CODES[n % 4]},信{n},守合同重信用企业,"
        f"{'某日' if n >= rows - wrong else '2026-01-05'},市信用办"
        for n in range(rows)
    ]
    return "\n".join([HEADING, *lines]).encode()


def hand_in(town: Town, data: bytes, *, dry: bool = False) -> int:
    return enter(town.office, town.people["credit"], "credit_records", "记录.csv", data, dry=dry)


def row_of(town: Town, number: int) -> DataImport:
    with town.session() as session:
        return session.get_one(DataImport, number)


def counted(town: Town, model: Any) -> int:
    with town.session() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


class _Killed(BaseException):
    """The worker is gone."""


def _break_at(monkeypatch: pytest.MonkeyPatch, nth: int, error: BaseException) -> None:
    """Let the piece of that number break off, after what it did and before it is kept."""
    take_in, done = pieces.take_in, [0]

    def breaking(*given: Any) -> None:
        take_in(*given)
        done[0] += 1
        if done[0] == nth:
            raise error

    monkeypatch.setattr(running, "take_in", breaking)


def test_a_run_that_is_killed_is_followed_by_one_that_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PIECE", 10)
    number = hand_in(town, table(45, wrong=7))
    _break_at(monkeypatch, 3, _Killed())
    with pytest.raises(_Killed):
        run_imports(town.office)
    row = row_of(town, number)
    assert (row.state, row.total, row.read_to, row.new) == ("running", 45, 21, 20)
    assert counted(town, OutsideRecord) == 20
    report = run_imports(town.office)
    assert report.done == [
        f"第{number}号导入（外部信用记录，记录.csv）：新增38条，有变化0条，没有变化0条，不能导入7条"
    ]
    assert (counted(town, OutsideRecord), counted(town, ImportRow)) == (38, 45)
    assert run_imports(town.office).done == []


def test_a_fault_of_ours_puts_off_and_after_five_is_the_end(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, other = hand_in(town, table(3)), hand_in(town, table(4))
    _break_at(monkeypatch, 1, RuntimeError("网络中断"))
    report = run_imports(town.office)
    assert report.failed == [f"第{number}号导入：RuntimeError：网络中断"]
    assert row_of(town, other).state == "done"  # it held up no other
    assert run_imports(town.office).done == []
    for _ in range(4):
        _break_at(monkeypatch, 1, RuntimeError("网络中断"))
        town.time.pass_(days=1)
        run_imports(town.office)
    assert (row_of(town, number).state, row_of(town, number).outcome) == (
        "failed",
        "RuntimeError：网络中断",
    )
    monkeypatch.undo()
    town.time.pass_(days=1)
    assert run_imports(town.office).done == []


def test_one_that_another_is_at_is_left_to_it(town: Town) -> None:
    number = hand_in(town, table(3))
    with town.session() as session:
        session.execute(select(DataImport).where(DataImport.id == number).with_for_update())
        report = run_imports(town.office)
    assert (report.skipped, report.done, report.failed) == (1, [], [])
    assert counted(town, OutsideRecord) == 0
    assert len(run_imports(town.office).done) == 1


def test_an_import_asks_for_its_run_and_is_told_in_the_log(town: Town) -> None:
    assert "imports" not in {duty.name for duty in pressing(town.office)}
    tried = hand_in(town, table(3), dry=True)
    with pytest.raises(BadInput, match="试运行完成以后"):
        enter_tried(town.office, town.people["credit"], tried)
    assert "imports" in {duty.name for duty in pressing(town.office)}
    run_imports(town.office)
    assert "imports" not in {duty.name for duty in pressing(town.office)}
    number = enter_tried(town.office, town.people["credit"], tried)
    run_imports(town.office)
    digest = row_of(town, number).digest
    with town.session() as session:
        [said] = session.scalars(select(AdminEntry.said)).all()  # of the dry one nothing
        assert said["kind"] == "data_imported"
        assert said["by"] == town.people["credit"].person_id
        assert (
            f"新增3条，有变化0条，没有变化0条，不能导入0条；来源：记录.csv；文件SHA-256：{digest}"
            in said["ground"]
        )
        assert faults_of_administration(session) == []


def test_what_came_of_rows_is_deleted_and_what_they_said_stays(town: Town) -> None:
    tried = hand_in(town, table(3, wrong=1), dry=True)
    run_imports(town.office)
    town.time.pass_(days=179)
    keep_house(town.office)
    assert (counted(town, ImportRow), counted(town, DataFile)) == (3, 1)
    number = enter_tried(town.office, town.people["credit"], tried)
    run_imports(town.office)
    town.time.pass_(days=2)
    keep_house(town.office)
    # The file is that of a later import, too.
    assert (counted(town, ImportRow), counted(town, DataFile)) == (3, 1)
    town.time.pass_(days=179)
    keep_house(town.office)
    assert (counted(town, ImportRow), counted(town, DataFile)) == (0, 0)
    assert (counted(town, OutsideRecord), row_of(town, number).refused) == (2, 1)
    with pytest.raises(BadInput, match="已经清理"):
        enter_tried(town.office, town.people["credit"], tried)


def test_memory_does_not_grow_with_the_rows(town: Town) -> None:
    def peak(rows: int) -> int:
        hand_in(town, table(rows))
        tracemalloc.start()
        report = run_imports(town.office)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report.failed == []
        return most

    peak(100)
    few, many = peak(1000), peak(4000)
    assert many - few < 500_000, (few, many)


# -- workbooks -------------------------------------------------------------------------------------


def _book(change: Callable[[Any], None]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    change(book.active)
    book.save(out)
    return out.getvalue()


def test_cells_are_read_as_they_show_and_lost_digits_show() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["甲", 91440300708461136, 5, 0.5, date(2026, 1, 5), True, None, "=1+1"])
        sheet.append([])
        sheet.append(["'=1+1", 123456789012345, -3, DAY_AND_HOUR])
        sheet.merge_cells("A5:A7")
        sheet["A5"], sheet["B6"] = "合并", "乙"

    rows = list(lines_of(io.BytesIO(_book(fill))))
    assert rows[0][:6] == ["甲", "9.14403007084611E+16", "5", "0.5", "2026-01-05", "是"]
    assert rows[1] == []
    assert rows[2] == ["=1+1", "123456789012345", "-3", "2026-01-05 09:30:00"]
    assert rows[4:6] == [["合并"], ["", "乙"]]


def test_one_far_cell_costs_no_memory() -> None:
    def far(sheet: Any) -> None:
        sheet.append(["甲", "乙"])
        sheet.cell(1_048_576, 16_384, "远")

    tracemalloc.start()
    first = next(iter(lines_of(io.BytesIO(_book(far)))))
    assert (first, tracemalloc.get_traced_memory()[1] < 20_000_000) == (["甲", "乙"], True)
    tracemalloc.stop()


_SHEET = "xl/worksheets/sheet1.xml"


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _again(change: Callable[[str, bytes], bytes]) -> bytes:
    """A sound workbook with its parts changed."""
    sound = zipfile.ZipFile(io.BytesIO(_book(lambda sheet: sheet.append(["abc", "乙"]))))
    return _packed({name: change(name, sound.read(name)) for name in sound.namelist()})


def _entities(name: str, content: bytes) -> bytes:
    if not name.endswith("sheet1.xml"):
        return content
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 9))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "甲">{bomb}]>'.encode()
    return head + content.replace(b"abc", b"&e8;")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (_packed({"a": b"b"}), "打不开"),
        (_packed({f"{n}": b"" for n in range(600)}), "展开后过大"),
        (_packed({"xl/sharedStrings.xml": b" " * 90_000_000}), "展开后过大"),
        (_packed({"xl/sharedStrings.xml": b"<si/>" * 2_000_100}), "展开后过大"),
        (_packed({"xl/styles.xml": b"<xf/>" * 1_000_000}), "展开后过大"),
        (_packed({_SHEET: b"<row>" + b"<c/>" * 1_100_000}), "展开后过大"),
        (_packed({_SHEET: b"<row>" + b"<!--<row -->".join([b"<c/>" * 900_000] * 3)}), "展开后过大"),
        (_packed({_SHEET: b"<row/>" * 1_048_600}), "展开后过大"),
        (_again(lambda _name, content: content[: len(content) // 2]), "打不开"),
        (_again(_entities), "展开后过大"),
        (_book(lambda sheet: sheet.append(["甲"]))[:-200], "打不开"),
    ],
    ids=[
        "no-workbook",
        "many-parts",
        "bomb",
        "many-texts",
        "styles",
        "long-row",
        "hidden",
        "many-rows",
        "broken-parts",
        "entities",
        "cut-off",
    ],
)
def test_a_workbook_that_is_none_is_told_to_be_none(data: bytes, expected: str) -> None:
    with pytest.raises(Unreadable, match=expected):
        list(lines_of(io.BytesIO(data)))


def test_a_row_far_below_ends_in_time() -> None:
    def forged(name: str, content: bytes) -> bytes:
        return content.replace(b'<row r="1"', b'<row r="99999999999"').replace(b'r="A1"', b"")

    assert all(row == [] for row in lines_of(io.BytesIO(_again(forged))))
