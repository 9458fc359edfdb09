"""Forms of 行政复议 and 行政诉讼: what the party filed, and how it ended."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.forms.common import Form, LongText, ShortText


class Filed(Form):
    """复议、起诉登记: before whom, under which number, since when."""

    body: ShortText = Field(title="复议机关（人民法院）")
    number: ShortText = Field(title="案号")
    on: date | None = Field(title="申请（起诉）日期", default=None)
    note: Annotated[str, Field(max_length=1000)] = Field(title="请求事项", default="")


class Upheld(StrEnum):
    """Ends that leave the decision as it is."""

    UPHELD = "维持原决定"
    REJECTED = "驳回请求"
    WITHDRAWN = "申请人（原告）撤回"
    ENDED = "终止审理"


class Changed(StrEnum):
    """Ends that do not."""

    QUASHED = "撤销"
    PARTLY_QUASHED = "部分撤销"
    CHANGED = "变更"
    REDO = "撤销并责令重新作出"
    UNLAWFUL = "确认违法"
    VOID = "确认无效"


class Outcome(Form):
    """The paper that ended it; without a day of its own it bears the legal date of the step."""

    number: ShortText = Field(title="文书名称和文号")
    on: date | None = Field(title="文书送达当事人日期", default=None)


class Standing(Outcome):
    """决定维持."""

    result: Upheld = Field(title="结果")


class Overturned(Outcome):
    """决定被改变."""

    result: Changed = Field(title="结果")
    reasons: LongText = Field(title="改变的内容和理由（公开说明撤回公示的理由）")
