"""Forms of statement, defence and hearing (陈述申辩、听证)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Form, LongText, ShortText
from state_machines.language.step_names import StepName

Remark = Annotated[str, Field(max_length=1000)]


class Statement(Form):
    """陈述申辩."""

    text: LongText = Field(title="陈述申辩意见")


class HearingRequest(Form):
    """听证申请."""

    reasons: LongText = Field(title="要求听证的事实和理由")


class HearingAppointment(Form):
    """听证通知: when, where, before whom, open or why not."""

    on: date = Field(title="听证日期")
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(title="听证时间")
    room: ShortText = Field(title="听证地点")
    chair: ShortText = Field(title="听证主持人（账号）")
    recorder: ShortText = Field(title="记录人")
    open: bool = Field(title="公开举行", default=True)
    closed_because: Remark = Field(title="不公开的理由", default="")


class Signing(StrEnum):
    """Whether the party signed the minutes (处罚法64第八项)."""

    SIGNED = "核对无误后签名或者盖章"
    REFUSED = "拒绝签名或者盖章"


class HearingRecord(Form):
    """听证笔录."""

    present: LongText = Field(title="到场人员")
    accusation: LongText = Field(title="调查人员提出的事实、证据和处罚建议")
    answer: LongText = Field(title="当事人的申辩和质证")
    closing: LongText = Field(title="双方最后意见")
    opinion: LongText = Field(title="听证主持人意见")
    signing: Signing = Field(title="当事人签名", default=Signing.SIGNED)
    refusal: Remark = Field(title="拒绝签名的情况和见证人", default="")


class Absence(Form):
    """视为放弃听证: who did not come, or left, and how it was told."""

    circumstances: LongText = Field(title="未到场或者中途退出的情况")


class EarlierHearing(Form):
    """要求提前听证: the party does without its days before the hearing."""

    reason: LongText = Field(title="要求提前举行听证的理由")


class Adjournment(Form):
    """延期听证: the day to which a hearing that was opened is put off, as its minutes say."""

    on: date = Field(title="延期至（听证日期）")
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(title="听证时间")
    room: ShortText = Field(title="听证地点")
    reason: LongText = Field(title="延期的理由和当场告知当事人的情况")


# Steps that other code refers to, with what is filled in at them.
STATE_DEFENCE = StepName("state_defence", Statement)
WAIVE_DEFENCE = StepName("waive_defence", Blank)
REQUEST_HEARING = StepName("request_hearing", HearingRequest)
WAIVE_HEARING = StepName("waive_hearing", Blank)
WITHDRAW_HEARING = StepName("withdraw_hearing", Blank)
SCHEDULE_HEARING = StepName("schedule_hearing", HearingAppointment)
ASK_EARLIER_HEARING = StepName("ask_earlier_hearing", EarlierHearing)
ADJOURN_HEARING = StepName("adjourn_hearing", Adjournment)
HOLD_HEARING = StepName("hold_hearing", HearingRecord)
ABANDON_HEARING = StepName("abandon_hearing", Absence)
