"""Forms from JSON Schema: what they show, and what is read from what was posted."""

from __future__ import annotations

import pytest

from api.html.form_fields import Guide, Option, fields, placed, read, standing
from state_machines.checks.commitment_check import forms as check
from state_machines.language.vocabulary import schema
from state_machines.licensing.instant_licence import forms as licence
from state_machines.parts.intake import forms as intake
from state_machines.parts.officers.forms import Assignment

INSPECTION = schema(check.Inspection)
SUPPLEMENT = schema(intake.SupplementList)
OFFERS = Guide(
    options={"items.*.material": [Option("plans", "平面图"), Option("identity", "身份证明")]},
    offered={"items": [{"material": "plans"}, {"material": "identity"}]},
    fixed=frozenset({"items.*.material"}),
)


def test_an_input_goes_through_its_form_unchanged() -> None:
    given = {
        "mode": "视频核查",
        "place_contact": "李敏",
        "results": [
            {"clause": "用品<消毒>", "met": True, "finding": "一\n二"},
            {"clause": "水质", "met": False, "finding": "未检测"},
        ],
        "summary": "一项不符",
    }
    assert read(INSPECTION, standing(given), Guide())[0] == given


def test_blank_rows_are_dropped_and_errors_still_find_their_field() -> None:
    posted = {
        "items.0.material": [" "],
        "items.0.what": [""],
        "items.3.material": ["消毒记录"],
        "items.3.what": [""],
    }
    given, names = read(SUPPLEMENT, posted, Guide())
    assert given == {"items": [{"material": "消毒记录"}]}
    error = {"field": "items.0.what", "label": "需要补正的内容", "text": "必须填写"}
    assert placed([error], names) == {"items.3.what": "必须填写"}
    (items,) = fields(SUPPLEMENT, posted, Guide(), placed([error], names))
    assert [row.fields[1].error for row in items.rows] == ["", "必须填写"]


def test_an_offered_row_counts_once_it_is_ticked_or_written_in() -> None:
    posted = standing({}, OFFERS)
    assert read(SUPPLEMENT, posted, OFFERS)[0] == {"items": []}
    ticked = {**posted, "items.1._pick": ["1"]}
    assert read(SUPPLEMENT, ticked, OFFERS)[0] == {"items": [{"material": "identity"}]}
    written = {**posted, "items.0.what": ["标明方位"]}
    assert read(SUPPLEMENT, written, OFFERS)[0] == {
        "items": [{"material": "plans", "what": "标明方位"}]
    }


def test_a_row_of_ones_own_is_typed_where_the_offered_ones_are_given() -> None:
    (items,) = fields(SUPPLEMENT, standing({}, OFFERS), OFFERS, more="items")
    assert [row.fields[0].kind for row in items.rows] == ["fixed", "fixed", "text"]
    assert items.rows[0].fields[0].shown == "平面图"
    assert not any(one.required for row in items.rows for one in row.fields)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("860.5", 860.5),
        ("８６０", 860),
        (" 12 ", 12),
        ("-3", -3),
        ("1e5", "1e5"),
        ("nan", "nan"),
        ("一百", "一百"),
        ("9" * 40, "9" * 40),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, meant: object) -> None:
    given, _ = read(schema(licence.Application), {"area_m2": [typed]}, Guide())
    assert given == {"area_m2": meant}


def test_a_text_of_several_lines_keeps_its_letters() -> None:
    given, _ = read(schema(licence.Reasoned), {"reason": ["  一\r\n二 "]}, Guide())
    assert given == {"reason": "  一\n二 "}


def test_truth_must_be_chosen_and_is_never_assumed() -> None:
    posted = {"results.0.clause": ["水质"], "results.0.finding": ["好"]}
    given, _ = read(INSPECTION, posted, Guide())
    assert given["results"] == [{"clause": "水质", "finding": "好"}]
    results = next(one for one in fields(INSPECTION, posted, Guide()) if one.name == "results")
    assert results.rows[0].fields[1].kind == "yes_no"
    assert results.rows[0].fields[1].values == ()


def test_choices_that_may_be_several_are_ticks() -> None:
    guide = Guide(options={"inspectors": [Option("a", "甲"), Option("b", "乙")]})
    form = schema(Assignment)
    (field,) = fields(form, {"inspectors": ["b"]}, guide)
    assert (field.kind, field.values) == ("ticks", ("b",))
    assert read(form, {"inspectors": ["a", "b"]}, guide)[0] == {"inspectors": ["a", "b"]}


def test_a_list_of_texts_is_rows_of_one_field() -> None:
    form = schema(check.Unreachable)
    (field,) = fields(form, {}, Guide())
    assert [row.fields[0].name for row in field.rows] == ["tries.0"]
    assert read(form, {"tries.0": ["去电"], "tries.1": [""]}, Guide())[0] == {"tries": ["去电"]}
