"""Forms of `credit_objection` 信用异议."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Form, LongText, Note, Phone, ShortText
from state_machines.language.step_names import StepName

__all__ = ["Answer", "Inquiry", "Note", "Objection"]


class Objection(Form):
    """信用异议申请: against which item of the file, and why."""

    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = Field(title="所在区（行政区划代码）")
    event: Annotated[int, Field(ge=1)] = Field(title="信用记录编号")
    reason: LongText = Field(title="异议事实和理由")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")


class Inquiry(Form):
    """协助核查: who else is asked, and what."""

    whom: ShortText = Field(title="协助核查的单位")
    what: LongText = Field(title="需要核查的内容")


class Answer(Form):
    """处理结果: what was found, and what follows."""

    findings: LongText = Field(title="核查情况")
    conclusion: LongText = Field(title="处理结果和理由")


# Steps that other code refers to, with what is filled in at them.
DROP_OBJECTION = StepName("drop_objection", Blank)
UPHOLD = StepName("uphold", Answer)
