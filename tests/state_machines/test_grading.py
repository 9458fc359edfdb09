"""Grading of places: both sides of each line, vital items, what is left out, and a bad sheet."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from rulebook.models import GradingTable, RulebookError, parse_as
from rulebook.shipped import shipped_editions
from state_machines.grading.scoring import Mark, faults, grade

(TABLE,) = (
    parse_as(GradingTable, e.content) for e in shipped_editions() if e.kind == "grading_table"
)
# A table of a hundred points in which one item stands for what is lost.
HUNDRED = GradingTable.model_validate(
    {
        "key": "public_places",
        "label": "表",
        "law": "某规定",
        "mark": "U",
        "parts": [
            {
                "key": "all",
                "label": "全部",
                "items": [
                    {"key": "vital", "text": "关键", "law": "某条", "points": 10, "vital": True},
                    {"key": "rest", "text": "其余", "law": "某条", "points": 90},
                ],
            },
            {
                "key": "pool",
                "label": "泳池",
                "applies_to": ["swimming_pool"],
                "items": [
                    {"key": "bath", "text": "浸脚", "law": "某条", "points": 20, "optional": True}
                ],
            },
        ],
        "grades": [
            {"grade": "A", "label": "优秀", "least": 90},
            {"grade": "B", "label": "良好", "least": 70},
            {"grade": "C", "label": "一般", "least": 60},
        ],
    }
)


def lost(points: int, vital: int = 10) -> list[Mark]:
    return [Mark("vital", vital, "看"), Mark("rest", 90 - points, "看")]


def full(kind: str) -> list[Mark]:
    return [Mark(item.key, item.points) for part in TABLE.parts_for(kind) for item in part.items]


@pytest.mark.parametrize(
    ("score", "letter"),
    [(100, "A"), (90, "A"), (89, "B"), (70, "B"), (69, "C"), (60, "C"), (59, ""), (10, "")],
)
def test_each_line_from_both_sides(score: int, letter: str) -> None:
    graded = grade(HUNDRED, "hotel", lost(100 - score))
    assert graded.score == score
    assert (graded.grade.grade if graded.grade else "") == letter


def test_a_vital_item_not_met_bars_every_grade() -> None:
    graded = grade(HUNDRED, "hotel", lost(0, vital=0))
    assert (graded.score, graded.grade, graded.vetoes) == (90, None, ("关键",))


def test_what_a_place_has_not_counts_on_neither_side() -> None:
    without = grade(HUNDRED, "swimming_pool", [*lost(10), Mark("bath", None)])
    assert (without.got, without.most, without.score) == (90, 100, 90)
    withit = grade(HUNDRED, "swimming_pool", [*lost(10), Mark("bath", 17, "看")])
    # 107 of 120 are 89.17: the fraction is cut off, and never lifts a grade.
    assert (withit.got, withit.most, withit.score) == (107, 120, 89)
    assert withit.grade is not None
    assert withit.grade.grade == "B"
    # 90 percent of 120 to the point.
    assert grade(HUNDRED, "swimming_pool", [*lost(10), Mark("bath", 18, "看")]).score == 90


def test_a_hair_below_a_line_is_below_it() -> None:
    # 89.99…: 113.4 of 126 would be the line.
    marks = full("hotel")
    short = [Mark("air", 0, "看") if one.item == "air" else one for one in marks]
    short = [Mark("files", 1, "看") if one.item == "files" else one for one in short]
    graded = grade(TABLE, "hotel", short)
    assert (graded.got, graded.most, graded.score) == (113, 126, 89)
    assert graded.grade is not None
    assert graded.grade.grade == "B"


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        ("hotel", "住宿场所"),
        ("barber", "美容美发场所"),
        ("beauty_salon", "美容美发场所"),
        ("swimming_pool", "游泳场所"),
        ("bathhouse", "沐浴场所"),
        ("shop", ""),
    ],
)
def test_each_kind_of_place_has_its_part(kind: str, own: str) -> None:
    parts = [part.label for part in TABLE.parts_for(kind)]
    assert parts == ["卫生管理", "卫生设施", *([own] if own else [])]
    best = grade(TABLE, kind, full(kind))
    assert (best.score, best.vetoes) == (100, ())
    # Each vital item of the kind, and it alone, bars.
    for item in (one for part in TABLE.parts_for(kind) for one in part.items if one.vital):
        marks = [Mark(one.item, 0 if one.item == item.key else one.points) for one in full(kind)]
        assert grade(TABLE, kind, marks).vetoes == (item.text,)
        assert grade(TABLE, kind, marks).grade is None


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (lost(0)[:1], "“其余”没有评分"),
        ([*lost(0), Mark("rest", 90)], "“其余”重复评分"),
        ([*lost(0), Mark("odd", 1)], "没有项目“odd”"),
        ([lost(0)[0], Mark("rest", 91)], "应为0至90分，填写的是91分"),
        ([lost(0)[0], Mark("rest", None)], "“其余”不能作为合理缺项"),
        ([lost(0)[0], Mark("rest", 89)], "“其余”扣分的，应写明现场情况"),
        ([Mark("vital", 5, "看"), lost(0)[1]], "关键项，只能评0分或者10分"),
        ([*lost(0), Mark("bath", 20)], "没有项目“bath”"),
    ],
)
def test_a_bad_sheet_is_told_item_by_item(marks: list[Mark], said: str) -> None:
    assert any(said in fault for fault in faults(HUNDRED, "hotel", marks))
    assert faults(HUNDRED, "hotel", lost(3)) == ()


def test_a_table_whose_grades_do_not_fall_or_whose_items_repeat_is_refused() -> None:
    content = HUNDRED.model_dump(mode="json")
    worse = {**content, "grades": list(reversed(content["grades"]))}
    with pytest.raises(RulebookError, match="分数线"):
        parse_as(GradingTable, worse)
    part = content["parts"][0]
    with pytest.raises(RulebookError, match="key 不能重复"):
        parse_as(GradingTable, {**content, "parts": [part, {**part, "key": "again"}]})
    with pytest.raises(ValidationError):
        GradingTable.model_validate({**content, "parts": []})
