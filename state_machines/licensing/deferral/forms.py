"""Forms of `deferral` 容缺材料补交."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from state_machines.language.fields import Form, LongText, Note, ShortText
from state_machines.language.step_names import StepName

__all__ = ["Deferral", "Note", "Rejection"]


class Deferral(Form):
    """What was left for later when the licence was granted, and until when."""

    place_name: ShortText = Field(title="单位（场所）名称")
    place_kind: ShortText = Field(title="经营项目")
    address: ShortText = Field(title="经营场所地址")
    licence_number: ShortText = Field(title="许可证编号")
    materials: list[ShortText] = Field(
        title="待补交的材料", max_length=20, json_schema_extra={"uniqueItems": True}
    )
    promised_on: date = Field(title="承诺日期")
    due: date = Field(title="补交期限")


class Rejection(Form):
    """补交的材料不符合要求."""

    what: LongText = Field(title="不符合要求的内容")


# Steps that other code refers to, with what is filled in at them.
RETURN_ITEMS = StepName("return_items", Rejection)
