"""Forms of `place_grading` 量化分级评定."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Form, LongText, Reasoned, ShortText
from state_machines.language.step_names import StepName
from state_machines.parts.officers.forms import Assignment

__all__ = ["Assignment", "Award", "Reasoned", "Sheet", "Task"]


class Occasion(StrEnum):
    """Why the place is looked at."""

    ROUTINE = "日常监督检查"
    DRAWN = "双随机抽查"
    ASKED = "经营者申请重新评定"


class Task(Form):
    """Which licensed place is to be graded; of a random check also which draw named it."""

    licence: ShortText = Field(title="许可证编号")
    occasion: Occasion = Field(title="检查类型", default=Occasion.ROUTINE)
    place_name: ShortText = Field(title="单位名称", json_schema_extra={"readOnly": True})
    place_kind: ShortText = Field(title="经营项目", json_schema_extra={"readOnly": True})
    address: ShortText = Field(title="经营场所地址", json_schema_extra={"readOnly": True})
    draw: Annotated[str, Field(max_length=60)] = Field(title="抽取编号", default="")


class ItemMark(Form):
    """One item: its points, or none where the place has none of it (合理缺项)."""

    item: ShortText = Field(title="评分项目")
    points: Annotated[int, Field(ge=0, le=100)] | None = Field(
        title="得分（合理缺项的不填）", default=None
    )
    finding: Annotated[str, Field(max_length=500)] = Field(title="现场情况", default="")


class Sheet(Form):
    """量化分级评分表: every item for this kind of place."""

    place_contact: ShortText = Field(title="现场负责人")
    marks: list[ItemMark] = Field(title="逐项评分", min_length=1, max_length=100)
    statement: Annotated[str, Field(max_length=1000)] = Field(title="现场负责人的意见", default="")
    summary: LongText = Field(title="检查意见")


class Award(Form):
    """评定意见."""

    opinion: LongText = Field(title="评定意见")


# Steps that other code refers to, with what is filled in at them.
SCORE = StepName("score", Sheet)
AWARD = StepName("award", Award)
LEAVE_UNRATED = StepName("leave_unrated", Award)
CALL_OFF = StepName("call_off", Reasoned)
