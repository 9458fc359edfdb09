"""Forms of the promise route (告知承诺): education before it, and the promise itself."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import (
    Blank,
    Confirmed,
    Form,
    LongText,
    Look,
    Reasoned,
    ShortText,
)
from state_machines.language.step_names import StepName


class Answer(Form):
    """What was chosen for one question, counted from 0."""

    question: ShortText = Field(title="题目")
    choice: Annotated[int, Field(ge=0, le=9)] = Field(title="答案")


class Answers(Form):
    """准入前诚信教育: the answers."""

    answers: list[Answer] = Field(title="答题", min_length=1, max_length=20)


class Commitment(Form):
    """告知承诺书: each statement must be made."""

    knows_notice: Confirmed = Field(title="已经知晓行政机关告知的全部内容")
    meets_conditions: Confirmed = Field(
        title="已经符合（或者将在承诺的日期前符合）告知的许可条件、标准和要求"
    )
    ready_by: date | None = Field(title="尚未符合条件的，承诺于此日前符合", default=None)
    true_will: Confirmed = Field(title="所作承诺是本单位（本人）真实意思表示")
    accepts_liability: Confirmed = Field(title="愿意承担不实承诺、违反承诺的法律责任")
    consents_to_publication: Confirmed = Field(title="同意依法公开承诺书及履行情况")
    signer: ShortText = Field(title="签署人姓名")


class CommitmentToGoOn(Form):
    """延续、变更告知承诺书: of a place that is open, so that nothing is promised for later."""

    knows_notice: Confirmed = Field(title="已经知晓行政机关告知的全部内容")
    meets_conditions: Confirmed = Field(
        title="许可条件没有改变，现在符合告知的许可条件、标准和要求"
    )
    true_will: Confirmed = Field(title="所作承诺是本单位（本人）真实意思表示")
    accepts_liability: Confirmed = Field(title="愿意承担不实承诺、违反承诺的法律责任")
    consents_to_publication: Confirmed = Field(title="同意依法公开承诺书及履行情况")
    signer: ShortText = Field(title="签署人姓名")


class UnfitForPromise(StrEnum):
    """Why an application cannot be granted on a promise (不适用告知承诺)."""

    CONDITIONS = "核实的情况与承诺的许可条件不符或者存疑"
    MATERIALS = "申请材料不能支持所作的承诺"
    SCOPE = "申请事项不在可以告知承诺的范围内"
    RECORD = "申请人有不适用告知承诺的情形"


class OrdinaryRoute(Form):
    """转一般程序: why it cannot be granted on a promise."""

    ground: UnfitForPromise = Field(title="不能以告知承诺方式办理的情形")
    reason: LongText = Field(title="核实的情况和理由")


# Steps that other code refers to, with what is filled in at them.
INFORM = StepName("inform", Blank)
STUDY = StepName("study", Answers)
COMMIT = StepName("commit", Commitment)
WITHDRAW_COMMITMENT = StepName("withdraw_commitment", Reasoned)
TURN_TO_ORDINARY = StepName("turn_to_ordinary", OrdinaryRoute)
DECLINE = StepName("decline", Blank)
CHECK_SITE = StepName("check_site", Look)
