"""Forms of `simple_penalty` 简易程序当场处罚（处罚法51、52）."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from state_machines.enforcement.exemption import forms as exemption
from state_machines.enforcement.penalty.forms import Sentence
from state_machines.language.fields import Confirmed, Form, LongText, ShortText
from state_machines.language.step_names import StepName

Lead = exemption.Lead


class SpotSentence(Sentence):
    """当场处罚: told, heard and decided on the spot, and handed over at once."""

    proof: LongText = Field(title="证据")
    certificates_shown: Confirmed = Field(title="已出示执法证件")
    rights_told: Confirmed = Field(title="已当场告知事实、理由、依据和陈述、申辩权利")
    defence: LongText = Field(title="当事人的陈述、申辩和复核意见")
    recipient: ShortText = Field(title="签收人")
    signing: Literal["签名或者盖章", "拒绝签收"] = Field(title="当事人签收", default="签名或者盖章")
    refusal: Annotated[str, Field(max_length=500)] = Field(
        title="拒绝签收的情况（拒绝的填写）", default=""
    )


class Report(Form):
    """报所属行政机关备案（处罚法52）."""

    note: LongText = Field(title="备案说明")


class Ordinary(Form):
    """转普通程序: why it is not for the spot."""

    reason: LongText = Field(title="不适用简易程序的理由")


# Steps that other code refers to, with what is filled in at them.
PUNISH = StepName("punish", SpotSentence)
REPORT_PENALTY = StepName("report_penalty", Report)
