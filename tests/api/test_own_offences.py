"""Offences that an office adds to the catalogue itself: their stages and articles are judged when
they are loaded, and cases are judged by them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.test_catalogue import as_csv, confirmed, load, table
from tests.api.test_enforcement_pages import page
from tests.support.desk import Desk
from tests.support.exemptions import HANDLERS
from tests.support.front import Front, refused
from tests.support.penalties import (
    INPUTS,
    OPINION,
    RECONSIDERED,
    WARNING,
    fine,
    inputs_of,
    sentence,
)

OWN = {
    "代码": "NT001",
    "案由": "未按照规定公示集中空调清洗记录",
    "领域": "公共场所",
    "违法行为": "公共场所经营者未按照规定公示集中空调通风系统清洗记录",
    "违反条款": "《南通市公共场所卫生条例》第十二条第二款",
    "处罚依据": "《南通市公共场所卫生条例》第三十条第一款第（二）项",
    "责任主体": "公共场所的经营者",
    "把握程度": "未全部核对",
    "备注": "第十二条的款次没有核对，引用前核对",
    "处罚种类": "警告、罚款、责令停产停业",
    "处罚种类的情形": "责令停产停业：情节严重",
    "责令改正": "是",
    "危害生命健康": "否",
    "不适用首违": "否",
    "公示等级": "轻微",
    "情形": "直接处罚",
    "罚款下限": "0",
    "罚款上限": "1000",
    "从轻条件": "缺一项",
    "一般条件": "缺两项",
    "从重条件": "均缺",
}
FAILED = {"情形": "逾期不改正", "罚款下限": "1000", "罚款上限": "5000"}


def _rows(*further: dict[str, str], **changes: str) -> str:
    columns = dict.fromkeys([*OWN, "情形说明", "裁量情形", "违法所得起", "违法所得不满"], "")
    return as_csv([columns | OWN | changes, *(columns | row for row in further or (FAILED,))])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"违反条款": "《某某条例》"}, "违反条款：《某某条例》没有写明第几条"),
        ({"违反条款": "本市有关规定"}, "违反条款：只写条款"),
        ({"处罚依据": "《南通市公共场所卫生条例》罚则"}, "处罚依据：只写条款"),
        ({"处罚依据": "《南通市公共场所卫生条例》第三十条等"}, "处罚依据：只写条款"),
        ({"备注": ""}, "备注：没有核对条文的"),
        ({"责令改正": "否"}, "责令改正：有“逾期不改正”的处罚"),
        ({"裁量情形": "情节严重"}, "裁量情形：“情节严重”没有罚款幅度"),
        ({"把握程度": "差不多"}, "把握程度：只能是已核对条文、未全部核对、不确定"),
        ({"处罚种类的情形": "责令关闭：情节严重"}, "整条：处罚种类的情形只写本案由罚则中"),
        ({"处罚种类的情形": "罚款：情节严重"}, "整条：处罚种类的情形只写本案由罚则中"),
        ({"处罚种类的情形": "责令停产停业：随时"}, "处罚种类的情形：应写成"),
    ],
)
def test_what_nobody_could_decide_by_is_told_by_its_row(
    quiet: Front, changes: dict[str, str], text: str
) -> None:
    for check_only in ("true", ""):
        answer = load(quiet, _rows(**changes), check_only=check_only)
        problem = refused(answer, 422, "bad-input")
        assert [error["label"] for error in problem["errors"]] == ["第 2 行"]
        assert problem["errors"][0]["text"].startswith(text)
    refused(quiet.get("handler1", "/violations/NT001"), 404, "not-found")


def test_every_fault_of_a_row_is_told(quiet: Front) -> None:
    faulty = _rows(违反条款="本市有关规定", 备注="", 责令改正="否")
    problem = refused(load(quiet, faulty), 422, "bad-input")
    assert [(one["label"], one["text"][:4]) for one in problem["errors"]] == [
        ("第 2 行", "违反条款"),
        ("第 2 行", "备注：没"),
        ("第 2 行", "责令改正"),
    ]


def test_two_ranges_for_one_income_are_refused(quiet: Front) -> None:
    second = {"情形": "直接处罚", "罚款下限": "500", "罚款上限": "900"}
    problem = refused(load(quiet, _rows(second)), 422, "bad-input")
    assert "“直接处罚”有两个幅度适用于同一违法所得" in problem["detail"]
    # By income they may stand beside each other.
    apart = [{**second, "违法所得起": "100"}]
    done = load(quiet, _rows(*apart, 违法所得不满="100"), check_only="true").json()
    assert done["loaded"] == ["NT001"]


def test_a_rule_file_is_judged_the_same(quiet: Front) -> None:
    text = """
[[violation]]
key = "nt002"
label = "某违法行为"
field = "公共场所"
act = "某违法行为"
violated = "《某条例》"
law = "《某条例》第三条"
mark = "S"
valid_from = 2026-01-01
penalties = ["警告"]
"""
    problem = refused(load(quiet, text, name="规则.toml"), 422, "bad-input")
    assert "案由“nt002”：违反条款：《某条例》没有写明第几条" in problem["detail"]
    right = text.replace('《某条例》"', '《某条例》第二条"')
    done = load(quiet, right, name="规则.toml", check_only="true").json()
    assert done["loaded"] == ["nt002".upper()]


def test_a_try_loads_nothing(quiet: Front) -> None:
    done = load(quiet, _rows(), check_only="true").json()
    assert done == {"loaded": ["NT001"], "unchanged": [], "awaits": None}
    refused(quiet.get("handler1", "/violations/NT001"), 404, "not-found")


def test_stages_and_articles_come_with_it_and_go_out_again(front: Front) -> None:
    assert confirmed(front, load(front, _rows())) == ["NT001"]
    found = front.get("handler1", "/violations/NT001").json()
    assert found["stages"] == [
        {"kind": "警告", "labels": ["直接处罚"]},
        {"kind": "罚款", "labels": ["直接处罚", "逾期不改正"]},
        {"kind": "责令停产停业", "labels": ["情节严重"]},
    ]
    assert (found["liable"], found["edition"]["mark"]) == ("公共场所的经营者", "L")
    [row] = [row for row in table(front) if row["代码"] == "NT001"]
    assert {name: row[name] for name in OWN} == OWN
    # Only this office has it.
    refused(front.get("window_b", "/violations/NT001"), 404, "not-found")
    assert load(front, as_csv(table(front))).json()["loaded"] == []


def _proposed(desk: Desk, number: str, *measures: dict[str, Any], **changes: Any) -> list[str]:
    said = sentence(*measures, **{"violation": "NT001", "gravity": "", **changes})
    given = {**inputs_of(desk.town, number, "propose", {}), **INPUTS["propose"], **said}
    answer = desk.take(number, "propose", HANDLERS, given)
    problem = refused(answer, 409, "guard-refused")
    return [one["code"] for one in problem["reasons"]]


def test_a_case_is_judged_by_what_the_office_added(desk: Desk) -> None:
    assert confirmed(desk.front, load(desk.front, _rows(), valid_from="2026-01-01")) == ["NT001"]
    number = desk.open(violation="NT001")
    desk.go(number, *OPINION[:-1])
    law = "《南通市公共场所卫生条例》第三十条第一款第二项"
    closing = {"kind": "责令停产停业", "amount": "", "days": 10, "detail": "整改期间"}
    assert _proposed(desk, number, WARNING, closing, basis=law) == ["measure_not_of_the_stage"]
    graver = {"stage": "uncorrected", "basis": law}
    assert _proposed(desk, number, fine("2600.00"), **graver) == ["not_proved_uncorrected"]
    strange = "《南通市公共场所卫生条例》第三十条第一款第三项"
    assert "basis_missing" in _proposed(desk, number, WARNING, basis=strange)
    given = sentence(WARNING, fine("500.00"), violation="NT001", basis=law)
    assert (
        desk.go(number, ("propose", HANDLERS), propose={**INPUTS["propose"], **given}) == "opinion"
    )


# --- What is not sure is told to those who decide by it -------------------------------------------


def test_officers_are_told_what_is_not_sure_and_the_party_is_not(desk: Desk) -> None:
    number = desk.open()  # GC004, of which the article of the duty was not read
    desk.go(number, *OPINION)
    told = ("条文待核对", "义务条款（第十四条）只见于公开的处罚案例", "公共场所的经营者")
    for who, path in (
        ("handler1", f"/cases/{number}/steps/notify"),
        ("handler1", f"/cases/{number}"),
        ("legal", f"/cases/{number}"),
        ("approver", f"/cases/{number}"),
    ):
        shown = page(desk.front, who, path).text
        assert all(words in shown for words in told), (who, path)
    assert "条文待核对" not in page(desk.front, "applicant", f"/cases/{number}").text


def test_the_reviewer_sees_it_beside_the_questions_and_no_paper_does(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *RECONSIDERED, ("submit_review", "handler1"))
    shown = page(desk.front, "legal", f"/cases/{number}/review").text
    assert "只见于公开的处罚案例" in shown
    assert "只见于公开的处罚案例" not in desk.paper(number, "penalty_notice")


def test_where_a_violation_is_chosen_a_word_says_that_it_is_to_be_checked(quiet: Front) -> None:
    shown = page(quiet, "inspector1", "/leads/new").text
    assert "GC004 未按照规定清洗、消毒、保洁顾客用品用具（条文待核对）" in shown
    assert "GC003 未按照规定对公共场所进行卫生检测</option>" in shown
    entry = page(quiet, "handler1", "/violations/GC012").text
    assert "条、款都须核对" in entry
    assert "U：" not in entry
    assert "责令停产停业（情节严重）" in entry
