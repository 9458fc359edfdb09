"""What was filled in is read as the forms of its steps, and never refused or changed."""

from __future__ import annotations

import copy
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from casework.common.typed_inputs import Inputs, read
from state_machines.language.fields import Blank, Form
from state_machines.language.step_names import StepName


class Colour(StrEnum):
    RED = "红"
    BLUE = "蓝"


class Row(Form):
    what: Annotated[str, Field(max_length=3)] = Field(title="事项")
    met: bool = Field(title="符合")


class Sheet(Form):
    title: Annotated[str, Field(min_length=2, max_length=4)] = Field(title="标题")
    on: date = Field(title="日期")
    until: date | None = Field(title="截止", default=None)
    colour: Colour = Field(title="颜色")
    weight: Literal["light", "heavy"] = Field(title="轻重")
    rows: list[Row] = Field(title="各项", min_length=1)
    count: Annotated[int, Field(ge=1)] = Field(title="数量")
    note: str = Field(title="备注", default="无")


class Titled(Form):
    title: str = Field(title="标题")


FILL = StepName("fill", Sheet)
LEAVE = StepName("leave", Blank)

GIVEN = {
    "title": "表",  # shorter than today's form allows
    "on": "2026-09-01",
    "until": "2026-10-01",
    "colour": "蓝",
    "weight": "heavy",
    "rows": [{"what": "超过三个字", "met": True}],
    "count": 0,
    "former": "a field that the form has no more",
}


def test_what_was_given_is_taken_as_it_stands_in_the_types_of_the_form() -> None:
    sheet = read(Sheet, GIVEN)
    assert (sheet.title, sheet.on, sheet.until) == ("表", date(2026, 9, 1), date(2026, 10, 1))
    assert sheet.colour is Colour.BLUE
    assert sheet.rows == [Row.model_construct(what="超过三个字", met=True)]
    assert (sheet.weight, sheet.count, sheet.note) == ("heavy", 0, "无")
    assert sheet.model_fields_set == set(GIVEN) - {"former"}
    assert not hasattr(sheet, "former")


def test_what_was_not_given_is_empty_or_by_default() -> None:
    sheet = read(Sheet, {})
    assert (sheet.title, sheet.colour, sheet.weight, sheet.note) == ("", "", "", "无")
    assert (sheet.on, sheet.until, sheet.count) == (None, None, 0)
    assert sheet.rows == []
    assert sheet.model_fields_set == set()
    assert read(Sheet, {}).rows is not sheet.rows
    assert read(Row, {}).met is False


def test_what_the_form_does_not_know_is_left_as_it_was() -> None:
    """A choice of an older version, a list where the form now has a text."""
    sheet = read(Sheet, {"colour": "绿", "rows": "见附件", "on": "九月", "title": ["甲", "乙"]})
    assert (sheet.colour, sheet.rows, sheet.title) == ("绿", "见附件", ["甲", "乙"])
    assert sheet.on is None


def test_steps_are_asked_for_by_their_names() -> None:
    inputs = Inputs({"application": {"title": "申请"}, "fill": GIVEN, "leave": {}})
    assert inputs.application(Titled).title == "申请"
    filled = inputs.at(FILL)
    assert filled is not None
    assert filled.colour is Colour.BLUE
    assert inputs.needed(FILL) is filled  # read once
    assert inputs.at(StepName("never", Sheet)) is None
    assert FILL in inputs
    assert "never" not in inputs
    assert inputs.latest([FILL, LEAVE]) is LEAVE
    assert inputs.last([FILL]) is filled
    assert [one.title for one in inputs.saying(Titled)] == ["申请", "表"]
    assert inputs.printed(FILL) == GIVEN


def test_what_came_before_can_be_looked_at_alone() -> None:
    inputs = Inputs({"application": {}, "fill": GIVEN, "leave": {}})
    assert list(inputs.without("fill")) == ["application", "leave"]
    assert list(inputs.until("fill")) == ["application", "fill"]


def test_data_that_go_on_are_read_again() -> None:
    data = {"application": {"title": "旧"}}
    inputs = Inputs(data)
    assert inputs.application(Titled).title == "旧"
    data["application"] = {"title": "新"}
    assert inputs.application(Titled).title == "新"


def test_a_name_is_a_text_with_a_form_also_when_copied() -> None:
    assert {"fill": 1}[FILL] == 1
    assert f"{FILL}.title" == "fill.title"
    twin = copy.deepcopy(FILL)
    assert (twin, twin.form, twin.former) == ("fill", Sheet, False)
