"""Form of the statement that tells an act apart from an earlier one."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Form, ShortText


class Difference(StrEnum):
    """In what two acts differ."""

    TIME = "时间"
    PLACE = "地点"
    OBJECT = "对象或者行为"


class Distinction(Form):
    """说明与先前案件的区别: the earlier case, and the facts that tell the two acts apart."""

    case: ShortText = Field(title="先前案件的编号")
    differs_in: list[Difference] = Field(
        title="不同之处", min_length=1, max_length=3, json_schema_extra={"uniqueItems": True}
    )
    statement: Annotated[str, Field(min_length=10, max_length=2000)] = Field(
        title="两个违法行为在时间、地点、对象上的不同（写明事实）"
    )


class Conducted(Form):
    """What a lead or a referral says of what was done, as far as others are compared with it."""

    violation: str = Field(title="涉嫌案由", default="")
    act_on: date | None = Field(title="违法行为发生日期", default=None)
    found_on: date | None = Field(title="发现日期", default=None)
    address: str | None = Field(title="地址", default=None)
