"""Forms of `credit_talk` 信用约谈."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Form, LongText, Phone, Reasoned, ShortText
from state_machines.language.step_names import StepName

__all__ = ["Cause", "Conclusion", "Improvement", "Invitation", "Reasoned", "Talk"]

_Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Cause(Form):
    """约谈事由: why there is to be a talk."""

    reason: LongText = Field(title="约谈事由")


class Invitation(Form):
    """约谈通知: when and where, with whom, about what."""

    day: date = Field(title="约谈日期")
    time: _Time = Field(title="约谈时间（时:分）")
    room: ShortText = Field(title="约谈地点")
    invited: ShortText = Field(title="约谈对象（姓名或者职务）")
    matters: LongText = Field(title="约谈内容")
    contact_name: ShortText = Field(title="机关联系人")
    contact_phone: Phone = Field(title="机关联系电话")


class Talk(Form):
    """约谈记录: who came, what was said on both sides, what is asked for."""

    attending: ShortText = Field(title="到场人员（姓名、职务）")
    recorder: ShortText = Field(title="记录人")
    told: LongText = Field(title="告知的失信情况、扣分项目和提升办法")
    answer: LongText = Field(title="约谈对象的说明")
    demands: LongText = Field(title="整改要求")


class Improvement(Form):
    """整改情况报告: what the party has put right."""

    measures: LongText = Field(title="整改措施和结果")
    reporter: ShortText = Field(title="报告人")


class Conclusion(Form):
    """办结意见: what became of the demands."""

    conclusion: LongText = Field(title="整改核实情况和办结意见")


# Steps that other code refers to, with what is filled in at them.
INVITE = StepName("invite", Invitation)
