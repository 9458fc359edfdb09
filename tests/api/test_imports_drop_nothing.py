"""An import takes everything that a file says, or refuses it with the row: nothing falls away."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from casework.credit.training.question_bank import COLUMNS as QUESTION_COLUMNS
from tests.api.test_catalogue import as_csv, confirmed, load, table
from tests.support.front import Front, refused

Rows = list[dict[str, str]]
QUESTION = (
    "经营者应当多久检测一次？",
    "每月",
    "每年至少一次",
    "",
    "",
    "B",
    "每年一次",
    "细则第十九条",
)
OWN_SUMS = """
[[violation]]
key = "gc003"
label = "未按照规定对公共场所进行卫生检测"
field = "公共场所"
act = "未按照规定检测"
violated = "《公共场所卫生管理条例实施细则》第十九条"
law = "《公共场所卫生管理条例实施细则》第三十六条"
mark = "U"
note = "裁量档的金额依本市基准，适用前核对"
valid_from = 2026-01-01
penalties = ["警告", "罚款"]
fines = [{ least = 0, most = 2000 }]
discretion = [
    { weight = "lighter", when = "首次", least = 0, most = 500 },
    { weight = "standard", when = "再次", least = 500, most = 1500 },
    { weight = "heavier", when = "多次", least = 1500, most = 2000 },
]
"""


def entry(front: Front, code: str) -> tuple[Rows, int]:
    """The table as it is downloaded, and at which place an entry of several ranges begins."""
    rows = table(front)
    return rows, next(n for n, row in enumerate(rows) if row["代码"] == code)


def told(answer: httpx.Response) -> dict[str, str]:
    problem = refused(answer, 422, "bad-input")
    return {error["label"]: error["text"] for error in problem["errors"]}


# -- the violation catalogue -----------------------------------------------------------------------


def test_a_second_entry_without_its_code_is_no_range_of_the_first(quiet: Front) -> None:
    """As merged cells come out of a spreadsheet."""
    rows, at = entry(quiet, "GC001")
    second = {**rows[at], "代码": "", "案由": "另一案由", "罚款下限": "1", "罚款上限": "9"}
    before = quiet.get("handler1", "/violations/GC001").json()
    said = told(load(quiet, as_csv([rows[at], second])))
    assert list(said) == ["第 3 行"]
    assert "案由" in said["第 3 行"]
    assert "取消合并" in said["第 3 行"]
    assert quiet.get("handler1", "/violations/GC001").json() == before


@pytest.mark.parametrize(
    "column", ["备注", "处罚依据", "从轻条件", "裁量情形", "责令改正", "公示等级"]
)
def test_whatever_else_a_row_without_a_code_fills_is_named(quiet: Front, column: str) -> None:
    rows, at = entry(quiet, "GC001")
    further = dict.fromkeys(rows[at], "") | {"罚款下限": "6000", "罚款上限": "9000", column: "是"}
    said = told(load(quiet, as_csv([rows[at], further])))
    assert column in said["第 3 行"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"罚款下限": "", "罚款上限": ""}, "写明了情形，没有写罚款幅度"),
        ({"从轻条件": "", "一般条件": "", "从重条件": ""}, "写明了裁量情形"),
        ({"罚款下限": "1e3"}, "罚款下限：应为金额或者倍数"),
        ({"罚款下限": "1_000"}, "罚款下限：应为金额或者倍数"),
        ({"罚款下限": "٥٠٠"}, "罚款下限：应为金额或者倍数"),
        ({"罚款上限": "1,00"}, "罚款上限：应为金额或者倍数"),
        ({"罚款上限": "1万元"}, "罚款上限：应为金额或者倍数"),
        ({"违法行为": "甲\x07乙"}, "U+0007"),
        ({"违法行为": "甲\x00乙"}, "U+0000"),
    ],
)
def test_a_cell_that_would_not_be_used_as_it_stands(
    quiet: Front, changes: dict[str, str], text: str
) -> None:
    rows, at = entry(quiet, "GC001")
    said = told(load(quiet, as_csv([{**rows[at], **changes}])))
    assert text in said["第 2 行"]


@pytest.mark.parametrize(
    ("typed", "sum_"),
    [
        ("２９５００", "29,500"),
        ("29,500.50元", "29,500.50"),
        (" 29500 ", "29,500"),
        ("２９，５００", "29,500"),
    ],
)
def test_a_sum_is_read_as_spreadsheets_write_it(front: Front, typed: str, sum_: str) -> None:
    rows, at = entry(front, "GC002")
    changed = {**rows[at], "罚款上限": typed, "代码": "ｇｃ００２", "处罚种类": "警告，罚款"}
    assert confirmed(front, load(front, as_csv([changed]))) == ["GC002"]
    found = front.get("handler1", "/violations/GC002").json()
    assert found["fines"][0]["fine"] == f"5,000元以上{sum_}元以下"
    assert found["penalties"] == ["警告", "罚款"]


def test_blank_rows_other_orders_and_line_breaks_change_nothing(quiet: Front) -> None:
    rows = table(quiet)
    columns = sorted(rows[0])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([f" {name[:2]}\n{name[2:]}\u200b" for name in columns] + ["", ""])
    for row in rows:
        writer.writerow([f"{row[name]} " if row[name] else "" for name in columns] + ["", " "])
        writer.writerow([])
    done = load(quiet, "\ufeff" + out.getvalue()).json()
    assert (done["loaded"], len(done["unchanged"])) == ([], 83)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("代码,案由,案由\nGC1,甲,乙\n", "列名重复：案由"),
        ("代码,案由,\nGC1,甲,乙\n", "第 3 列有内容，没有列名"),
        ('代码,案由\nGC1,"甲\nGC2,乙\n', "第2行起引号没有配对"),
        ("代码;案由\nGC1;甲\n", "没有这些列：代码;案由"),
    ],
)
def test_a_table_that_would_lose_a_column(quiet: Front, text: str, said: str) -> None:
    assert said in refused(load(quiet, text), 422, "bad-input")["detail"]


def test_what_the_table_has_no_column_for_is_not_lost_by_it(front: Front) -> None:
    """The sums of a step of discretion came by a rule file."""
    assert confirmed(front, load(front, OWN_SUMS, name="规则.toml")) == ["GC003"]
    before = front.get("handler1", "/violations/GC003").json()
    rows, at = entry(front, "GC003")
    assert load(front, as_csv(rows)).json()["loaded"] == []
    rows[at]["备注"] = "改过"
    said = told(load(front, as_csv(rows)))
    assert said == {f"第 {at + 2} 行": said[f"第 {at + 2} 行"]}
    assert "规则文件（.toml）" in said[f"第 {at + 2} 行"]
    assert front.get("handler1", "/violations/GC003").json() == before


@pytest.mark.parametrize("form", [{"valid_from": "2026-02-01"}, {"valid_to": "2027-02-01"}])
def test_a_date_that_a_rule_file_does_not_go_by(quiet: Front, form: dict[str, str]) -> None:
    said = told(load(quiet, OWN_SUMS, name="规则.toml", **form))
    assert "不会采用" in said["生效日期"]


# -- the question bank -----------------------------------------------------------------------------


def ask(front: Front, *rows: tuple[str, ...], columns: tuple[str, ...] = QUESTION_COLUMNS) -> Any:
    out = io.StringIO()
    csv.writer(out).writerows([columns, *rows])
    return front.ask(
        "credit", "POST", "/credit/questions", files={"file": ("题库.csv", out.getvalue().encode())}
    )


@pytest.mark.parametrize("answer", ["AB", "BC", "A、B", "ＡＢ"])
def test_of_two_right_answers_none_is_lost(quiet: Front, answer: str) -> None:
    row = tuple(answer if cell == "B" else cell for cell in QUESTION)
    problem = refused(ask(quiet, row), 422, "bad-input")
    assert "第2行：答案应为已填写的选项字母之一，只能有一个" in problem["detail"]


def test_a_question_is_one_by_any_width(front: Front) -> None:
    row = tuple("ｂ" if cell == "B" else cell for cell in QUESTION)
    assert ask(front, row).json()["added"] == 1
    again = tuple(f"\u200b{cell}" if cell == QUESTION[0] else cell for cell in QUESTION)
    assert "重复" in refused(ask(front, again), 422, "bad-input")["detail"]


def test_columns_in_another_order(front: Front) -> None:
    order = sorted(range(len(QUESTION)), reverse=True)
    columns, row = (tuple(of[n] for n in order) for of in (QUESTION_COLUMNS, QUESTION))
    assert ask(front, row, columns=columns).json()["added"] == 1
