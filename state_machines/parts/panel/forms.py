"""Forms of the discussion of a case by the heads of the authority (集体讨论)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from state_machines.language.fields import Blank, Form, LongText, ShortText
from state_machines.language.step_names import StepName


class Choice(StrEnum):
    """How a member votes (表决)."""

    FOR = "同意"
    AGAINST = "不同意"
    ABSTAIN = "弃权"


class Vote(Form):
    """A member's opinion and vote."""

    choice: Choice = Field(title="表决")
    opinion: LongText = Field(title="发表的意见")


class PanelMinute(Form):
    """集体讨论笔录; members, opinions and votes come from the votes themselves."""

    room: ShortText = Field(title="讨论地点")
    presiding: ShortText = Field(title="主持人（本机关负责人）")
    recorder: ShortText = Field(title="记录人")
    attending: ShortText = Field(title="列席人员", default="无")
    report: LongText = Field(title="承办人汇报案情")
    conclusion: LongText = Field(title="讨论结论")


# Steps that other code refers to, with what is filled in at them.
VOTE = StepName("vote", Vote)
CONCLUDE_PANEL = StepName("conclude_panel", PanelMinute)
REJECT_IN_PANEL = StepName("reject_in_panel", PanelMinute)
FORGO_PANEL = StepName("forgo_panel", Blank)
